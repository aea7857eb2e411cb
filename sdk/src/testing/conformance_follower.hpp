#pragma once
// LogFollower: the consuming side of a conformance case: a database with an inbox, replicas, and a
// list of what was heard, which a case lets fail, die or lag.
//
// Batches come on any thread and wait; work() applies them, on the suite's. Its database outlives
// the buses that it follows with.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "testing/conformance_owner.hpp"
#include "ticketing/messaging/inbox.hpp"

namespace ticketing::testing {

/// Rung by whichever thread has news for the suite's.
class News {
 public:
  void ring() {
    const std::lock_guard guard{mutex_};
    rung_ = true;
    bell_.notify_one();
  }
  /// Until it is rung, or was since the last time, at most so long.
  void wait(std::chrono::milliseconds most) {
    std::unique_lock guard{mutex_};
    bell_.wait_for(guard, most, [this] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable bell_;
  bool rung_ = false;
};

/// What a follower does with a batch. The last two are deaths: the batch is never answered.
enum class BatchFate { apply, refuse, die_before_commit, die_after_commit };

class LogFollower {
 public:
  struct Plan {
    std::string name;
    std::vector<std::string> subjects;   ///< Empty: all; then it keeps replicas, too.
    std::optional<Cursor> starts_after;  ///< Instead of at the beginning of the log.
  };

  LogFollower(Plan plan, LogOwner& owner, const std::string& url, const Clock& clock,
              std::uint64_t seed, News& news);

  // ---- what a case may set ----

  std::function<BatchFate()> fate;                     ///< Empty: all batches are applied.
  std::function<bool()> may_apply;                     ///< Empty: as soon as they are there.
  std::function<void(const Envelope& event)> handler;  ///< Throws: the handler fails.

  // ---- at work ----

  const std::string& name() const { return plan_.name; }
  LogOwner& owner() const { return owner_; }
  /// To follow with, from the stored cursor on; `from_start`: as if there was none.
  Consumer consumer(std::string endpoint, SubscriptionOptions options, bool from_start);
  enum class Worked { nothing, something, died };
  /// Answers a batch that waits, or tries again what is due.
  Worked work(Bus& bus);
  /// The bus is gone, and with it who waits for answers.
  void forget_waiting();
  /// Asks for what its replicas miss, as after every start.
  void request_missing(Bus& bus);
  bool redrive(std::int64_t offset);
  bool skip(std::int64_t offset);

  // ---- what came of it ----

  bool is_idle() const;
  /// Replicas have parked something.
  bool misses_versions() const;
  std::int64_t applied() const { return applied_; }  ///< Its stored cursor's offset.
  std::int64_t repeated() const { return repeated_; }
  std::int64_t heard() const;
  std::vector<DeadLetter> set_aside() const;
  /// Throws Unmet unless each event of its log, but for `left_out`, has taken effect once, in
  /// order, and its replicas are as their owner has them.
  void verify(const std::vector<std::int64_t>& left_out = {}) const;

 private:
  struct Waiting {
    std::shared_ptr<const Batch> batch;
    std::function<void(bool durable)> done;
  };
  void dispatch(Transaction& tx, const Envelope& event, Effects& effects, Inbox::Scope scope);
  void take(std::shared_ptr<const Batch> batch, std::function<void(bool durable)> done);
  std::optional<Waiting> next_waiting();
  void apply(Bus& bus, const Batch& batch);
  Worked retry(Bus& bus);
  void settle(Transaction& tx, Effects&& effects);
  void ask_for_gaps(Bus& bus);
  void verify_heard(const std::vector<Envelope>& log,
                    const std::vector<std::int64_t>& left_out) const;
  void verify_replicas(const std::vector<Envelope>& log) const;
  bool wants(const Envelope& event) const;

  Plan plan_;
  LogOwner& owner_;
  const Clock& clock_;
  SeededRandom random_;
  News& news_;
  ReplicaStore replica_{"thing"};
  std::unique_ptr<Database> database_;
  Inbox inbox_;
  std::int64_t applied_ = 0;
  std::int64_t repeated_ = 0;
  bool had_failures_ = false;  ///< Then order holds for each thing, not for the log.
  std::optional<Timestamp> next_retry_;
  std::vector<Gap> gaps_;
  mutable std::mutex mutex_;
  std::deque<Waiting> waiting_;  ///< One at most, if the transport keeps its duty.
};

/// Something that a case asks for does not hold.
class Unmet : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace ticketing::testing
