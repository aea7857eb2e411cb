// Every transport stands the conformance suite.

#include <gtest/gtest.h>

#include "conformance_transports.hpp"
#include "support/conformance.hpp"
#include "support/error_of.hpp"

namespace ticketing::test {
namespace {

std::vector<std::string> names_of_cases() { return testing::bus_cases(); }

class BusConformance : public ::testing::TestWithParam<std::string> {};

TEST_P(BusConformance, zeromq) { expect_held(GetParam(), &over_zeromq); }
TEST_P(BusConformance, simulated) {
  expect_held(GetParam(), in_simulation(conformance_options().seed));
}

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
