#include "ticketing/auth/sign_in_limiter.hpp"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

constexpr Timestamp kStart{std::chrono::hours{1'000}};
constexpr std::chrono::seconds kSecond{1};

TEST(SignInLimiter, the_sixth_failure_of_an_account_within_a_minute_is_refused) {
  SignInLimiter limiter;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(limiter.admit("a", "ip", kStart + i * kSecond));
  EXPECT_FALSE(limiter.admit("a", "ip", kStart + 59 * kSecond));
  EXPECT_TRUE(limiter.admit("b", "ip", kStart + 59 * kSecond));
}

TEST(SignInLimiter, the_window_slides) {
  SignInLimiter limiter;
  for (int i = 0; i < 5; ++i) limiter.admit("a", "ip", kStart + i * kSecond);
  EXPECT_FALSE(limiter.admit("a", "ip", kStart + 60 * kSecond - milliseconds{1}));
  EXPECT_TRUE(limiter.admit("a", "ip", kStart + 60 * kSecond));
  EXPECT_FALSE(limiter.admit("a", "ip", kStart + 60 * kSecond));
  EXPECT_TRUE(limiter.admit("a", "ip", kStart + 61 * kSecond));
}

TEST(SignInLimiter, an_address_fails_20_times_whatever_the_accounts) {
  SignInLimiter limiter;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(limiter.admit("a" + std::to_string(i), "ip", kStart));
  EXPECT_FALSE(limiter.admit("new", "ip", kStart));
  EXPECT_TRUE(limiter.admit("new", "other", kStart));
}

TEST(SignInLimiter, an_account_is_limited_from_all_addresses_together) {
  SignInLimiter limiter;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(limiter.admit("a", "ip" + std::to_string(i), kStart));
  EXPECT_FALSE(limiter.admit("a", "ip9", kStart));
}

TEST(SignInLimiter, successes_do_not_count) {
  SignInLimiter limiter;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(limiter.admit("a", "ip", kStart));
    limiter.forgive("a", "ip", kStart);
  }
}

TEST(SignInLimiter, a_success_takes_back_itself_and_no_failure_before_it) {
  SignInLimiter limiter;
  for (int i = 0; i < 4; ++i) limiter.admit("a", "ip", kStart);
  EXPECT_TRUE(limiter.admit("a", "ip", kStart + kSecond));
  limiter.forgive("a", "ip", kStart + kSecond);
  EXPECT_TRUE(limiter.admit("a", "ip", kStart + kSecond));
  EXPECT_FALSE(limiter.admit("a", "ip", kStart + kSecond));
}

TEST(SignInLimiter, guesses_side_by_side_gain_nothing) {
  SignInLimiter limiter;
  int admitted = 0;
  for (int i = 0; i < 50; ++i) admitted += limiter.admit("a", "ip", kStart) ? 1 : 0;
  EXPECT_EQ(admitted, 5);
}

TEST(SignInLimiter, refused_attempts_do_not_prolong_the_wait) {
  SignInLimiter limiter;
  for (int i = 0; i < 5; ++i) limiter.admit("a", "ip", kStart);
  for (int i = 1; i < 60; ++i) EXPECT_FALSE(limiter.admit("a", "ip", kStart + i * kSecond));
  EXPECT_TRUE(limiter.admit("a", "ip", kStart + 60 * kSecond));
}

TEST(SignInLimiter, a_clock_set_back_locks_nobody_out_for_long) {
  SignInLimiter limiter;
  for (int i = 0; i < 5; ++i) limiter.admit("a", "ip", kStart);
  EXPECT_FALSE(limiter.admit("a", "ip", kStart - kSecond));
  EXPECT_TRUE(limiter.admit("a", "ip", kStart - std::chrono::hours{1}));
}

TEST(SignInLimiter, a_full_table_forgets_what_is_over_first) {
  SignInLimiter limiter{{.keys_max = 3}};
  limiter.admit("old", "ip1", kStart);
  for (int i = 0; i < 5; ++i) limiter.admit("a", "ip2", kStart + 50 * kSecond);
  limiter.admit("b", "ip3", kStart + 50 * kSecond);
  EXPECT_TRUE(limiter.admit("c", "ip1", kStart + 70 * kSecond));
  EXPECT_FALSE(limiter.admit("a", "ip3", kStart + 70 * kSecond));
}

TEST(SignInLimiter, a_table_full_of_live_failures_still_admits_newcomers) {
  SignInLimiter limiter{{.keys_max = 2}};
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(limiter.admit("a" + std::to_string(i), "ip" + std::to_string(i), kStart));
  }
}

}  // namespace
}  // namespace ticketing
