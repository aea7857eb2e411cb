#pragma once
// LogKeeper: keeps one service's log small: who still reads it, and what may become a snapshot.
//
// The horizon never passes an event that is younger than the log's retention, that the bus has not
// been given, or that a known consumer still needs. A consumer that has not been heard of for
// longer than the consumers' retention is forgotten, and holds the log no more.
// A core: time is handed in, the driver ticks and steps the database. Slices are small and take a
// quarter of the writer's time at most, or half when many events wait. heard() and gauges() by any
// thread; tick() by one.

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "messaging/compaction.hpp"
#include "runtime/leases.hpp"
#include "ticketing/core/log.hpp"
#include "ticketing/core/random.hpp"
#include "ticketing/messaging/wire.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing::runtime {

struct KeepPolicy {
  milliseconds log_retention;  ///< Zero: everything is kept for ever.
  milliseconds consumer_retention;
};

struct KeeperWorld {
  const Clock& clock;
  Random& random;
  Logger& logger;
  const Leases* leases = nullptr;  ///< As EngineWorld's.
};

/// What /metrics tells of a log.
struct LogGauges {
  struct Consumer {
    std::string name;
    std::int64_t cursor = 0;
    double silent_seconds = 0;
  };
  std::int64_t head = 0;
  std::int64_t horizon = 0;
  std::int64_t events = 0;  ///< That are left.
  double oldest_seconds = 0;
  std::vector<Consumer> consumers;
  std::uint64_t consumers_forgotten = 0;  ///< Since the start.
};

class LogKeeper {
 public:
  /// Borrows `database`, and reads from it whom the log was kept for.
  LogKeeper(std::string service, Database& database, KeeperWorld world, KeepPolicy policy);

  /// Called when tick() has something to do.
  std::function<void()> wake = [] {};

  /// A consumer has said where it stands.
  void heard(const wire::Reader& reader);
  /// Looks whether the log may be shortened. `handed_over` is the newest offset that the bus has
  /// been given. Returns how long nothing will be due.
  milliseconds tick(std::int64_t handed_over);
  bool wants_tick() const { return wants_tick_; }
  /// Whether it falls to this instance to shorten the log; at first it does. The others only write
  /// down whom they hear of.
  void set_shortens(bool shortens) { shortens_ = shortens; }
  LogGauges gauges() const;

 private:
  using Time = std::chrono::nanoseconds;
  struct Known {
    std::int64_t cursor = 0;
    Timestamp seen_at;
    std::optional<Timestamp> stored_at;  ///< The `seen_at` that is in the table.
  };
  struct Turn;

  void start_turn(std::int64_t handed_over);
  bool may_compact(const compaction::Limit& limit) const;
  compaction::Limit limit(std::int64_t handed_over) const;
  void hear_of_others();
  void forget_the_absent();
  bool must_store() const;
  void run(Turn& turn, Transaction& tx) const;
  void end(const Turn& turn, const std::exception_ptr& failure);
  Time pause_between_looks() const;

  const std::string service_;
  Database& database_;
  KeeperWorld world_;
  const KeepPolicy policy_;
  const Time started_;
  std::atomic<bool> wants_tick_{false};
  std::atomic<bool> shortens_{true};

  mutable std::mutex mutex_;  ///< Guards what follows.
  std::map<std::string, Known> known_;
  std::set<std::string> to_forget_;  ///< Gone from known_, and still in the table.
  std::uint64_t forgotten_ = 0;
  bool is_full_ = false;
  bool under_way_ = false;
  Time next_look_{0};
  Time not_before_{0};  ///< After a failure: the disk may be full.
};

}  // namespace ticketing::runtime
