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
/// Who sent a message.
struct Sender {
  bool is_outside = false;  ///< Came over the network, and not from this process.
  std::string name;         ///< In the allow-list; empty without CURVE.
};

/// The next message, or nullopt when none waits.
std::optional<wire::Frames> receive(zmq::socket_t& socket, Sender* sender = nullptr);

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

/// `tcp://host:port` of an endpoint to connect to, checked. Throws Error(invalid).
std::string checked_endpoint(const std::string& endpoint);
/// The same of one to bind to, whose port may be `*` or 0: any. Off this host only when
/// `encrypted`.
std::string checked_bind(const std::string& endpoint, bool encrypted);

}  // namespace ticketing::zmq_driver
