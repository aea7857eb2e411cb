// The part of the event loop that deals with one connection which it holds.

#include <sys/socket.h>

#include <cerrno>

#include "http/event_loop.hpp"

namespace ticketing::http {
namespace {

using State = RequestCollector::State;

/// How often one connection is read before others have their turn.
constexpr int kReadsAtOnce = 16;
constexpr std::chrono::milliseconds kDrainTime{1'000};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

constexpr Refusal kOverloaded{503, "The server is busy, try again soon", "overloaded"};

SteadyTime now() { return std::chrono::steady_clock::now(); }

}  // namespace

void EventLoop::proceed(Connection& connection, bool to_the_end) {
  if (connection.phase == Connection::Phase::writing && !finish_writing(connection)) return;
  if (connection.phase == Connection::Phase::draining) return drain(connection);
  read(connection, to_the_end);
}

void EventLoop::read(Connection& connection, bool to_the_end) {
  // Bytes of the next request may be here already.
  bool wanted = collect(connection, {}, true);
  for (int i = 0; wanted && i < kReadsAtOnce; ++i) {
    const ssize_t count = ::recv(connection.fd.get(), input_.data(), input_.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (count <= 0) return close(connection);
    const auto size = static_cast<std::size_t>(count);
    // A read that leaves room has emptied the socket: whatever comes later is a new edge.
    const bool more = to_the_end || size == input_.size();
    wanted = collect(connection, {input_.data(), size}, more);
    if (!more) return;
  }
  if (wanted) rearm(connection);
}

bool EventLoop::collect(Connection& connection, std::string_view bytes, bool more_to_read) {
  RequestCollector& collector = connection.collector;
  for (;; bytes = {}) {
    const bool was_empty = collector.state() == State::empty;
    const State state = collector.take(bytes);
    hold(connection, collector.bytes_held(), shared_.counters);
    if (state == State::refused) {
      ++shared_.counters.refused_limits;
      refuse(connection, collector.refusal());
      return false;
    }
    if (state != State::complete) return await_rest(connection, was_empty);
    if (!hand_to_worker(connection, more_to_read)) return false;
  }
}

bool EventLoop::await_rest(Connection& connection, bool was_empty) {
  const RequestCollector& collector = connection.collector;
  const HttpLimits& limits = shared_.limits;
  if (collector.state() == State::empty) return true;
  if (shared_.counters.bytes_held > limits.bytes_held_max) {
    ++shared_.counters.refused_overload;
    refuse(connection, kOverloaded);
    return false;
  }
  if (was_empty) {
    connection.first_byte = now();
    connection.continue_sent = false;
  }
  const bool in_body = collector.state() == State::body;
  connection.deadline =
      connection.first_byte + (in_body ? limits.request_deadline : limits.header_deadline);
  const bool invited = connection.continue_sent || collector.has_body_bytes();
  if (in_body && collector.framing().expects_continue && !invited) {
    connection.continue_sent = true;
    // It fits: nothing else is on its way to a client that waits for it.
    (void)::send(connection.fd.get(), kContinue.data(), kContinue.size(), MSG_NOSIGNAL);
  }
  return true;
}

/// True when no worker could be had and the connection was answered here.
bool EventLoop::hand_to_worker(Connection& connection, bool more_to_read) {
  using Baton = Connection::Baton;
  WholeRequest whole = connection.collector.hand_out();
  connection.close_after = !whole.framing.keep_alive;
  connection.head = std::move(whole.head);
  connection.request.body = std::move(whole.body);
  connection.attempts = 0;
  connection.arrived = now();
  // From push() on it is the worker's, so the baton changes before.
  connection.baton = more_to_read ? Baton::worker_with_event : Baton::worker;
  if (shared_.queue.push(connection)) return false;
  connection.baton = Baton::loop;
  ++shared_.counters.refused_overload;
  const bool after_head = connection.head.starts_with("HEAD ");
  forget_request(connection);
  return send_answer(connection, 503, kOverloaded, after_head) &&
         connection.phase == Connection::Phase::reading;
}

void EventLoop::refuse(Connection& connection, const Refusal& refusal) {
  connection.close_after = true;
  send_answer(connection, refusal.status, refusal, false);
}

bool EventLoop::send_answer(Connection& connection, int status, const Refusal& refusal,
                            bool after_head) {
  const std::string id = request_id({});
  shared_.logger.debug("request refused",
                       {{kCorrelationField, id}, {"code", std::string{refusal.code}}});
  Response response = error_response(status, refusal.message, refusal.code);
  httplib_.write(std::move(response.with("X-Request-Id", id)), after_head, connection.close_after,
                 connection.out);
  connection.phase = Connection::Phase::writing;
  connection.deadline = now() + shared_.limits.request_deadline;
  return finish_writing(connection);
}

bool EventLoop::finish_writing(Connection& connection) {
  const Sending sending = send_out(connection);
  if (sending == Sending::blocked) return false;
  if (sending == Sending::failed || (connection.close_after && stopping())) {
    close(connection);
    return false;
  }
  if (connection.close_after) {
    start_draining(connection);
  } else {
    connection.phase = Connection::Phase::reading;
    connection.deadline = now() + shared_.limits.idle_deadline;
  }
  hold(connection, connection.collector.bytes_held(), shared_.counters);
  return true;
}

void EventLoop::start_draining(Connection& connection) {
  // Closing with unread input would reset the connection and take the answer away from the client.
  ::shutdown(connection.fd.get(), SHUT_WR);
  connection.collector.clear();
  connection.phase = Connection::Phase::draining;
  connection.deadline = now() + kDrainTime;
  rearm(connection);
}

void EventLoop::drain(Connection& connection) {
  for (int i = 0; i < kReadsAtOnce; ++i) {
    const ssize_t count = ::recv(connection.fd.get(), input_.data(), input_.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (count <= 0) return close(connection);
  }
  rearm(connection);
}

}  // namespace ticketing::http
