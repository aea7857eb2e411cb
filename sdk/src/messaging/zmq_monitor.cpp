#include "messaging/zmq_monitor.hpp"

#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>

#include "messaging/zmq_socket.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::zmq_driver {

namespace {

constexpr int kEvents = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                        ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

std::string fresh_endpoint() {
  static std::atomic<int> count{0};
  return "inproc://ticketing-monitor-" + std::to_string(++count);
}

/// The event's number stands at the front of the first frame, in the machine's byte order.
std::uint16_t event_of(const wire::Frames& message) {
  std::uint16_t event = 0;
  TICKETING_ASSERT(message.front().size() >= sizeof event);
  std::memcpy(&event, message.front().data(), sizeof event);
  return event;
}

}  // namespace

std::string_view word_of(HandshakeFailure failure) {
  switch (failure) {
    case HandshakeFailure::refused:
      return "refused";
    case HandshakeFailure::protocol:
      return "protocol";
    case HandshakeFailure::broken_off:
      return "broken_off";
  }
  return "unknown";
}

Monitor::Monitor(zmq::context_t& context, zmq::socket_t& watched)
    : socket_(context, zmq::socket_type::pair) {
  const std::string endpoint = fresh_endpoint();
  const int result = ::zmq_socket_monitor(watched.handle(), endpoint.c_str(), kEvents);
  TICKETING_ASSERT(result == 0);
  // Without a bound: libzmq reports from its I/O thread, and a full queue would hold that up.
  socket_.set(zmq::sockopt::rcvhwm, 0);
  socket_.set(zmq::sockopt::linger, 0);
  socket_.connect(endpoint);
}

std::optional<HandshakeFailure> Monitor::next() {
  const auto message = receive(socket_);
  if (!message) return std::nullopt;
  const std::uint16_t event = event_of(*message);
  if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) return HandshakeFailure::refused;
  if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL) return HandshakeFailure::protocol;
  return HandshakeFailure::broken_off;
}

}  // namespace ticketing::zmq_driver
