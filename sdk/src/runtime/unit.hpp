#pragma once
// Unit: one service in a process: its database and its engine, tied to the bus and the clock.
// Plumbing only; what is decided is decided in the engine. The driver steps the database.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "runtime/log_keeper.hpp"
#include "runtime/metrics.hpp"
#include "runtime/share.hpp"
#include "ticketing/messaging/bus.hpp"
#include "ticketing/runtime/engine.hpp"
#include "ticketing/runtime/host.hpp"

namespace ticketing::runtime {

/// Runs a job elsewhere, on a thread that may block; false when it cannot be taken now.
using RunJob = std::function<bool(std::function<void()> job)>;

struct UnitHooks {
  RunJob run_slow;
  RunJob run_task;
  std::function<void()> applied;     ///< Requests that wait may run again.
  std::function<void()> wants_tick;  ///< tick() has something to do.
};

class Unit {
 public:
  /// Nobody may be stepping the database yet.
  Unit(const ServiceDefinition& definition, const Settings& settings,
       const DatabaseOptions& database, EngineWorld world);

  const Service& service() const { return service_; }
  Database& database() const { return *database_; }
  Engine& engine() { return *engine_; }

  /// Ties the engine's hooks and hosts its log.
  void connect(Bus& bus, UnitHooks hooks);
  void follow(FollowedLog log, const std::string& endpoint);
  /// So that a service that takes its time does not make others take this instance for dead.
  void renew_leases() { share_->tick(); }
  /// Begins with what is known to be this instance's work.
  void start();
  /// Lets other instances of the service take over. Before the bus stops.
  void leave();

  /// Runs what is due; returns how long nothing will be.
  milliseconds tick();
  bool wants_tick() const {
    return (runs_timers_ && wants_tick_ && !turn_under_way_) || keeper_->wants_tick() ||
           share_->wants_tick();
  }
  /// Whether it is known what this instance has to do.
  bool is_settled() const { return share_->is_settled(); }
  ServiceGauges gauges() const;

 private:
  void add_stored(ServiceGauges& gauges) const;
  void look_at_others();
  void probe_if_unhealthy();
  void prune_now_and_then();
  milliseconds tick_timers();
  void follow_now(const FollowedLog& log, const std::string& endpoint);
  void request_missing();
  bool has_caught_up() const;
  void hand_over(std::vector<LogEntry> entries);
  void hand_over_rest();
  void on_foreign_commit();

  Service service_;
  const Clock& clock_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<LogKeeper> keeper_;
  std::unique_ptr<Share> share_;
  UnitHooks hooks_;
  Bus* bus_ = nullptr;
  std::mutex hand_over_mutex_;
  std::atomic<std::int64_t> handed_over_{0};  ///< The newest offset that the bus has been given.
  std::atomic<bool> wants_tick_{true};
  std::atomic<bool> turn_under_way_{false};
  std::atomic<bool> runs_timers_{false};
  std::atomic<bool> probing_{false};
  std::optional<Timestamp> next_due_;
  std::chrono::nanoseconds look_again_{0};  ///< A change that nobody told of is found by then.
  std::chrono::nanoseconds next_look_at_others_{0};
  std::set<std::pair<std::string, std::int64_t>> requested_;  ///< Gaps: of which log, from where.
  std::atomic<std::chrono::nanoseconds> not_before_{std::chrono::nanoseconds{0}};  ///< For timers.
  std::atomic<std::chrono::nanoseconds> next_prune_{std::chrono::nanoseconds{0}};
};

/// `--peer`: where the logs are that are not hosted here.
class Peers {
 public:
  /// Entries as `orders=tcp://127.0.0.1:7103`. Throws Error(invalid).
  explicit Peers(const std::vector<std::string>& entries);
  /// Throws Error(invalid) when nobody said.
  std::string endpoint_of(const std::string& log) const;

 private:
  std::map<std::string, std::string> endpoints_;
};

}  // namespace ticketing::runtime
