#pragma once
// Machine: one process of a world, over and over: what it hosts, its clock and disk faults, and its
// present life, if it is up.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/process.hpp"
#include "testing/scheduler.hpp"
#include "ticketing/testing/world.hpp"

namespace ticketing::testing {

/// A process's view of the world's time.
class MachineClock final : public Clock {
 public:
  explicit MachineClock(const Scheduler& scheduler) : scheduler_(scheduler) {}
  Timestamp now() const override {
    return kStart + std::chrono::floor<milliseconds>(scheduler_.now() - Scheduler::kStart + offset);
  }
  std::chrono::nanoseconds monotonic() const override { return scheduler_.now(); }

  /// 2026-01-01T00:00:00Z.
  static constexpr Timestamp kStart{milliseconds{1'767'225'600'000}};
  std::chrono::nanoseconds offset{0};

 private:
  const Scheduler& scheduler_;
};

/// Where a service's database lies on the world's disk.
inline std::string file_of(const ServiceDefinition& service) { return service.name + ".db"; }

/// A request that a process has taken.
struct TakenRequest {
  Request request;
  World::Answer answer;
  Scheduler::Time arrived;
  std::size_t attempts = 0;
};

/// From one start of a process to its end.
struct Life {
  Settings settings;
  std::unique_ptr<runtime::Process> process;
  std::vector<std::shared_ptr<TakenRequest>> requests;  ///< Not answered yet.
  std::vector<std::shared_ptr<TakenRequest>> waiting;   ///< Of these: to be run again.
  bool dead = false;
  bool rerun_planned = false;
  Scheduler::Time ticks_at = Scheduler::Time::max();
  std::vector<const Database*> stepping;  ///< Whose commit is planned.
};

struct Machine {
  explicit Machine(const Scheduler& scheduler) : clock(scheduler) {}

  std::string name;
  std::vector<ServiceDefinition> services;
  std::map<std::string, std::string> settings;
  MachineClock clock;
  DiskFaults disk;
  unsigned fail_handlers = 0;                  ///< Per mille.
  std::map<std::string, int> failed_handlers;  ///< By service and event.
  unsigned poison = 0;                         ///< Per mille.
  enum class Effect : std::uint8_t { none, refused, failed };
  std::map<std::string, Effect> effects;  ///< Of poison, by service and event.
  std::uint64_t disk_calls = 0;
  std::optional<std::uint64_t> dies_at_call;
  bool dies_with_power = false;
  std::optional<std::uint64_t> fails_at_call;
  bool dies_at_commit = false;
  std::shared_ptr<Life> life;
  bool has_started = false;  ///< Ever.
  std::string trouble;       ///< Why it did not start the last time that it did not.
  std::uint64_t deaths = 0;
  std::uint64_t failed_disk_calls = 0;

  bool is_up() const { return life && !life->dead; }
};

}  // namespace ticketing::testing
