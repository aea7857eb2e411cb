#pragma once
// Monitor: hears from libzmq which handshakes of a socket failed. Belongs to the thread that polls
// it, which need not be the socket's.

#include <optional>
#include <string_view>
#include <zmq.hpp>

namespace ticketing::zmq_driver {

enum class HandshakeFailure {
  refused,     ///< By whoever decides about keys: ours or the other side's.
  protocol,    ///< The two do not speak alike: no CURVE on one side, a wrong server key, no ZMTP.
  broken_off,  ///< The other side left, or took too long.
};

/// The metric's label.
std::string_view word_of(HandshakeFailure failure);

class Monitor {
 public:
  /// Before `watched` binds or connects, on its thread. Hears until `watched` closes.
  Monitor(zmq::context_t& context, zmq::socket_t& watched);
  /// The next failure, or nullopt when none waits.
  std::optional<HandshakeFailure> next();
  zmq::pollitem_t poll_item() { return {socket_.handle(), 0, ZMQ_POLLIN, 0}; }

 private:
  zmq::socket_t socket_;
};

}  // namespace ticketing::zmq_driver
