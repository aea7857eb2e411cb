#include "ticketing/messaging/subscription.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ticketing/core/error.hpp"

namespace ticketing {

namespace {

constexpr std::size_t kPageMax = 1'000;
/// Under load the log is not to grow for want of a word.
constexpr std::int64_t kUnreportedMax = 5'000;
constexpr std::size_t kLargerUntilCaughtUp = 4;

}  // namespace

Subscription::Subscription(SubscriptionOptions options, std::optional<Cursor> cursor)
    : options_(std::move(options)) {
  if (options_.between) between_ = options_.between(*this);
  if (!cursor) return;
  log_id_ = cursor->log_id;
  position_ = applied_ = head_ = cursor->offset;
}

// ---- what comes in ----

void Subscription::on_hello(const wire::Position& position) {
  heard_ = true;
  if (refusal_ || !accept_log(position.log_id)) return;
  joined_ = true;
  // Whoever greets anew may have died since it was asked, and owes no answer then.
  fetch_.reset();
  takes_readers_ = position.takes_readers;
  report_at_.reset();
  // A publisher that is behind what we have seen has lost a part of its log, or this message is
  // older than an answer that overtook it: a fetch tells which.
  if (position.offset < position_) behind_ = true;
  notice(position);
  was_caught_up_ = was_caught_up_ || caught_up();
}

void Subscription::on_beat(const wire::Position& position) {
  heard_ = true;
  if (refusal_ || !joined_ || !accept_log(position.log_id)) return;
  notice(position);
}

void Subscription::on_event(const wire::Position& position, std::string_view subject,
                            std::string envelope) {
  heard_ = true;
  if (refusal_ || !wants(subject) || !accept_log(position.log_id)) return;
  head_ = std::max(head_, position.offset);
  if (position.offset <= position_) return;
  // Also while a question is under way: of its answer only what lies behind counts then.
  if (follows(position) && room()) {
    take(position.offset, std::move(envelope));
    return take_pending();
  }
  behind_ = true;
  wait_for_earlier(position, std::move(envelope));
}

void Subscription::on_fetched(wire::FetchAnswer answer) {
  heard_ = true;
  if (refusal_ || !fetch_ || fetch_->number != answer.number) return;
  if (!answer.error.empty()) return;  // Asked again after the timeout.
  if (!accept_log(answer.log_id)) return;
  const Fetch fetch = *std::exchange(fetch_, std::nullopt);
  horizon_ = std::max(horizon_, answer.horizon.value_or(0));
  if (answer.head < fetch.after) {
    refuse("log \"" + options_.log + "\" came back shorter: this consumer has applied offset " +
           std::to_string(fetch.after) + ", the log ends at " + std::to_string(answer.head) +
           "; it was restored from an older copy. Restore the rest, or rebuild this consumer");
    return;
  }
  fetch.replay ? take_replay(answer) : take_page(answer);
}

void Subscription::on_applied() {
  TICKETING_ASSERT(delivered_);
  if (!delivered_->replay) applied_ = std::max(applied_, delivered_->cursor.offset);
  delivered_.reset();
  redeliver_at_.reset();
  if (idle() && !refusal_) applied_ = std::max(applied_, position_);
}

void Subscription::on_apply_failed(Time now, std::chrono::milliseconds pause) {
  TICKETING_ASSERT(delivered_);
  redeliver_at_ = now + pause;
}

void Subscription::request_replay(Gap gap) {
  for (Gap& queued : gaps_) {
    if (queued.after > gap.after) continue;
    queued.before = std::max(queued.before, gap.before);
    return;
  }
  gaps_.push_back(gap);
}

// ---- what goes out ----

Subscription::Actions Subscription::step(Time now) {
  Actions actions;
  deadline_ = now + options_.silence_max;
  if (std::exchange(heard_, false)) heard_at_ = now;
  if (refusal_) return actions;
  was_caught_up_ = was_caught_up_ || caught_up();
  take_pending();  // There may be room again.
  actions.join = must_join(now);
  actions.fetch = make_fetch(now);
  actions.report = make_report(now);
  actions.deliver = make_batch(now);
  if (!joined_ && join_deadline_) deadline_ = std::min(deadline_, *join_deadline_);
  if (fetch_) deadline_ = std::min(deadline_, fetch_->deadline);
  if (joined_ && report_at_) deadline_ = std::min(deadline_, *report_at_);
  if (redeliver_at_) deadline_ = std::min(deadline_, *redeliver_at_);
  if (!delivered_ && !buffer_.empty()) deadline_ = std::min(deadline_, *next_batch_at_);
  return actions;
}

std::int64_t Subscription::lag() const { return std::max<std::int64_t>(0, head_ - applied_); }

// ---- inside ----

bool Subscription::accept_log(std::string_view log_id) {
  if (log_id_.empty()) log_id_ = log_id;
  if (log_id == log_id_) return true;
  refuse("log \"" + options_.log + "\" is another log now: expected id " + log_id_ + ", got " +
         std::string{log_id} +
         "; its database was replaced. Restore the old one, or rebuild this consumer");
  return false;
}

void Subscription::refuse(std::string reason) {
  refusal_ = std::move(reason);
  buffer_.clear();
  pending_.clear();
  buffer_bytes_ = pending_bytes_ = 0;
}

void Subscription::notice(const wire::Position& position) {
  head_ = std::max(head_, position.offset);
  if (position.last_of(options_.subjects, false) > position_) {
    behind_ = true;
  } else if (!fetch_ && pending_.empty()) {
    position_ = std::max(position_, position.offset);
    if (idle()) applied_ = std::max(applied_, position_);
  }
}

void Subscription::take_page(wire::FetchAnswer& answer) {
  for (ReceivedEvent& event : answer.events) {
    if (event.offset > position_) hold(std::move(event));
  }
  position_ = std::max(position_, answer.covered_to);
  head_ = std::max(head_, answer.head);
  take_pending();
  behind_ = position_ < answer.head || !pending_.empty();
  if (idle()) applied_ = std::max(applied_, position_);
}

void Subscription::take_replay(wire::FetchAnswer& answer) {
  TICKETING_ASSERT(!gaps_.empty());
  Gap& gap = gaps_.front();
  auto batch = std::make_shared<Batch>();
  batch->log = options_.log;
  batch->cursor = {log_id_, applied_};
  batch->events = std::move(answer.events);
  batch->horizon = horizon_;
  batch->replay = true;
  // Where the log is a snapshot, a gap may hold nothing any more, and is closed by that.
  const bool closes = horizon_ > gap.after;
  gap.after = std::max(gap.after, answer.covered_to);
  if (gap.after >= gap.before - 1) gaps_.pop_front();
  if (closes || !batch->events.empty()) replay_ = std::move(batch);
}

/// Live events that waited for the ones before them join the buffer as far as they now follow.
void Subscription::take_pending() {
  while (!pending_.empty()) {
    auto& [offset, next] = *pending_.begin();
    if (offset > position_ && (!follows(next.position) || !room())) return;
    pending_bytes_ -= next.envelope.size();
    if (offset > position_) take(offset, std::move(next.envelope));
    pending_.erase(pending_.begin());
  }
}

/// Nothing that is wanted lies between what is known and the event of `position`.
bool Subscription::follows(const wire::Position& position) const {
  return position.last_of(options_.subjects, true) <= position_;
}

void Subscription::take(std::int64_t offset, std::string envelope) {
  position_ = offset;
  hold({offset, std::move(envelope)});
}

void Subscription::hold(ReceivedEvent event) {
  buffer_bytes_ += event.envelope.size();
  buffer_.push_back(std::move(event));
}

/// Of too many the newest are fetched later.
void Subscription::wait_for_earlier(const wire::Position& position, std::string envelope) {
  const std::size_t bytes = envelope.size();
  const bool is_new =
      pending_.try_emplace(position.offset, Pending{position, std::move(envelope)}).second;
  if (!is_new) return;
  pending_bytes_ += bytes;
  while (pending_.size() > options_.buffer_max || pending_bytes_ > options_.buffer_bytes_max) {
    pending_bytes_ -= std::prev(pending_.end())->second.envelope.size();
    pending_.erase(std::prev(pending_.end()));
  }
}

bool Subscription::wants(std::string_view subject) const {
  return options_.subjects.empty() || std::find(options_.subjects.begin(), options_.subjects.end(),
                                                subject) != options_.subjects.end();
}

bool Subscription::must_join(Time now) {
  if (joined_ && now - heard_at_ > options_.silence_max) {
    joined_ = false;
    join_deadline_.reset();
  }
  if (joined_ || (join_deadline_ && now < *join_deadline_)) return false;
  join_deadline_ = now + options_.join_timeout;
  return true;
}

std::optional<wire::FetchRequest> Subscription::make_fetch(Time now) {
  if (fetch_ && now >= fetch_->deadline) fetch_.reset();
  const bool replay = !gaps_.empty() && !replay_;
  const bool page = behind_ && room();
  if (!joined_ || fetch_ || !(page || replay)) return std::nullopt;
  wire::FetchRequest request;
  request.number = ++fetch_number_;
  request.log = options_.log;
  request.log_id = log_id_;
  request.query.subjects = options_.subjects;
  request.query.count_max = kPageMax;
  request.query.after = position_;
  if (takes_readers_) request.reader = {options_.consumer, applied_};
  if (!page) {
    request.query.after = gaps_.front().after;
    request.query.until = gaps_.front().before - 1;
  }
  fetch_ = Fetch{request.number, request.query.after, !page, now + options_.fetch_timeout};
  return request;
}

/// So that the log is not shortened before this consumer, nor for its sake left to grow for ever.
std::optional<wire::Report> Subscription::make_report(Time now) {
  const bool due = !report_at_ || now >= *report_at_ || applied_ - reported_ >= kUnreportedMax;
  if (!joined_ || !takes_readers_ || options_.consumer.empty() || !due) return std::nullopt;
  report_at_ = now + options_.report_every;
  reported_ = applied_;
  return wire::Report{options_.log, log_id_, {options_.consumer, applied_}};
}

std::size_t Subscription::batch_max() const {
  return was_caught_up_ ? options_.batch_max : kLargerUntilCaughtUp * options_.batch_max;
}

std::shared_ptr<const Batch> Subscription::make_batch(Time now) {
  if (delivered_) {
    if (!redeliver_at_ || now < *redeliver_at_) return nullptr;
    redeliver_at_.reset();
    return delivered_;
  }
  if (replay_) return delivered_ = std::exchange(replay_, nullptr);
  if (buffer_.empty()) return nullptr;
  if (buffer_.size() < batch_max() && next_batch_at_ && now < *next_batch_at_) {
    return nullptr;
  }
  next_batch_at_ = now + options_.pace;
  auto batch = std::make_shared<Batch>();
  batch->log = options_.log;
  batch->horizon = horizon_;
  const std::size_t count = std::min(buffer_.size(), batch_max());
  const auto end = buffer_.begin() + static_cast<std::ptrdiff_t>(count);
  batch->events.assign(std::make_move_iterator(buffer_.begin()), std::make_move_iterator(end));
  buffer_.erase(buffer_.begin(), end);
  for (const ReceivedEvent& event : batch->events) buffer_bytes_ -= event.envelope.size();
  batch->cursor = {log_id_, buffer_.empty() ? position_ : batch->events.back().offset};
  return delivered_ = std::move(batch);
}

}  // namespace ticketing
