#pragma once
// Connection: a socket that connects to a publisher, and what is known of its handshakes.
//
// libzmq connects again by itself, but for one case: once a handshake was refused, or the two sides
// did not speak alike, it never tries again (libzmq 4.3). Such a connection is dead, and its owner
// makes another. Belongs to one thread.

#include <string>
#include <vector>
#include <zmq.hpp>

#include "messaging/zmq_monitor.hpp"
#include "ticketing/messaging/bus_security.hpp"

namespace ticketing::zmq_driver {

/// As whom to speak to whom.
struct Credentials {
  KeyPair keys;
  std::string server_key;
};

class Connection {
 public:
  /// Borrows `credentials`; nullptr: in the clear. Throws zmq::error_t for what is no endpoint.
  Connection(zmq::context_t& context, zmq::socket_type type, std::string endpoint,
             int queue_messages_max, const Credentials* credentials);

  zmq::socket_t& socket() { return socket_; }
  const std::string& endpoint() const { return endpoint_; }
  void append_poll_items(std::vector<zmq::pollitem_t>& items);

  /// Takes in what became of handshakes; true when trouble() has changed.
  bool notice();
  /// The publisher has answered.
  void on_answer();
  /// Why the publisher cannot be spoken to, and what to do; empty: nothing is known to be wrong.
  const std::string& trouble() const { return trouble_; }
  bool is_dead() const { return is_dead_; }

 private:
  void note(HandshakeFailure failure);

  std::string endpoint_;
  bool encrypted_;
  zmq::socket_t socket_;
  Monitor monitor_;
  std::string trouble_;
  bool is_dead_ = false;
  bool has_answered_ = false;
  int broken_off_ = 0;
};

}  // namespace ticketing::zmq_driver
