#include "suggestion.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ticketing::cli {
namespace {

constexpr std::array<std::string_view, 5> kWords{"order", "orders", "signin", "signup", "pay"};

TEST(Suggestion, distance_counts_single_mistakes) {
  EXPECT_EQ(edit_distance("order", "order"), 0U);
  EXPECT_EQ(edit_distance("order", "ordr"), 1U);
  EXPECT_EQ(edit_distance("order", "oredr"), 1U);  // Two neighbours swapped.
  EXPECT_EQ(edit_distance("", "pay"), 3U);
  EXPECT_EQ(edit_distance("signin", "signup"), 2U);
}

TEST(Suggestion, the_nearest_word_is_meant) {
  EXPECT_EQ(nearest("oder", kWords), "order");
  EXPECT_EQ(nearest("oders", kWords), "orders");
  EXPECT_EQ(nearest("singin", kWords), "signin");
  EXPECT_EQ(nearest("pya", kWords), "pay");
}

TEST(Suggestion, nothing_is_meant_by_something_else) {
  EXPECT_FALSE(nearest("verify", kWords));
  EXPECT_FALSE(nearest(std::string(100'000, 'x'), kWords));
  EXPECT_FALSE(nearest("x", {}));
}

}  // namespace
}  // namespace ticketing::cli
