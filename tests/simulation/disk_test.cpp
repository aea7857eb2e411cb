// A whole sale, with every single call to every disk going wrong in every way, and power cuts at
// random: every answered write is there, every database opens, and all invariants hold.

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "simulation/sale.hpp"

namespace ticketing::test {
namespace {

using testing::SeededRandom;
using testing::World;

/// Longer before a release: TICKETING_SIM_LONG times as many power cuts.
std::uint64_t times() {
  const char* const given = std::getenv("TICKETING_SIM_LONG");
  return given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
}

using Fault = void (*)(World& world, const std::string& process, std::uint64_t call);

struct Way {
  const char* name;
  Fault arm;
};

void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

constexpr Way kWays[] = {
    {"it_fails", [](World& world, const std::string& process,
                    std::uint64_t call) { world.fail_disk_call(process, call); }},
    {"the_process_dies", [](World& world, const std::string& process,
                            std::uint64_t call) { world.kill_at_disk_call(process, call, false); }},
    {"the_power_goes", [](World& world, const std::string& process,
                          std::uint64_t call) { world.kill_at_disk_call(process, call, true); }},
};

/// Calls of each disk in a sale in which nothing goes wrong.
std::map<std::string, std::uint64_t> calls_of_a_sale() {
  Sale sale{1};
  sale.run();
  sale.check();
  std::map<std::string, std::uint64_t> calls;
  for (const std::string& process : sale.world().processes()) {
    calls[process] = sale.world().disk_calls(process);
  }
  return calls;
}

class EveryDiskCall : public ::testing::TestWithParam<Way> {};

TEST_P(EveryDiskCall, may_go_wrong) {
  std::uint64_t sales = 0;
  for (const auto& [process, calls] : calls_of_a_sale()) {
    for (std::uint64_t call = 1; call <= calls; ++call) {
      Sale sale{1};
      GetParam().arm(sale.world(), process, call);
      ++sales;
      try {
        sale.run();
        sale.check();
      } catch (const std::exception& error) {
        FAIL() << process << ", call " << call << " of " << calls << ": " << error.what();
      }
      const World& world = sale.world();
      ASSERT_GT(world.deaths(process) + world.failed_disk_calls(process), 0u)
          << process << ", call " << call << " of " << calls << " did not go wrong";
    }
  }
  std::printf("  %llu sales\n", static_cast<unsigned long long>(sales));
}

INSTANTIATE_TEST_SUITE_P(Sale, EveryDiskCall, ::testing::ValuesIn(kWays),
                         [](const auto& one) { return std::string{one.param.name}; });

/// Three power cuts in one sale, at moments and disk calls by chance. Returns how many there were.
std::uint64_t sell_under_power_cuts(std::uint64_t seed) {
  Sale sale{seed};
  World& world = sale.world();
  SeededRandom random{seed};
  for (int i = 0; i < 3; ++i) {
    const auto at = random.up_to(std::chrono::milliseconds{800});
    const auto calls = 1 + random.below(40);
    const auto all = world.processes();
    const std::string who = all[random.below(all.size())];
    world.after(at, [&world, who, calls] { world.kill_at_disk_call(who, calls, true); });
  }
  sale.run();
  sale.check();
  std::uint64_t cuts = 0;
  for (const std::string& process : world.processes()) cuts += world.deaths(process);
  return cuts;
}

TEST(PowerCuts, at_random_calls_one_after_another_lose_no_answered_write) {
  std::uint64_t cuts = 0;
  std::uint64_t sales = 0;
  while (cuts < 1'000 * times()) {
    ++sales;
    try {
      cuts += sell_under_power_cuts(sales);
    } catch (const std::exception& error) {
      FAIL() << "seed " << sales << ": " << error.what();
    }
  }
  std::printf("  %llu power cuts in %llu sales\n", static_cast<unsigned long long>(cuts),
              static_cast<unsigned long long>(sales));
}

}  // namespace
}  // namespace ticketing::test
