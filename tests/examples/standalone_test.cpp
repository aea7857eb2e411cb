// The examples that end by themselves: what they print is compared with the file of their name.

#include <gtest/gtest.h>

#include "examples/expected.hpp"
#include "support/marketplace.hpp"

namespace ticketing::test {
namespace {

void expect_output(const std::string& program, const std::string& expected) {
  const Outcome outcome = run_to_end({path_of_program(program), {}, {}, {}});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, expected_of(expected));
}

TEST(HealingReplica, ends_up_with_what_its_owner_has) {
  expect_output("example_02_healing_replica", "02_healing_replica");
}

TEST(Reviews, are_neither_lost_nor_told_twice_in_a_hundred_storms) {
  expect_output("reviews_test", "03_reviews");
}

TEST(InSimulation, the_story_comes_true_and_a_hundred_storms_hold) {
  expect_output("example_05_in_simulation", "05_in_simulation");
}

}  // namespace
}  // namespace ticketing::test
