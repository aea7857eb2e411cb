#include "ticketing/messaging/tail.hpp"

#include <algorithm>
#include <deque>
#include <zmq.hpp>

#include "messaging/zmq_peer.hpp"
#include "messaging/zmq_socket.hpp"
#include "ticketing/core/error.hpp"
#include "ticketing/messaging/bus_security.hpp"

namespace ticketing {

using zmq_driver::Peer;

class EventTail::Impl {
 public:
  explicit Impl(TailOptions options) : options_(std::move(options)) {
    for (const std::string& endpoint : options_.endpoints) {
      auto peer = std::make_unique<Peer>(context_, peer_options(endpoint), null_logger());
      peer->want(options_.subjects);
      peer->on_new_log = [this, raw = peer.get()](const wire::Position& position) {
        follow(*raw, position);
      };
      peers_.push_back(std::move(peer));
    }
    join();
  }

  std::optional<TailedEvent> next(std::chrono::milliseconds timeout) {
    const auto deadline = system_clock().monotonic() + timeout;
    while (events_.empty()) {
      const auto now = system_clock().monotonic();
      if (now >= deadline && !turn(now)) break;
      if (now < deadline) turn(deadline);
    }
    if (events_.empty()) return std::nullopt;
    const Received event = std::move(events_.front());
    events_.pop_front();
    TailedEvent tailed{event.log, decode_envelope(event.envelope)};
    tailed.envelope.from_snapshot = event.from_snapshot;
    return tailed;
  }

  bool caught_up() const {
    if (!events_.empty()) return false;
    for (const auto& peer : peers_) {
      if (peer->followers().empty()) return false;
      for (const auto& follower : peer->followers()) {
        if (!follower->core.caught_up()) return false;
      }
    }
    return true;
  }

  const std::vector<std::string>& logs() const { return logs_; }

 private:
  static constexpr int kQueueMessagesMax = 100'000;

  struct Received {
    std::string log;
    std::string envelope;
    bool from_snapshot;
  };

  zmq_driver::PeerOptions peer_options(const std::string& peer) const {
    const std::size_t equals = peer.find('=');
    const bool has_name = equals < peer.find("://");
    const std::string endpoint =
        zmq_driver::checked_endpoint(has_name ? peer.substr(equals + 1) : peer);
    if (!options_.security) return {endpoint, kQueueMessagesMax, std::nullopt};
    if (!has_name) {
      throw Error(ErrorCode::invalid, "say whose events are at " + endpoint + ", by its name in " +
                                          options_.security->allow_file +
                                          ": --peer NAME=" + endpoint);
    }
    const std::string& key = options_.security->key_of(peer.substr(0, equals));
    return {endpoint, kQueueMessagesMax, zmq_driver::Credentials{options_.security->keys, key}};
  }

  void follow(Peer& peer, const wire::Position& position) {
    SubscriptionOptions options;
    options.log = position.log;
    options.subjects = options_.subjects;
    // "From now on" is from the head that the publisher has just told.
    const std::int64_t wanted = options_.from ? *options_.from - 1 : position.offset;
    const auto start = std::clamp<std::int64_t>(wanted, 0, position.offset);
    auto follower = std::make_shared<Follower>("tail", options, Cursor{position.log_id, start});
    follower->deliver = [this, raw = follower.get()](std::shared_ptr<const Batch> batch) {
      for (const ReceivedEvent& event : batch->events) {
        events_.push_back({batch->log, event.envelope, event.offset <= batch->horizon});
      }
      raw->core.on_applied();
    };
    peer.add(std::move(follower));
    logs_.push_back(position.log);
  }

  /// Waits for every publisher to say hello.
  void join() {
    const auto deadline = system_clock().monotonic() + options_.join_timeout;
    for (const auto& peer : peers_) {
      while (!has_joined(*peer)) {
        if (system_clock().monotonic() >= deadline) {
          throw Error(ErrorCode::unavailable,
                      "no publisher answers at " + peer->endpoint() +
                          "; is the server running, with --bus-bind there?");
        }
        turn(deadline);
      }
    }
  }

  static bool has_joined(const Peer& peer) {
    const auto& followers = peer.followers();
    return !followers.empty() &&
           std::all_of(followers.begin(), followers.end(),
                       [](const auto& follower) { return follower->core.joined(); });
  }

  static void require_welcome(const Peer& peer) {
    std::string reason = peer.trouble();
    for (const auto& follower : peer.followers()) {
      if (reason.empty()) reason = follower->denial;
    }
    if (!reason.empty()) throw Error(ErrorCode::unauthorized, reason, "bus_refused");
  }

  /// One turn: takes in, steps, and waits at most until `deadline` when there was nothing.
  /// True when something came in.
  bool turn(std::chrono::nanoseconds deadline) {
    const auto now = system_clock().monotonic();
    std::vector<zmq::pollitem_t> items;
    const std::size_t before = events_.size();
    auto until = deadline;
    for (const auto& peer : peers_) {
      peer->receive_some();
      require_welcome(*peer);
      until = std::min(until, peer->step(now));
      peer->append_poll_items(items);
    }
    if (events_.size() > before) return true;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
    return zmq_driver::wait(items, std::max(left, std::chrono::milliseconds{0}));
  }

  TailOptions options_;
  zmq::context_t context_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::vector<std::string> logs_;
  std::deque<Received> events_;
};

EventTail::EventTail(TailOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
EventTail::~EventTail() = default;
std::optional<TailedEvent> EventTail::next(std::chrono::milliseconds timeout) {
  return impl_->next(timeout);
}
bool EventTail::caught_up() const { return impl_->caught_up(); }
std::vector<std::string> EventTail::logs() const { return impl_->logs(); }

}  // namespace ticketing
