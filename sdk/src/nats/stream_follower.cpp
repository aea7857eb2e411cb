#include "nats/stream_follower.hpp"

#include <algorithm>

#include "nats/event_message.hpp"
#include "nats/frames.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::nats_driver {

namespace {

constexpr int kBatch = 256;
constexpr std::chrono::seconds kPullLasts{5};
constexpr std::chrono::seconds kBlindMax{5};
constexpr int kHeartbeat = 100;
constexpr int kTimedOut = 408;
/// Deliveries that may wait for their acknowledgement, in terms of the core's own buffer: what it
/// has handed on, what it holds, and what misses earlier ones.
constexpr std::size_t kBuffersUnacknowledged = 3;

}  // namespace

StreamFollower::StreamFollower(Wiring& wiring, std::shared_ptr<Follower> follower)
    : wiring_(wiring),
      follower_(std::move(follower)),
      names_(core().options().log),
      durable_(token(follower_->consumer)) {
  for (const std::string& subject : core().options().subjects) {
    wanted_.insert(names_.subject_of(subject));
  }
}

void StreamFollower::on_connected() {
  Connection& connection = *wiring_.connection;
  // A token of its own: what was on its way to an earlier durable goes nowhere.
  inbox_ = connection.inbox() + ".pull." + random_hex(wiring_.random, 8);
  const auto hand_over = [this](void (StreamFollower::*take)(const Message&)) {
    return [&commands = wiring_.commands, weak = weak_from_this(), take](Message message) {
      commands.post([weak, take, moved = std::move(message)] {
        const auto self = weak.lock();
        if (self) (self.get()->*take)(moved);
      });
    };
  };
  beats_ = connection.subscribe(names_.beat, hand_over(&StreamFollower::on_beat));
  pulled_ = connection.subscribe(inbox_ + ".*", hand_over(&StreamFollower::on_pulled));
  without_durable(std::chrono::milliseconds{0});
}

void StreamFollower::on_lost() {
  beats_.reset();
  pulled_.reset();
  deliveries_.clear();  // They come again, and are told of then.
  without_durable(std::chrono::milliseconds{0});
}

// ---- what comes ----

/// Another log of this name belongs to another system on this account, or has taken the place of
/// ours. While ours is heard, it is the former.
bool StreamFollower::is_ours(const wire::Position& position) {
  const std::string& id = core().log_id();
  const std::string& log = core().options().log;
  if (position.log == log && (id.empty() || position.log_id == id)) {
    only_others_since_.reset();
    follower_->denial.clear();
    return true;
  }
  const Time now = wiring_.clock.monotonic();
  if (!only_others_since_) only_others_since_ = now;
  if (std::exchange(told_other_, position.log_id) != position.log_id) {
    wiring_.logger.warning("another log has the same name; give each system its own account",
                           {{"log", log}, {"id", id}, {"other", position.log_id}});
  }
  if (now - *only_others_since_ > core().options().silence_max) {
    follower_->denial = "log \"" + log + "\" is another log now: expected id " + id + ", got " +
                        position.log_id +
                        "; its database was replaced, or another system shares this account of "
                        "NATS. Restore the old one, or rebuild this consumer";
  }
  return false;
}

void StreamFollower::on_beat(const Message& message) {
  try {
    const wire::Position position = wire::decode_position(message.body());
    if (!is_ours(position)) return;
    // Another one may have a shorter log: its hello leads to a question that shows.
    if (core().joined() && message.header(kPublisherHeader) != publisher_) wants_join_ = true;
    core().input().on_beat(position);
  } catch (const Error& error) {
    wiring_.logger.warning("dropped a message from the bus", {{"reason", error.what()}});
  }
}

void StreamFollower::on_pulled(const Message& message) {
  message.status() == 0 ? on_event(message) : on_status(message);
}

/// A pull is over, or cannot be: all but the heartbeat end it.
void StreamFollower::on_status(const Message& message) {
  const bool is_of_earlier_pull = message.subject() != pull_inbox();
  if (is_of_earlier_pull || message.status() == kHeartbeat) return;
  to_come_ = 0;
  if (message.status() == kTimedOut) return;
  pull_at_ = wiring_.clock.monotonic() + kPause;
  const bool is_gone =
      message.is_nobody_there() ||
      message.header("Description").value_or("").find("Deleted") != std::string_view::npos;
  if (is_gone) without_durable(kPause);
}

void StreamFollower::on_event(const Message& message) {
  to_come_ = std::max(0, to_come_ - 1);
  try {
    if (!wanted_.empty() && !wanted_.contains(message.subject())) return keep(0, message);
    CarriedEvent event = from_message(message.headers(), message.body());
    if (!is_ours(event.position)) return keep(0, message);
    keep(event.position.offset, message);
    note_streamed(event.position.offset);
    core().input().on_event(event.position, event.subject, std::move(event.envelope));
  } catch (const Error& error) {
    keep(0, message);
    wiring_.logger.warning("dropped a message from the bus",
                           {{"log", core().options().log}, {"reason", error.what()}});
  }
}

/// Until all up to `offset` is applied. Of too many the newest come again, when their time is over.
void StreamFollower::keep(std::int64_t offset, const Message& message) {
  deliveries_.emplace(offset, message.reply());
  const std::size_t count_max = kBuffersUnacknowledged * core().options().buffer_max;
  if (deliveries_.size() > count_max) deliveries_.erase(std::prev(deliveries_.end()));
}

/// A durable that came back from an older copy of the server's files may stand behind the stream's
/// end, and would bring nothing until the stream has grown that far.
void StreamFollower::note_fetched(const wire::FetchAnswer& answer) {
  if (!has_durable_ || answer.events.empty()) return;
  if (answer.events.back().offset <= streamed_to_ || is_blind_since_) return;
  is_blind_since_ = wiring_.clock.monotonic();
}

void StreamFollower::note_streamed(std::int64_t offset) {
  streamed_to_ = std::max(streamed_to_, offset);
  is_blind_since_.reset();
}

// ---- what goes ----

void StreamFollower::acknowledge_applied() {
  const auto end = deliveries_.upper_bound(core().applied());
  for (auto one = deliveries_.begin(); one != end; ++one) {
    wiring_.connection->send(one->second, {}, "");
  }
  deliveries_.erase(deliveries_.begin(), end);
}

void StreamFollower::pull(Time now) {
  const bool is_full = !core().has_room() || core().refusal();
  if (to_come_ > 0 || is_full || now < pull_at_) return;
  to_come_ = kBatch;
  ++pull_;
  pull_ends_ = now + kPullLasts;
  const auto lasts = std::chrono::nanoseconds{kPullLasts}.count();
  wiring_.connection->send(
      "$JS.API.CONSUMER.MSG.NEXT." + names_.stream + '.' + durable_, pull_inbox(),
      R"({"batch":)" + std::to_string(kBatch) + R"(,"expires":)" + std::to_string(lasts) + '}');
}

void StreamFollower::join() {
  wants_join_ = false;
  const std::string& id = core().log_id();
  const std::string subject = id.empty() ? names_.join : names_.join_of(id);
  wiring_.ask(subject, "", [weak = weak_from_this()](const Message* answer) {
    const auto self = weak.lock();
    if (!self || answer == nullptr || answer->status() != 0) return;  // The core asks again.
    try {
      const wire::Position position = wire::decode_position(answer->body());
      if (!self->is_ours(position)) return;
      self->streamed_to_ = std::max(self->streamed_to_, position.offset);
      self->publisher_ = answer->header(kPublisherHeader).value_or("");
      self->core().input().on_hello(position);
    } catch (const Error& error) {
      self->wiring_.logger.warning("dropped a message from the bus", {{"reason", error.what()}});
    }
  });
}

void StreamFollower::ask(const wire::FetchRequest& request) {
  wiring_.ask(names_.fetch_of(request.log_id), wire::encode(request),
              [weak = weak_from_this()](const Message* answer) {
                const auto self = weak.lock();
                if (!self || answer == nullptr || answer->status() != 0)
                  return;  // The core asks again.
                try {
                  wire::FetchAnswer fetched = wire::decode_fetch_answer(unpack(answer->body()));
                  self->note_fetched(fetched);
                  self->core().input().on_fetched(std::move(fetched));
                } catch (const Error& error) {
                  self->wiring_.logger.warning("dropped a message from the bus",
                                               {{"reason", error.what()}});
                }
              });
}

StreamFollower::Time StreamFollower::step(Time now) {
  Subscription::Actions actions = core().step(now);
  wants_join_ |= actions.join;
  if (actions.deliver) follower_->deliver(std::move(actions.deliver));
  Time deadline = core().next_deadline();
  if (!wiring_.connection) return deadline;
  if (actions.fetch) ask(*actions.fetch);
  if (actions.report) wiring_.connection->send(names_.report, {}, wire::encode(*actions.report));
  acknowledge_applied();
  if (!has_durable_) {
    if (!is_looking_ && now >= look_up_at_) look_up_durable();
    return is_looking_ ? deadline : std::min(deadline, look_up_at_);
  }
  if (wants_join_) join();
  if (to_come_ > 0 && now >= pull_ends_ + kPullIsOverdue) without_durable(kPause);
  if (is_blind_since_ && to_come_ > 0 && now - *is_blind_since_ > kBlindMax) remake_durable();
  if (!has_durable_) return std::min(deadline, look_up_at_);
  pull(now);
  if (to_come_ > 0) return std::min(deadline, pull_ends_ + kPullIsOverdue);
  return now < pull_at_ ? std::min(deadline, pull_at_) : deadline;
}

}  // namespace ticketing::nats_driver
