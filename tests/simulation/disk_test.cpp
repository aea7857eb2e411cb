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
    }
  }
  std::printf("  %llu sales\n", static_cast<unsigned long long>(sales));
}

INSTANTIATE_TEST_SUITE_P(Sale, EveryDiskCall, ::testing::ValuesIn(kWays),
                         [](const auto& one) { return std::string{one.param.name}; });

TEST(PowerCuts, at_random_calls_one_after_another_lose_no_answered_write) {
  SeededRandom random{1};
  std::uint64_t cuts = 0;
  for (std::uint64_t seed = 1; cuts < 1'000 * times(); ++seed) {
    Sale sale{seed};
    // The next one is armed while the process is up; three in each sale.
    for (int i = 0; i < 3; ++i) {
      sale.world().after(random.up_to(std::chrono::milliseconds{800}), [&] {
        const auto all = sale.world().processes();
        sale.world().kill_at_disk_call(all[random.below(all.size())], 1 + random.below(40), true);
        ++cuts;
      });
    }
    try {
      sale.run();
      sale.check();
    } catch (const std::exception& error) {
      FAIL() << "seed " << seed << ": " << error.what();
    }
  }
}

}  // namespace
}  // namespace ticketing::test
