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

/// Empty unless the publisher says that we may not read what we asked for.
std::string denial_in(const wire::FetchAnswer& answer, const std::string& endpoint) {
  const std::string word{policy_of(ErrorCode::unauthorized).word};
  if (!answer.error.starts_with(word + ' ')) return {};
  return "the publisher at " + endpoint + " says: " + answer.error.substr(word.size() + 1);
}

}  // namespace

Peer::Peer(zmq::context_t& context, PeerOptions options, Logger& logger)
    : context_(context),
      options_(std::move(options)),
      logger_(logger),
      live_(connect(zmq::socket_type::sub, options_.endpoint)) {}

Connection Peer::connect(zmq::socket_type type, const std::string& endpoint) const {
  return Connection{context_, type, endpoint, options_.queue_messages_max, credentials()};
}

void Peer::append_poll_items(std::vector<zmq::pollitem_t>& items) {
  live_.append_poll_items(items);
  if (fetch_) fetch_->append_poll_items(items);
}

std::string Peer::trouble() const {
  if (!live_.trouble().empty() || !fetch_) return live_.trouble();
  return fetch_->trouble();
}

void Peer::notice() {
  const bool live_changed = live_.notice();
  const bool fetch_changed = fetch_ && fetch_->notice();
  if (!live_changed && !fetch_changed) return;
  for (const auto& follower : followers_) follower->denial = trouble();
}

bool Peer::receive_some() {
  notice();
  for (int i = 0; i < kMessagesPerTurn; ++i) {
    auto live = receive(live_.socket());
    auto answer = fetch_ ? receive(fetch_->socket()) : std::nullopt;
    if (!live && !answer) return false;
    try {
      if (live) on_live(std::move(*live));
      if (answer) on_answer(std::move(*answer));
    } catch (const Error& error) {
      // A publisher of another version or a stray program; what it should have sent is fetched.
      logger_.warning("dropped a message from the bus",
                      {{"endpoint", endpoint()}, {"reason", error.what()}});
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
    if (actions.report && fetch_) send(fetch_->socket(), {wire::encode(*actions.report)});
    if (actions.deliver) follower->deliver(std::move(actions.deliver));
    deadline = std::min(deadline, follower->core.next_deadline());
  }
  if (must_join) join();
  return deadline;
}

/// Subscribes to everything, and last to a topic of our own: the publisher's answer on it proves
/// that the subscriptions before it are in force.
void Peer::join() {
  if (live_.is_dead()) live_ = connect(zmq::socket_type::sub, options_.endpoint);
  std::set<std::string> subjects{wanted_.begin(), wanted_.end()};
  bool all = wants_any_ && wanted_.empty();
  for (const auto& follower : followers_) {
    const auto& own = follower->core.options().subjects;
    subjects.insert(own.begin(), own.end());
    all |= own.empty();
  }
  if (all) subjects = {""};
  zmq::socket_t& socket = live_.socket();
  for (const std::string& subject : subjects) socket.set(zmq::sockopt::subscribe, subject);
  socket.set(zmq::sockopt::subscribe, wire::kBeatTopic);
  if (!join_topic_.empty()) socket.set(zmq::sockopt::unsubscribe, join_topic_);
  join_topic_ = std::string{wire::kJoinTopic} + random_hex(system_random(), 8);
  socket.set(zmq::sockopt::subscribe, join_topic_);
}

void Peer::on_live(wire::Frames message) {
  if (message.front() == wire::kBeatTopic) return on_positions(message, false);
  if (message.front() == join_topic_) return on_positions(message, true);
  if (message.front().starts_with('~')) return;  // Someone else's join.
  if (message.size() != 3) throw Error(ErrorCode::invalid, "an event of other than 3 frames");
  const wire::Position position = wire::decode_position(message[1]);
  for (const auto& follower : followers_) {
    if (follower->core.options().log != position.log) continue;
    follower->core.input().on_event(position, message[0], message[2]);
  }
}

void Peer::on_positions(const wire::Frames& message, bool is_hello) {
  live_.on_answer();
  for (std::size_t i = 1; i < message.size(); ++i) {
    const wire::Position position = wire::decode_position(message[i]);
    connect_fetch(position.fetch);
    const auto follows = [&](const auto& f) { return f->core.options().log == position.log; };
    if (on_new_log && std::none_of(followers_.begin(), followers_.end(), follows)) {
      on_new_log(position);
    }
    for (const auto& follower : followers_) {
      if (!follows(follower)) continue;
      is_hello ? on_hello(*follower, position) : follower->core.input().on_beat(position);
    }
  }
}

/// Over CURVE it may be that we may not read what we want. Asking for nothing tells, before the
/// core takes silence for the absence of events.
void Peer::on_hello(Follower& follower, const wire::Position& position) {
  if (!options_.credentials) {
    follower.denial.clear();
    return follower.core.input().on_hello(position);
  }
  wire::FetchRequest nothing;
  nothing.log = position.log;
  nothing.query.subjects = follower.core.options().subjects;
  nothing.query.after = nothing.query.until = position.offset;
  nothing.query.count_max = 1;
  ask(follower, nothing, position);
}

void Peer::on_answer(wire::Frames message) {
  wire::FetchAnswer answer = wire::decode_fetch_answer(std::move(message));
  const auto asked = asked_.find(answer.number);
  if (asked == asked_.end()) return;
  const Asked question = std::move(asked->second);
  asked_.erase(asked);
  fetch_->on_answer();
  const auto follower = question.follower.lock();
  if (!follower) return;
  follower->denial = denial_in(answer, endpoint());
  if (question.hello) {
    if (follower->denial.empty()) follower->core.input().on_hello(*question.hello);
    return;
  }
  answer.number = question.number;
  follower->core.input().on_fetched(std::move(answer));
}

void Peer::ask(Follower& follower, const wire::FetchRequest& request,
               std::optional<wire::Position> hello) {
  if (!fetch_) return;  // Asked again after the core's timeout.
  const auto self = std::find_if(followers_.begin(), followers_.end(),
                                 [&](const auto& f) { return f.get() == &follower; });
  if (asked_.size() >= kAskedMax) asked_.erase(asked_.begin());  // Answers that never came.
  wire::FetchRequest numbered = request;
  numbered.number = ++next_number_;
  asked_.emplace(numbered.number, Asked{*self, request.number, std::move(hello)});
  send(fetch_->socket(), {wire::encode(numbered)});
}

/// Connects the fetch socket to where the publisher says; anew when it has moved.
void Peer::connect_fetch(const std::string& announced) {
  const std::string& live = options_.endpoint;
  std::string target = live + "-fetch";
  if (!live.starts_with(kInproc)) {
    const std::size_t star = announced.find('*');
    const std::size_t host_at = std::string_view{"tcp://"}.size();
    const std::string host = live.substr(host_at, live.rfind(':') - host_at);
    target = announced;
    if (star != std::string::npos) target.replace(star, 1, host);
  }
  if (fetch_ && !fetch_->is_dead() && target == fetch_->endpoint()) return;
  fetch_.reset();
  try {
    fetch_ = connect(zmq::socket_type::dealer, target);
  } catch (const zmq::error_t&) {
    throw Error(ErrorCode::invalid, "the publisher names no endpoint to fetch from: " + target);
  }
}

}  // namespace ticketing::zmq_driver
