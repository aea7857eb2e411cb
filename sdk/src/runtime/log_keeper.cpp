#include "runtime/log_keeper.hpp"

#include <algorithm>

#include "runtime/reason.hpp"
#include "ticketing/core/error.hpp"
#include "ticketing/messaging/event_log.hpp"

namespace ticketing::runtime {

namespace {

using compaction::KnownConsumer;
using compaction::Limit;
using std::chrono::nanoseconds;

constexpr std::int64_t kSliceEvents = 500;
constexpr nanoseconds kPauseMin = std::chrono::milliseconds{1};
constexpr milliseconds kAfterFailure{1'000};
constexpr milliseconds kLookMin{100};
constexpr milliseconds kLookMax{10'000};
/// Whoever is there has said so by then, however long this process was down or its clock was wrong.
constexpr milliseconds kAllHaveSpoken = std::chrono::hours{1};
/// Names cost a row each, and whoever reaches the bus may make some up.
constexpr std::size_t kConsumersMax = 1'000;

/// Between slices, in times of what the last one took: the more events wait, the shorter. A log
/// that goes on growing harms whoever publishes more than the slices do, which come one by one.
int pause_factor(std::int64_t waiting) {
  constexpr std::int64_t kHasteFrom = 10'000;
  constexpr std::int64_t kNoPauseFrom = 50'000;
  if (waiting >= kNoPauseFrom) return 0;
  return waiting >= kHasteFrom ? 1 : 3;
}

double seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

/// What one transaction of the keeper's does.
struct LogKeeper::Turn {
  std::vector<KnownConsumer> to_note;
  std::vector<std::string> to_forget;
  std::optional<Limit> limit;  ///< Present: the log may be shortened.
  compaction::Slice slice = {};
  nanoseconds took{0};
};

LogKeeper::LogKeeper(std::string service, Database& database, KeeperWorld world, KeepPolicy policy)
    : service_(std::move(service)),
      database_(database),
      world_(world),
      policy_(policy),
      started_(world.clock.monotonic()) {
  hear_of_others();
  next_look_ = started_ + pause_between_looks();
}

void LogKeeper::heard(const wire::Reader& reader) {
  bool is_new = false;
  bool is_refused = false;
  {
    const std::lock_guard guard{mutex_};
    is_new = !known_.contains(reader.consumer);
    if (is_new && known_.size() >= kConsumersMax) {
      is_refused = !std::exchange(is_full_, true);
    } else {
      Known& known = known_[reader.consumer];
      known.cursor = reader.cursor;
      known.seen_at = world_.clock.now();
      to_forget_.erase(reader.consumer);
    }
    if (is_new) wants_tick_ = true;
  }
  if (is_refused) {
    world_.logger.warning("too many consumers; the log is not kept for all of them",
                          {{"service", service_}, {"consumer", reader.consumer}});
  }
  if (is_new) wake();
}

milliseconds LogKeeper::tick(std::int64_t handed_over) {
  wants_tick_ = false;
  const auto now = world_.clock.monotonic();
  {
    const std::lock_guard guard{mutex_};
    if (under_way_) return kLookMax;  // Its end asks for the next tick.
    const Time due = std::max(must_store() ? now : next_look_, not_before_);
    if (now < due) return std::chrono::ceil<milliseconds>(due - now);
    next_look_ = now + pause_between_looks();
  }
  start_turn(handed_over);
  return kLookMin;
}

/// Whoever is new is written down at once, so that a restart does not forget whom to wait for; of
/// the others it is enough to know roughly when they were here last.
bool LogKeeper::must_store() const {
  const milliseconds stale = std::min(kAllHaveSpoken, policy_.consumer_retention / 4);
  return std::any_of(known_.begin(), known_.end(), [&](const auto& one) {
    return !one.second.stored_at || one.second.seen_at - *one.second.stored_at > stale;
  });
}

void LogKeeper::start_turn(std::int64_t handed_over) {
  const auto turn = std::make_shared<Turn>();
  hear_of_others();
  if (shortens_) {
    forget_the_absent();
    if (const Limit wanted = limit(handed_over); may_compact(wanted)) turn->limit = wanted;
  }
  {
    const std::lock_guard guard{mutex_};
    if (!turn->limit && to_forget_.empty() && !must_store()) return;
    for (const auto& [name, known] : known_) {
      turn->to_note.push_back({name, known.cursor, known.seen_at});
    }
    turn->to_forget.assign(to_forget_.begin(), to_forget_.end());
    under_way_ = true;
  }
  try {
    database_.submit([this, turn](Transaction& tx) { run(*turn, tx); },
                     [this, turn](const std::exception_ptr& failure) { end(*turn, failure); });
  } catch (const Error&) {  // Too many writes wait: with the next look.
    const std::lock_guard guard{mutex_};
    under_way_ = false;
  }
}

bool LogKeeper::may_compact(const Limit& limit) const {
  if (policy_.log_retention == milliseconds{0}) return false;
  bool may = false;
  database_.read([&](Transaction& tx) { may = compaction::can_advance(tx, limit); });
  return may;
}

Limit LogKeeper::limit(std::int64_t handed_over) const {
  Limit limit{handed_over, world_.clock.now() - policy_.log_retention};
  const std::lock_guard guard{mutex_};
  for (const auto& [name, known] : known_) limit.offset = std::min(limit.offset, known.cursor);
  return limit;
}

/// Whom this process heard of before its last end, and whom other instances hear of now.
void LogKeeper::hear_of_others() {
  std::vector<KnownConsumer> stored;
  database_.read([&](Transaction& tx) { stored = compaction::consumers(tx); });
  const std::lock_guard guard{mutex_};
  std::map<std::string, Known> known;
  for (const KnownConsumer& one : stored) {
    if (to_forget_.contains(one.name)) continue;
    const auto before = known_.find(one.name);
    const bool is_news = before == known_.end() || before->second.stored_at != one.seen_at;
    // A clock that was ahead must not make it known for ever.
    const Timestamp seen_at = std::min(one.seen_at, world_.clock.now());
    const bool is_newer = before == known_.end() || (is_news && seen_at > before->second.seen_at);
    Known now = is_newer ? Known{one.cursor, seen_at, {}} : before->second;
    now.stored_at = one.seen_at;
    known.emplace(one.name, now);
  }
  for (const auto& [name, one] : known_) {
    // Whoever is gone from the table was forgotten there, unless heard of again.
    if (!one.stored_at || one.seen_at > *one.stored_at) known.emplace(name, one);
  }
  known_ = std::move(known);
}

void LogKeeper::forget_the_absent() {
  const auto up = world_.clock.monotonic() - started_;
  if (up < std::min(kAllHaveSpoken, policy_.consumer_retention)) return;
  const Timestamp cutoff = world_.clock.now() - policy_.consumer_retention;
  std::map<std::string, Known> absent;
  {
    const std::lock_guard guard{mutex_};
    for (const auto& [name, known] : known_) {
      if (known.seen_at < cutoff) absent.insert({name, known});
    }
    for (const auto& [name, known] : absent) {
      known_.erase(name);
      to_forget_.insert(name);
      ++forgotten_;
    }
  }
  for (const auto& [name, known] : absent) {
    world_.logger.warning("a consumer has been away for too long; the log is not kept for it",
                          {{"service", service_},
                           {"consumer", name},
                           {"cursor", std::to_string(known.cursor)},
                           {"seen", to_text(known.seen_at)}});
  }
}

/// On the writer, inside the transaction.
void LogKeeper::run(Turn& turn, Transaction& tx) const {
  const auto started = world_.clock.monotonic();
  const bool is_upkeep = turn.limit || !turn.to_forget.empty();
  if (is_upkeep && world_.leases) world_.leases->require(tx, kUpkeepLease);
  for (const std::string& name : turn.to_forget) compaction::forget(tx, name);
  for (const KnownConsumer& consumer : turn.to_note) compaction::note(tx, consumer);
  if (turn.limit) turn.slice = compaction::advance(tx, *turn.limit, kSliceEvents);
  turn.took = world_.clock.monotonic() - started;
}

/// After the sync, or after the failure.
void LogKeeper::end(const Turn& turn, const std::exception_ptr& failure) {
  {
    const std::lock_guard guard{mutex_};
    under_way_ = false;
    if (failure) {
      not_before_ = world_.clock.monotonic() + kAfterFailure;
    } else {
      for (const std::string& name : turn.to_forget) to_forget_.erase(name);
      for (const KnownConsumer& noted : turn.to_note) {
        const auto known = known_.find(noted.name);
        if (known != known_.end()) known->second.stored_at = noted.seen_at;
      }
      if (turn.slice.read == kSliceEvents) {
        const int factor = pause_factor(turn.limit->offset - turn.slice.horizon);
        next_look_ = world_.clock.monotonic() + std::max(factor * turn.took, kPauseMin);
      }
    }
    wants_tick_ = true;
  }
  if (failure && !has_word(failure, kLeaseLost)) {
    world_.logger.warning("could not shorten the log",
                          {{"service", service_}, {"reason", reason_of(failure)}});
  }
  wake();
}

/// With jitter, so that the services of one process do not all write at once.
LogKeeper::Time LogKeeper::pause_between_looks() const {
  const bool keeps_all = policy_.log_retention == milliseconds{0};
  const nanoseconds pause =
      keeps_all ? kLookMax : std::clamp(policy_.log_retention / 10, kLookMin, kLookMax);
  const auto half = static_cast<std::uint64_t>(pause.count() / 2);
  return pause * 3 / 4 + nanoseconds{static_cast<std::int64_t>(world_.random.next_u64() % half)};
}

LogGauges LogKeeper::gauges() const {
  LogGauges gauges;
  const Timestamp now = world_.clock.now();
  database_.read([&](Transaction& tx) {
    gauges.head = EventLog::head(tx);
    gauges.horizon = EventLog::horizon(tx);
    gauges.events = gauges.head - compaction::removed(tx);
    gauges.oldest_seconds = seconds(now - compaction::oldest(tx, now));
  });
  const std::lock_guard guard{mutex_};
  for (const auto& [name, known] : known_) {
    gauges.consumers.push_back({name, known.cursor, seconds(now - known.seen_at)});
  }
  gauges.consumers_forgotten = forgotten_;
  return gauges;
}

}  // namespace ticketing::runtime
