#include "http/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "ticketing/core/random.hpp"
#include "ticketing/core/time.hpp"

namespace ticketing::http {
namespace {

bool is_sane_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace

void forget_request(Connection& connection) {
  // Moved out and not assigned over: an assignment would keep the body's memory.
  const Request request = std::exchange(connection.request, {});
  const std::string head = std::exchange(connection.head, {});
}

Sending send_out(Connection& connection) {
  const std::string& out = connection.out;
  while (connection.sent < out.size()) {
    const ssize_t count = ::send(connection.fd.get(), out.data() + connection.sent,
                                 out.size() - connection.sent, MSG_NOSIGNAL);
    if (count >= 0) {
      connection.sent += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return Sending::blocked;
    } else if (errno != EINTR) {
      return Sending::failed;
    }
  }
  std::string{}.swap(connection.out);  // Idle connections hold no memory.
  connection.sent = 0;
  return Sending::done;
}

void hold(Connection& connection, std::size_t bytes, Counters& counters) {
  // Unsigned arithmetic: a decrease wraps around to what it should be.
  if (bytes != connection.bytes_held) counters.bytes_held += bytes - connection.bytes_held;
  connection.bytes_held = bytes;
}

std::string request_id(const Request& request) {
  const auto given = request.header("X-Request-Id");
  if (given && is_sane_id(*given)) return std::string{*given};
  return new_id(system_clock().now(), system_random());
}

}  // namespace ticketing::http
