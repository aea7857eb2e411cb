#pragma once
// Unit: one service in a process: its database with the thread that writes it, and its engine, tied
// to the bus, the pools and the clock. Plumbing only; what is decided is decided in the engine.

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "runtime/job_pool.hpp"
#include "runtime/metrics.hpp"
#include "ticketing/messaging/bus.hpp"
#include "ticketing/runtime/engine.hpp"
#include "ticketing/runtime/host.hpp"

namespace ticketing::runtime {

class Unit {
 public:
  Unit(const ServiceDefinition& definition, const Settings& settings, EngineWorld world);
  ~Unit() { stop(); }

  const Service& service() const { return service_; }
  Database& database() { return *database_; }
  Engine& engine() { return *engine_; }

  /// Ties the engine's hooks and hosts its log. `applied`: requests that wait may run again;
  /// `wants_tick`: tick() has something to do.
  void connect(Bus& bus, JobPool& slow, JobPool& tasks, std::function<void()> applied,
               std::function<void()> wants_tick);
  void follow(Bus& bus, FollowedLog log, const std::string& endpoint);
  /// Asks for what replicas have been missing since before the start.
  void request_missing(Bus& bus) const;

  /// Runs what is due; returns how long nothing will be.
  milliseconds tick();
  bool wants_tick() const { return wants_tick_ && !turn_under_way_; }
  ServiceGauges gauges() const;
  /// Writes what is queued, then ends the writer.
  void stop();

 private:
  void write_until_stopped();
  void probe_if_unhealthy();
  void prune_now_and_then();

  Service service_;
  std::unique_ptr<Database> database_;
  std::atomic<bool> stopping_{false};
  std::thread writer_;
  std::unique_ptr<Engine> engine_;
  JobPool* tasks_ = nullptr;
  std::function<void()> on_wants_tick_;
  std::atomic<std::int64_t> handed_over_{0};  ///< The newest offset that the bus has been given.
  std::atomic<bool> wants_tick_{true};
  std::atomic<bool> turn_under_way_{false};
  std::atomic<bool> probing_{false};
  std::optional<Timestamp> next_due_;
  std::chrono::nanoseconds look_again_{0};  ///< A change that nobody told of is found by then.
  std::chrono::nanoseconds next_prune_{0};
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
