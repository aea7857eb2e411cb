// Every transport stands the conformance suite.
//
// TICKETING_CONFORMANCE=full: as many joins, restarts and events as a release has to stand.
// TICKETING_CONFORMANCE_SEED: the seed that a failed run has printed.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "conformance_transports.hpp"
#include "support/error_of.hpp"

namespace ticketing::test {
namespace {

using testing::ConformanceOptions;
using testing::ConformanceReport;

// Sanitizers have memory and a pace of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

ConformanceOptions options_of_environment() {
  const char* const wanted = std::getenv("TICKETING_CONFORMANCE");
  const bool is_full = wanted != nullptr && std::string_view{wanted} == "full";
  ConformanceOptions options = is_full ? testing::full_conformance() : ConformanceOptions{};
  const char* const seed = std::getenv("TICKETING_CONFORMANCE_SEED");
  if (seed != nullptr) options.seed = std::stoull(seed);
  if (kIsSanitized) options.memory_growth_bytes_max = 0;
  return options;
}

std::vector<std::string> names_of_cases() { return testing::bus_cases(); }

class BusConformance : public ::testing::TestWithParam<std::string> {
 protected:
  void expect_held(const testing::MakeTransport& make) {
    const ConformanceReport report =
        testing::run_bus_case(GetParam(), make, options_of_environment());
    std::printf("  %s\n", testing::to_text(report).c_str());
    EXPECT_TRUE(report.passed) << testing::to_text(report);
    EXPECT_GT(report.applied, 0);
  }
};

TEST_P(BusConformance, zeromq) { expect_held(&over_zeromq); }
TEST_P(BusConformance, simulated) { expect_held(in_simulation(options_of_environment().seed)); }

INSTANTIATE_TEST_SUITE_P(, BusConformance, ::testing::ValuesIn(names_of_cases()),
                         [](const auto& test) { return test.param; });

TEST(BusConformanceSuite, the_same_seed_is_the_same_run_where_nothing_else_chooses) {
  const std::string name = "restarts_of_either_side_at_any_point";
  const auto run = [&](std::uint64_t seed) {
    return testing::to_text(testing::run_bus_case(name, in_simulation(seed), {.seed = seed}));
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

TEST(BusConformanceSuite, a_case_that_is_none_is_refused) {
  EXPECT_ERROR(ErrorCode::invalid, testing::run_bus_case("nonsense", &over_zeromq));
}

}  // namespace
}  // namespace ticketing::test
