#include "testing/conformance_follower.hpp"

#include <algorithm>
#include <array>

namespace ticketing::testing {

namespace {

constexpr std::array<std::string_view, 1> kTables{
    "CREATE TABLE heard (seq INTEGER PRIMARY KEY AUTOINCREMENT, log_offset INTEGER NOT NULL,"
    " event_id TEXT NOT NULL)"};

constexpr RetryPolicy kRetries{.attempts_max = 4,
                               .first_pause = std::chrono::milliseconds{5},
                               .pause_max = std::chrono::milliseconds{20}};

}  // namespace

LogFollower::LogFollower(Plan plan, LogOwner& owner, const std::string& url, const Clock& clock,
                         std::uint64_t seed, News& news)
    : plan_(std::move(plan)),
      owner_(owner),
      clock_(clock),
      random_(seed),
      news_(news),
      database_(open_scratch(url, {{"conformance", kTables}})),
      inbox_([this](Transaction& tx, const Envelope& event, Effects& effects,
                    Inbox::Scope scope) { dispatch(tx, event, effects, scope); },
             kRetries, clock, random_) {}

void LogFollower::dispatch(Transaction& tx, const Envelope& event, Effects& effects,
                           Inbox::Scope scope) {
  if (plan_.subjects.empty()) {
    const ReplicaResult result = replica_.apply(tx, event);
    if (result.gap) effects.gaps.push_back(*result.gap);
  }
  if (scope == Inbox::Scope::replicas_only) return;
  tx.execute("INSERT INTO heard (log_offset, event_id) VALUES (:offset, :id)", event.offset,
             event.id);
  if (handler) handler(event);
}

Consumer LogFollower::consumer(std::string endpoint, SubscriptionOptions options, bool from_start) {
  Consumer consumer{.name = plan_.name,
                    .endpoint = std::move(endpoint),
                    .options = std::move(options),
                    .cursor = plan_.starts_after,
                    .apply = {}};
  consumer.options.log = owner_.name();
  consumer.options.subjects = plan_.subjects;
  database_->read([&](Transaction& tx) {
    const auto stored = Inbox::cursor(tx, owner_.name());
    if (stored) consumer.cursor = stored;
  });
  if (from_start) consumer.cursor.reset();
  consumer.apply = [this](std::shared_ptr<const Batch> batch, std::function<void(bool)> done) {
    take(std::move(batch), std::move(done));
  };
  return consumer;
}

void LogFollower::take(std::shared_ptr<const Batch> batch, std::function<void(bool)> done) {
  {
    const std::lock_guard guard{mutex_};
    waiting_.push_back({std::move(batch), std::move(done)});
  }
  news_.ring();
}

bool LogFollower::is_idle() const {
  const std::lock_guard guard{mutex_};
  return waiting_.empty() && !next_retry_;
}

void LogFollower::forget_waiting() {
  const std::lock_guard guard{mutex_};
  waiting_.clear();
}

std::optional<LogFollower::Waiting> LogFollower::next_waiting() {
  const std::lock_guard guard{mutex_};
  if (waiting_.size() > 1) throw Unmet(name() + " was given a batch before it had done with one");
  if (waiting_.empty()) return std::nullopt;
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

LogFollower::Worked LogFollower::work(Bus& bus) {
  if (may_apply && !may_apply()) return Worked::nothing;
  const std::optional<Waiting> next = next_waiting();
  if (!next) return retry(bus);
  const BatchFate what = fate ? fate() : BatchFate::apply;
  if (what == BatchFate::die_before_commit) return Worked::died;
  if (what == BatchFate::refuse) return next->done(false), Worked::something;
  apply(bus, *next->batch);
  if (what == BatchFate::die_after_commit) return Worked::died;
  next->done(true);
  return Worked::something;
}

void LogFollower::apply(Bus& bus, const Batch& batch) {
  for (const ReceivedEvent& event : batch.events) {
    if (!batch.replay && event.offset <= applied_) ++repeated_;
  }
  database_->write_and_step([&](Transaction& tx) { settle(tx, inbox_.apply(tx, batch)); });
  if (!batch.replay) applied_ = std::max(applied_, batch.cursor.offset);
  ask_for_gaps(bus);
}

LogFollower::Worked LogFollower::retry(Bus& bus) {
  if (!next_retry_ || *next_retry_ > clock_.now()) return Worked::nothing;
  database_->write_and_step([&](Transaction& tx) { settle(tx, inbox_.retry_due(tx)); });
  ask_for_gaps(bus);
  return Worked::something;
}

void LogFollower::settle(Transaction& tx, Effects&& effects) {
  had_failures_ |= effects.retries_changed;
  next_retry_ = inbox_.next_retry(tx);
  gaps_ = std::move(effects.gaps);
}

void LogFollower::ask_for_gaps(Bus& bus) {
  for (const Gap& gap : gaps_) bus.request_replay(name(), owner_.name(), gap);
  gaps_.clear();
}

void LogFollower::request_missing(Bus& bus) {
  database_->read([this](Transaction& tx) { gaps_ = replica_.gaps(tx); });
  ask_for_gaps(bus);
}

bool LogFollower::redrive(std::int64_t offset) {
  bool found = false;
  database_->write_and_step([&](Transaction& tx) {
    found = inbox_.redrive(tx, owner_.name(), offset);
    next_retry_ = inbox_.next_retry(tx);
  });
  return found;
}

bool LogFollower::skip(std::int64_t offset) {
  bool found = false;
  database_->write_and_step([&](Transaction& tx) {
    found = inbox_.skip(tx, owner_.name(), offset);
    next_retry_ = inbox_.next_retry(tx);
  });
  return found;
}

}  // namespace ticketing::testing
