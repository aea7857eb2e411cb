#pragma once
// WorldTransport: what carries events between the processes of a world, when it is not that
// of its own, which behaves like ZeroMQ. One thread, that of the world.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "testing/scheduler.hpp"
#include "ticketing/messaging/bus.hpp"
#include "ticketing/testing/faults.hpp"
#include "ticketing/testing/seeded_random.hpp"
#include "ticketing/testing/world.hpp"

namespace ticketing::testing {

class WorldTransport {
 public:
  virtual ~WorldTransport() = default;
  /// The bus of a process that starts; an older one of the same name has been stopped.
  virtual std::unique_ptr<Bus> make_bus(const std::string& process, Logger& logger) = 0;
  /// Lets something of its own go wrong; says what, for the report.
  virtual std::string strike(SeededRandom& random) = 0;
  /// Ends what strike() began.
  virtual void heal() = 0;
  /// Why not all that was committed has been applied, a line each.
  virtual std::vector<std::string> unsettled() const = 0;
};

/// What a world lends to its transport. All of it outlives that.
struct WorldTransportMeans {
  Scheduler& scheduler;
  const Clock& clock;
  std::uint64_t seed;
  const NetworkFaults& faults;  ///< As they are now.
  /// A rule of the transport's own does not hold.
  std::function<void(const Broken& broken)> fail;
  /// Something that concerns everything in the world has happened.
  std::function<void(std::string_view what)> mark;
  /// A message, for people who read a trace; empty when nobody does.
  std::function<void(std::string_view what)> note;
};

}  // namespace ticketing::testing
