#pragma once
// Storm: clients at work in a world while everything goes wrong, from one seed.
//
//     class MyStorm : public testing::Storm { build(), act(), check() };
//     const auto result = testing::run_storm(std::make_unique<MyStorm>, {.seed = 7});
//     EXPECT_TRUE(result.held) << result.report;
//
// Actions and faults are planned ahead, each with randomness of its own, so that a plan can be
// shortened: when a rule breaks, run_storm() leaves out whatever the breach does not need, and
// reports what remains, with the seed and the trace of the aggregates concerned. One thread.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ticketing/testing/seeded_random.hpp"
#include "ticketing/testing/world.hpp"

namespace ticketing::testing {

class Storm {
 public:
  virtual ~Storm() = default;
  /// Adds the processes, and sets on_event and the like. The world starts afterwards.
  virtual void build(World& world, SeededRandom& random) = 0;
  /// Lets a client do something (see World::send); says what, for the report.
  virtual std::string act(World& world, SeededRandom& random) = 0;
  /// Faults are over, everything has come to its end, timers too. Throws Broken.
  virtual void check(World& world) = 0;
};

struct StormOptions {
  std::uint64_t seed = 1;
  std::size_t steps = 40;  ///< Actions.
  bool faults = true;
  std::chrono::milliseconds window{12'000};  ///< All actions and faults fall within it.
  std::chrono::milliseconds restart_after{300};
  MakeWorldTransport transport = {};  ///< As WorldOptions has it.
  bool keeps_trace = false;
  std::size_t shrinks_max = 150;  ///< Runs to shorten the plan of a failure; 0: leave it.
};

struct StormResult {
  bool held = true;
  std::string rule;    ///< The one that broke.
  std::string report;  ///< For people: what broke, the seed, the shortened plan, the trace.
  std::uint64_t trace_hash = 0;
  std::uint64_t steps = 0;                ///< Things that happened in the world.
  std::chrono::nanoseconds simulated{0};  ///< Time that passed in it.
  std::vector<std::string> trace;         ///< When kept.
};

using MakeStorm = std::function<std::unique_ptr<Storm>()>;

/// Runs the storm of one seed. Throws nothing that comes of the storm; it is in the result.
StormResult run_storm(const MakeStorm& make, const StormOptions& options);

}  // namespace ticketing::testing
