#include "messaging/zmq_publisher.hpp"

#include <algorithm>

#include "messaging/zmq_socket.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::zmq_driver {

namespace {

constexpr std::int64_t kSubscriptionBytesMax = 1 << 10;
/// So that whoever subscribes over and over does not hold up everyone's events.
constexpr int kJoinsPerTurn = 200;
/// How long those that only hear heartbeats may be left without news.
constexpr std::chrono::milliseconds kRingPause{10};

zmq::socket_t live_socket(zmq::context_t& context, const BusOptions& options) {
  zmq::socket_t socket{context, zmq::socket_type::xpub};
  socket.set(zmq::sockopt::linger, 200);
  socket.set(zmq::sockopt::sndhwm, options.queue_messages_max);
  socket.set(zmq::sockopt::maxmsgsize, kSubscriptionBytesMax);
  // Every join must come up here, also from a subscriber that reconnects before its old connection
  // was given up and so is not new to the socket.
  socket.set(zmq::sockopt::xpub_verbose, 1);
  return socket;
}

}  // namespace

std::string bind_socket(zmq::socket_t& socket, const std::string& endpoint) {
  try {
    socket.set(zmq::sockopt::ipv6, endpoint.starts_with("tcp://["));
    socket.bind(endpoint);
  } catch (const zmq::error_t& error) {
    throw Error(ErrorCode::unavailable,
                "cannot bind the bus to " + endpoint + ": " + error.what() +
                    "; stop the program that uses it, or choose another with --bus-bind");
  }
  return socket.get(zmq::sockopt::last_endpoint);
}

Publisher::Publisher(zmq::context_t& context, const BusOptions& options,
                     const std::string& local_endpoint, Gate& gate)
    : socket_(live_socket(context, options)), beat_(options.beat) {
  const bool encrypted = gate.security() != nullptr;
  gate.guard(socket_, zap::kLive);
  bind_socket(socket_, local_endpoint);
  if (options.bind.empty()) return;
  endpoint_ = bind_socket(socket_, checked_bind(options.bind, encrypted));
  if (options.limited_bind.empty()) return;
  limited_ = live_socket(context, options);
  gate.guard(*limited_, zap::kLimited);
  limited_endpoint_ = bind_socket(*limited_, checked_bind(options.limited_bind, encrypted));
}

void Publisher::host(const HostedLog& log, const std::string& fetch_endpoint) {
  relays_.emplace(log.name, Relay{log.name, log.id, log.head, fetch_endpoint});
}

void Publisher::committed(const std::string& log, std::vector<LogEntry> entries) {
  const auto relay = relays_.find(log);
  TICKETING_ASSERT(relay != relays_.end());
  // XPUB drops what a slow subscriber has no room for; it fetches that later.
  for (const wire::Frames& message : relay->second.committed(std::move(entries))) {
    send(socket_, message);
  }
  has_news_ = limited_.has_value();
}

bool Publisher::answer_joins() {
  const bool more = limited_ && answer_joins(*limited_);
  return answer_joins(socket_) || more;
}

bool Publisher::answer_joins(zmq::socket_t& socket) {
  for (int i = 0; i < kJoinsPerTurn; ++i) {
    const auto message = receive(socket);
    if (!message) return false;
    const std::string& text = message->front();
    const bool subscribes = !text.empty() && text.front() == '\1';
    if (!subscribes || text.compare(1, wire::kJoinTopic.size(), wire::kJoinTopic) != 0) continue;
    send(socket, positions(text.substr(1)));
  }
  return true;
}

Publisher::Time Publisher::step(Time now) {
  const bool beats = now >= next_beat_;
  const bool rings = beats || (has_news_ && now >= next_ring_);
  if (!rings) return has_news_ ? std::min(next_beat_, next_ring_) : next_beat_;
  const wire::Frames message = positions(std::string{wire::kBeatTopic});
  if (beats) send(socket_, message);
  if (limited_) send(*limited_, message);
  if (beats) next_beat_ = now + beat_;
  next_ring_ = now + kRingPause;
  has_news_ = false;
  return next_beat_;
}

void Publisher::append_poll_items(std::vector<zmq::pollitem_t>& items) {
  items.push_back({socket_.handle(), 0, ZMQ_POLLIN, 0});
  if (limited_) items.push_back({limited_->handle(), 0, ZMQ_POLLIN, 0});
}

wire::Frames Publisher::positions(std::string topic) const {
  wire::Frames frames{std::move(topic)};
  for (const auto& [name, relay] : relays_) frames.push_back(wire::encode(relay.position()));
  return frames;
}

}  // namespace ticketing::zmq_driver
