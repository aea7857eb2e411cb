#include "messaging/zmq_peer.hpp"

#include <algorithm>
#include <set>

#include "messaging/zmq_socket.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::zmq_driver {

namespace {

constexpr int kMessagesPerTurn = 2'000;
constexpr std::size_t kAskedMax = 1'000;
constexpr std::string_view kInproc = "inproc://";

}  // namespace

Peer::Peer(zmq::context_t& context, std::string endpoint, int queue_messages_max, Logger& logger)
    : context_(context),
      endpoint_(std::move(endpoint)),
      logger_(logger),
      live_(context, zmq::socket_type::sub) {
  live_.set(zmq::sockopt::linger, 0);
  live_.set(zmq::sockopt::rcvhwm, queue_messages_max);
  live_.set(zmq::sockopt::reconnect_ivl, 20);
  live_.set(zmq::sockopt::reconnect_ivl_max, 500);
  live_.set(zmq::sockopt::ipv6, endpoint_.starts_with("tcp://["));
  live_.connect(endpoint_);
}

void Peer::append_poll_items(std::vector<zmq::pollitem_t>& items) {
  items.push_back({live_.handle(), 0, ZMQ_POLLIN, 0});
  if (fetch_) items.push_back({fetch_->handle(), 0, ZMQ_POLLIN, 0});
}

bool Peer::receive_some() {
  for (int i = 0; i < kMessagesPerTurn; ++i) {
    auto live = receive(live_);
    auto answer = fetch_ ? receive(*fetch_) : std::nullopt;
    if (!live && !answer) return false;
    try {
      if (live) on_live(std::move(*live));
      if (answer) on_answer(std::move(*answer));
    } catch (const Error& error) {
      // A publisher of another version or a stray program; what it should have sent is fetched.
      logger_.warning("dropped a message from the bus",
                      {{"endpoint", endpoint_}, {"reason", error.what()}});
    }
  }
  return true;
}

Peer::Time Peer::step(Time now) {
  bool must_join = wants_any_ && join_topic_.empty();
  Time deadline = Time::max();
  for (const auto& follower : followers_) {
    Subscription::Actions actions = follower->core.step(now);
    must_join |= actions.join;
    if (actions.fetch) ask(*follower, *actions.fetch);
    if (actions.report && fetch_) send(*fetch_, {wire::encode(*actions.report)});
    if (actions.deliver) follower->deliver(std::move(actions.deliver));
    deadline = std::min(deadline, follower->core.next_deadline());
  }
  if (must_join) join();
  return deadline;
}

/// Subscribes to everything, and last to a topic of our own: the publisher's answer on it proves
/// that the subscriptions before it are in force.
void Peer::join() {
  std::set<std::string> subjects{wanted_.begin(), wanted_.end()};
  bool all = wants_any_ && wanted_.empty();
  for (const auto& follower : followers_) {
    const auto& own = follower->core.options().subjects;
    subjects.insert(own.begin(), own.end());
    all |= own.empty();
  }
  if (all) subjects = {""};
  for (const std::string& subject : subjects) live_.set(zmq::sockopt::subscribe, subject);
  live_.set(zmq::sockopt::subscribe, wire::kBeatTopic);
  if (!join_topic_.empty()) live_.set(zmq::sockopt::unsubscribe, join_topic_);
  join_topic_ = std::string{wire::kJoinTopic} + random_hex(system_random(), 8);
  live_.set(zmq::sockopt::subscribe, join_topic_);
}

void Peer::on_live(wire::Frames message) {
  if (message.front() == wire::kBeatTopic) return on_positions(message, false);
  if (message.front() == join_topic_) return on_positions(message, true);
  if (message.front().starts_with('~')) return;  // Someone else's join.
  if (message.size() != 3) throw Error(ErrorCode::invalid, "an event of other than 3 frames");
  const wire::Position position = wire::decode_position(message[1]);
  for (const auto& follower : followers_) {
    if (follower->core.options().log != position.log) continue;
    follower->core.on_event(position, message[0], message[2]);
  }
}

void Peer::on_positions(const wire::Frames& message, bool is_hello) {
  for (std::size_t i = 1; i < message.size(); ++i) {
    const wire::Position position = wire::decode_position(message[i]);
    connect_fetch(position.fetch);
    const auto follows = [&](const auto& f) { return f->core.options().log == position.log; };
    if (on_new_log && std::none_of(followers_.begin(), followers_.end(), follows)) {
      on_new_log(position);
    }
    for (const auto& follower : followers_) {
      if (!follows(follower)) continue;
      is_hello ? follower->core.on_hello(position) : follower->core.on_beat(position);
    }
  }
}

void Peer::on_answer(wire::Frames message) {
  wire::FetchAnswer answer = wire::decode_fetch_answer(std::move(message));
  const auto asked = asked_.find(answer.number);
  if (asked == asked_.end()) return;
  answer.number = asked->second.second;
  const auto follower = asked->second.first.lock();
  asked_.erase(asked);
  if (follower) follower->core.on_fetched(std::move(answer));
}

void Peer::ask(Follower& follower, const wire::FetchRequest& request) {
  if (!fetch_) return;  // Asked again after the core's timeout.
  const auto self = std::find_if(followers_.begin(), followers_.end(),
                                 [&](const auto& f) { return f.get() == &follower; });
  if (asked_.size() >= kAskedMax) asked_.erase(asked_.begin());  // Answers that never came.
  wire::FetchRequest numbered = request;
  numbered.number = ++next_number_;
  asked_.emplace(numbered.number, std::pair{std::weak_ptr{*self}, request.number});
  send(*fetch_, {wire::encode(numbered)});
}

/// Connects the fetch socket to where the publisher says; anew when it has moved.
void Peer::connect_fetch(const std::string& announced) {
  std::string target = endpoint_ + "-fetch";
  if (!endpoint_.starts_with(kInproc)) {
    const std::size_t star = announced.find('*');
    const std::size_t host_at = std::string_view{"tcp://"}.size();
    const std::string host = endpoint_.substr(host_at, endpoint_.rfind(':') - host_at);
    target = announced;
    if (star != std::string::npos) target.replace(star, 1, host);
  }
  if (fetch_ && target == fetch_endpoint_) return;
  fetch_.reset();
  zmq::socket_t socket{context_, zmq::socket_type::dealer};
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::reconnect_ivl, 20);
  socket.set(zmq::sockopt::reconnect_ivl_max, 500);
  socket.set(zmq::sockopt::ipv6, target.starts_with("tcp://["));
  try {
    socket.connect(target);
  } catch (const zmq::error_t&) {
    throw Error(ErrorCode::invalid, "the publisher names no endpoint to fetch from: " + target);
  }
  fetch_ = std::move(socket);
  fetch_endpoint_ = target;
}

}  // namespace ticketing::zmq_driver
