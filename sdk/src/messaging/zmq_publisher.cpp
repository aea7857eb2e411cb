#include "messaging/zmq_publisher.hpp"

#include "messaging/zmq_socket.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::zmq_driver {

namespace {

constexpr std::int64_t kSubscriptionBytesMax = 1 << 10;
/// So that whoever subscribes over and over does not hold up everyone's events.
constexpr int kJoinsPerTurn = 200;

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
                     const std::string& local_endpoint)
    : socket_(context, zmq::socket_type::xpub) {
  socket_.set(zmq::sockopt::linger, 200);
  socket_.set(zmq::sockopt::sndhwm, options.queue_messages_max);
  socket_.set(zmq::sockopt::maxmsgsize, kSubscriptionBytesMax);
  // Every join must come up here, also from a subscriber that reconnects before its old connection
  // was given up and so is not new to the socket.
  socket_.set(zmq::sockopt::xpub_verbose, 1);
  bind_socket(socket_, local_endpoint);
  if (!options.bind.empty()) endpoint_ = bind_socket(socket_, checked_endpoint(options.bind, true));
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
}

bool Publisher::answer_joins() {
  for (int i = 0; i < kJoinsPerTurn; ++i) {
    const auto message = receive(socket_);
    if (!message) return false;
    const std::string& text = message->front();
    const bool subscribes = !text.empty() && text.front() == '\1';
    if (!subscribes || text.compare(1, wire::kJoinTopic.size(), wire::kJoinTopic) != 0) continue;
    send(socket_, positions(text.substr(1)));
  }
  return true;
}

void Publisher::beat() { send(socket_, positions(std::string{wire::kBeatTopic})); }

wire::Frames Publisher::positions(std::string topic) const {
  wire::Frames frames{std::move(topic)};
  for (const auto& [name, relay] : relays_) frames.push_back(wire::encode(relay.position()));
  return frames;
}

}  // namespace ticketing::zmq_driver
