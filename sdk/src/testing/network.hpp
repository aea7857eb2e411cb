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
#include <string_view>
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

  /// The bus of the process `process`, which others reach under that name. An older one of the
  /// same name must have been stopped.
  std::unique_ptr<Bus> make_bus(std::string process, Logger& logger);
  /// From now on nothing passes between the two, until heal().
  void cut(const std::string& one, const std::string& other);
  void join(const std::string& one, const std::string& other);
  void heal() { cuts_.clear(); }

  /// A message between two processes. An event has its subject for a topic, and an envelope.
  struct Message {
    std::string_view from;
    std::string_view to;
    std::string_view topic;
    std::string_view envelope = {};
    Scheduler::Kind kind = Scheduler::Kind::foreground;
  };
  /// Told, where somebody listens, how many of its copies will arrive.
  std::function<void(const Message& message, int copies)> on_message;

  /// Sends: `arrive` is called once, twice or never. What is sent later arrives later, unless it is
  /// out of order; `last_arrival` is where the connection keeps track of that.
  void send(const Message& message, Scheduler::Time& last_arrival,
            const std::function<void()>& arrive);

  /// What is not at rest: subscriptions that have not applied their publisher's whole log.
  std::vector<std::string> unsettled() const;

 private:
  friend class SimulatedBus;
  SimulatedBus* bus_of(const std::string& process) const;
  bool is_cut(std::string_view one, std::string_view other) const;
  int copies_of(const Message& message);

  Scheduler& scheduler_;
  SeededRandom random_;
  std::map<std::string, SimulatedBus*> buses_;
  std::set<std::pair<std::string, std::string>> cuts_;
};

}  // namespace ticketing::testing
