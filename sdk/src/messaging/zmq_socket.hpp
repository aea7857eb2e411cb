#pragma once
// What the ZeroMQ drivers share: frames in and out of sockets, and a bell that wakes a poll.

#include <chrono>
#include <optional>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "ticketing/messaging/wire.hpp"

namespace ticketing::zmq_driver {

/// Sends one message. Never blocks: false when the socket cannot take it now.
bool send(zmq::socket_t& socket, const wire::Frames& frames);
/// The next message, or nullopt when none waits.
std::optional<wire::Frames> receive(zmq::socket_t& socket);

/// Waits until one of `items` is ready, `timeout` has passed (negative: never) or a signal came.
/// True when one is ready.
bool wait(std::vector<zmq::pollitem_t>& items, std::chrono::milliseconds timeout);

/// Wakes a thread that polls: any thread may ring, one thread polls and clears.
class Bell {
 public:
  Bell();
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  void ring();
  void clear();
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// `tcp://host:port` of an endpoint, checked. Port may be `*` or 0 (both: any) when `binding`, and
/// a bind must be to loopback: off-host needs encryption. Throws Error(invalid).
std::string checked_endpoint(const std::string& endpoint, bool binding);

}  // namespace ticketing::zmq_driver
