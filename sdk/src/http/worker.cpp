#include "http/worker.hpp"

#include <sys/socket.h>

#include <utility>

#include "http/event_loop.hpp"
#include "http/forwarded.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing::http {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

Response malformed() {
  return error_response(kMalformed.status, kMalformed.message, kMalformed.code);
}

/// Paths end up in logs, metrics and JSON.
bool is_clean_path(std::string_view path) {
  for (const char c : path) {
    if ((c >= 0 && c < 0x20) || c == 0x7f) return false;
  }
  return is_utf8(path);
}

}  // namespace

void Worker::run() {
  while (Connection* connection = shared_.queue.pop()) {
    const bool reads = connection->reads;  // Served, it is not ours any more.
    serve(*connection);
    shared_.queue.done(reads);
  }
}

void Worker::serve(Connection& connection) {
  const std::uint64_t epoch = shared_.room.epoch();
  const bool waited_long = now() - connection.arrived >= shared_.limits.request_deadline;
  if (!attempt(connection, shared_.room.closed() || waited_long)) {
    if (shared_.room.park(connection, epoch, now())) return;  // It is not ours any more.
    attempt(connection, true);
  }
  finish(connection);
}

bool Worker::attempt(Connection& connection, bool last) {
  // A server that stops answers what it has, and no more.
  if (shared_.room.closed()) connection.close_after = true;
  if (connection.attempts == 0) {
    connection.request.headers = header_fields(connection.head);
    connection.request.id = request_id(connection.request);
    connection.request.remote = client_address(connection.remote, connection.request.headers,
                                               shared_.options.trusted_proxies);
  }
  const auto outcome = httplib_.run(
      request_line(connection.head), connection.close_after,
      [&](Request& parsed) { return answer(connection, parsed, last); }, connection.out);
  ++connection.attempts;
  if (outcome == HttplibAdapter::Outcome::malformed) {
    ++shared_.counters.refused_limits;
    connection.close_after = true;
    httplib_.write(malformed().with("X-Request-Id", connection.request.id), false, true,
                   connection.out);
  }
  return outcome != HttplibAdapter::Outcome::waiting;
}

std::optional<Response> Worker::answer(Connection& connection, Request& parsed, bool last) {
  Request& request = connection.request;
  if (connection.attempts == 0) {
    request.method = std::move(parsed.method);
    request.path = std::move(parsed.path);
    request.query = std::move(parsed.query);
  }
  auto response = is_clean_path(request.path) ? call_handler(connection, last) : malformed();
  if (!response && last) response = failure(connection, "no answer at the last attempt");
  if (response) response->with("X-Request-Id", request.id);
  return response;
}

std::optional<Response> Worker::call_handler(Connection& connection, bool last) {
  const Attempt attempt{connection.attempts, now() - connection.arrived, last};
  try {
    return shared_.handler(connection.request, attempt).response;
  } catch (const Error& error) {
    Response response = error_response(error);
    if (response.status < 500) return response;
    failure(connection, error.what());
    return response;
  } catch (const std::exception& error) {
    return failure(connection, error.what());
  } catch (...) {
    return failure(connection, "not an exception type");
  }
}

Response Worker::failure(const Connection& connection, std::string_view reason) {
  shared_.logger.error("request failed", {{kCorrelationField, connection.request.id},
                                          {"method", connection.request.method},
                                          {"path", connection.request.path},
                                          {"reason", std::string{reason}}});
  return error_response(500, "Something went wrong", "internal");
}

void Worker::finish(Connection& connection) {
  shared_.room.leave(connection);
  ++shared_.counters.requests;
  forget_request(connection);
  const Sending sending = send(connection);
  const bool idle = sending == Sending::done && !connection.close_after;
  connection.phase = idle ? Connection::Phase::reading : Connection::Phase::writing;
  connection.deadline =
      now() + (idle ? shared_.limits.idle_deadline : shared_.limits.request_deadline);
  const bool waits_for_socket =
      sending == Sending::blocked || (idle && connection.collector.bytes_held() == 0);
  loop_.give_back(connection, waits_for_socket);
}

Sending Worker::send(Connection& connection) {
  const Sending sending = send_out(connection);
  const auto keep = [&] {
    const std::size_t bytes = connection.collector.bytes_held() + connection.out.size();
    hold(connection, bytes, shared_.counters);
    return shared_.counters.bytes_held - bytes;
  };
  const std::size_t of_others = keep();
  if (sending != Sending::blocked || of_others <= shared_.limits.bytes_held_max) return sending;
  ++shared_.counters.refused_overload;
  ::shutdown(connection.fd.get(), SHUT_RDWR);
  connection.close_after = true;
  std::string{}.swap(connection.out);
  connection.sent = 0;
  keep();
  return Sending::failed;
}

}  // namespace ticketing::http
