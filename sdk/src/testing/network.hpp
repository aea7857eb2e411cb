#pragma once
// Network: what lies between the processes of a simulated world.
//
// Messages are late, lost, doubled and out of order, and partitions keep them away. Each process
// has a SimulatedBus to it. One thread.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "testing/scheduler.hpp"
#include "ticketing/messaging/bus.hpp"
#include "ticketing/testing/faults.hpp"
#include "ticketing/testing/seeded_random.hpp"

namespace ticketing::testing {

class SimulatedBus;

class Network {
 public:
  Network(Scheduler& scheduler, std::uint64_t seed) : scheduler_(scheduler), random_(seed) {}

  NetworkFaults faults;
  /// Told of what a bus is given: entries of a log that are durable …
  std::function<void(const std::string& log, const std::vector<LogEntry>& entries)> on_committed;
  /// … and batches that a consumer in `process` has applied.
  std::function<void(const std::string& process, const std::string& consumer, const Batch& batch)>
      on_applied;

  /// The bus of the process `process`, which others reach under that name. An older one of the
  /// same name must have been stopped.
  std::unique_ptr<Bus> make_bus(std::string process, Logger& logger);
  /// From now on nothing passes between the two, until heal().
  void cut(const std::string& one, const std::string& other);
  void heal() { cuts_.clear(); }

  /// Sends: `arrive` is called once, twice or never. What is sent later arrives later, unless it is
  /// out of order; `last_arrival` is where the connection keeps track of that.
  void send(const std::string& from, const std::string& to, Scheduler::Kind kind,
            Scheduler::Time& last_arrival, const std::function<void()>& arrive);

  /// What is not at rest: subscriptions that have not applied their publisher's whole log.
  std::vector<std::string> unsettled() const;

 private:
  friend class SimulatedBus;
  SimulatedBus* bus_of(const std::string& process) const;
  bool is_cut(const std::string& one, const std::string& other) const;

  Scheduler& scheduler_;
  SeededRandom random_;
  std::map<std::string, SimulatedBus*> buses_;
  std::set<std::pair<std::string, std::string>> cuts_;
};

}  // namespace ticketing::testing
