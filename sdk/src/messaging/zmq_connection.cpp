#include "messaging/zmq_connection.hpp"

#include <utility>

namespace ticketing::zmq_driver {

namespace {

/// Fewer may be a publisher that was stopped at that moment.
constexpr int kBrokenOffMax = 3;

/// When the two do not speak alike, it depends on who is faster whether we see that, or are left.
std::string complaint(HandshakeFailure failure, const std::string& endpoint, bool encrypted) {
  const std::string who = "the publisher at " + endpoint;
  if (failure == HandshakeFailure::refused) {
    return who + " does not let this process in: its --bus-allow must have the key of this " +
           "process, and unless that may read *, its --bus-limited-bind is the place to connect to";
  }
  if (!encrypted) return who + " wants encryption, or is none: give --bus-key and --bus-allow";
  return who + " does not complete the handshake: does it have --bus-key and --bus-allow, and is " +
         "its key the one that stands in ours?";
}

}  // namespace

Connection::Connection(zmq::context_t& context, zmq::socket_type type, std::string endpoint,
                       int queue_messages_max, const Credentials* credentials)
    : endpoint_(std::move(endpoint)),
      encrypted_(credentials != nullptr),
      socket_(context, type),
      monitor_(context, socket_) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::rcvhwm, queue_messages_max);
  socket_.set(zmq::sockopt::reconnect_ivl, 20);
  socket_.set(zmq::sockopt::reconnect_ivl_max, 500);
  socket_.set(zmq::sockopt::ipv6, endpoint_.starts_with("tcp://["));
  if (encrypted_) {
    socket_.set(zmq::sockopt::curve_publickey, credentials->keys.public_key);
    socket_.set(zmq::sockopt::curve_secretkey, credentials->keys.secret_key);
    socket_.set(zmq::sockopt::curve_serverkey, credentials->server_key);
  }
  socket_.connect(endpoint_);
}

void Connection::append_poll_items(std::vector<zmq::pollitem_t>& items) {
  items.push_back({socket_.handle(), 0, ZMQ_POLLIN, 0});
  items.push_back(monitor_.poll_item());
}

bool Connection::notice() {
  const std::string before = trouble_;
  while (const auto failure = monitor_.next()) note(*failure);
  return trouble_ != before;
}

void Connection::note(HandshakeFailure failure) {
  if (failure == HandshakeFailure::broken_off) {
    // What has answered before is down, or behind a proxy whose other side is.
    if (has_answered_ || ++broken_off_ < kBrokenOffMax) return;
  } else {
    is_dead_ = true;
  }
  trouble_ = complaint(failure, endpoint_, encrypted_);
}

void Connection::on_answer() {
  has_answered_ = true;
  if (!is_dead_) trouble_.clear();
}

}  // namespace ticketing::zmq_driver
