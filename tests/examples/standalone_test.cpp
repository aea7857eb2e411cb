// The second example, from start to end: what it prints is compared with 02_in_simulation.expected.

#include <gtest/gtest.h>

#include "examples/expected.hpp"
#include "support/marketplace.hpp"

namespace ticketing::test {
namespace {

TEST(InSimulation, the_story_comes_true_and_a_hundred_storms_hold) {
  const Outcome outcome = run_to_end({path_of_program("example_02_in_simulation"), {}, {}, {}});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, expected_of("02_in_simulation"));
}

}  // namespace
}  // namespace ticketing::test
