#pragma once
// SimulatedNatsBus: the bus over NATS of a process in a simulated world: that of production, driven
// by a Scheduler. One thread.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "nats/nats_bus.hpp"
#include "nats_testing/simulated_server.hpp"
#include "testing/scheduler.hpp"

namespace ticketing::testing {

class SimulatedNatsBus final : public nats_driver::NatsBus {
 public:
  /// What drives a bus, shared by all of a world. It outlives the bus.
  struct Driver {
    Scheduler& scheduler;
    const Clock& clock;
    SeededRandom random;
    SimulatedServer server;
    std::map<std::string, SimulatedNatsBus*> buses = {};  ///< Of the processes that are up.
  };

  SimulatedNatsBus(Driver& driver, std::string process, Logger& logger);
  ~SimulatedNatsBus() override { stop(); }

  void start() override;
  /// As when the process dies: nothing is said any more.
  void stop() override;

  /// nullopt: it is not hosted here.
  std::optional<std::int64_t> head_of(const std::string& log) const;
  using HeadOf = std::function<std::optional<std::int64_t>(const std::string& log)>;
  void append_unsettled(const HeadOf& head_of, std::vector<std::string>& lines) const;

 private:
  using Kind = Scheduler::Kind;

  static Means means_of(SimulatedNatsBus& bus, Driver& driver);
  void on_thread(const std::function<void()>& action) override;
  void wake(Time at, Kind kind);
  void run();

  Driver& driver_;
  const std::string process_;
  Time wakes_at_ = Time::max();
  Time last_job_{0};  ///< One thread does them in production, one after another.
  std::shared_ptr<SimulatedNatsBus*> self_;  ///< None before start() and after stop().
};

}  // namespace ticketing::testing
