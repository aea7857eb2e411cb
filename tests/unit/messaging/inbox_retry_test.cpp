// Events that fail: backoff, dead letters, and those of the same aggregate that wait behind.

#include "inbox_fixture.hpp"

namespace ticketing {
namespace {

using namespace test;
using namespace std::chrono_literals;

class InboxRetryTest : public InboxFixture {};

TEST_F(InboxRetryTest, nothing_is_due_when_nothing_failed) {
  apply(batch({"x0"}));
  EXPECT_EQ(next_retry(), std::nullopt);
  EXPECT_FALSE(retry().retries_changed);
}

TEST_F(InboxRetryTest, a_failed_event_is_tried_again_when_it_is_due_and_not_before) {
  fail("x0", ErrorCode::unavailable);
  apply(batch({"x0"}));
  succeed("x0");
  const auto due = next_retry();
  ASSERT_TRUE(due);
  EXPECT_GT(*due, kStart);
  clock_.time = *due - 1ms;
  retry();
  EXPECT_EQ(effects(), Names{});
  clock_.time = *due;
  const Effects after = retry();
  EXPECT_EQ(effects(), Names{"x0"});
  EXPECT_EQ(after.published.size(), 1u);
  EXPECT_TRUE(after.retries_changed);
  EXPECT_TRUE(set_aside().empty());
}

TEST_F(InboxRetryTest, pauses_grow_until_the_event_is_dead) {
  fail("x0", ErrorCode::unavailable);
  apply(batch({"x0"}));
  const auto first_pause = *next_retry() - clock_.time;
  clock_.time = *next_retry();
  retry();
  const auto second_pause = *next_retry() - clock_.time;
  EXPECT_GE(first_pause, 37ms);
  EXPECT_LE(first_pause, 63ms);
  EXPECT_GE(second_pause, 75ms);
  EXPECT_LE(second_pause, 125ms);
  EXPECT_EQ(set_aside(), Names{"1:retry"});
  clock_.time = *next_retry();
  retry();
  EXPECT_EQ(set_aside(), Names{"1:dead"});
  EXPECT_EQ(next_retry(), std::nullopt);
  EXPECT_EQ(db_.read([](Transaction& tx) { return Inbox::count_dead(tx); }), 1);
}

TEST_F(InboxRetryTest, what_cannot_get_better_is_dead_at_once) {
  for (const ErrorCode code :
       {ErrorCode::invalid, ErrorCode::unauthorized, ErrorCode::not_found, ErrorCode::refused}) {
    fail("x0", code);
    apply(batch({"x0"}, 1, std::string{policy_of(code).word}));
  }
  EXPECT_EQ(set_aside(), (Names{"1:dead", "1:dead", "1:dead", "1:dead"}));
}

TEST_F(InboxRetryTest, what_may_get_better_is_retried) {
  for (const ErrorCode code : {ErrorCode::conflict, ErrorCode::exhausted, ErrorCode::unavailable}) {
    fail("x0", code);
    apply(batch({"x0"}, 1, std::string{policy_of(code).word}));
  }
  EXPECT_EQ(set_aside(), (Names{"1:retry", "1:retry", "1:retry"}));
}

TEST_F(InboxRetryTest, later_events_of_its_aggregate_wait_and_others_flow) {
  fail("x0", ErrorCode::unavailable);
  apply(batch({"x0", "x1", "y0", "x2"}));
  EXPECT_EQ(effects(), Names{"y0"});
  EXPECT_EQ(set_aside(), (Names{"1:retry", "2:behind", "4:behind"}));
  apply(batch({"x3", "y1"}, 5));
  EXPECT_EQ(effects(), (Names{"y0", "y1"}));
  EXPECT_EQ(set_aside(), (Names{"1:retry", "2:behind", "4:behind", "5:behind"}));
  EXPECT_EQ(cursor(), 6);
}

TEST_F(InboxRetryTest, the_same_aggregate_of_another_log_does_not_wait) {
  fail("x0", ErrorCode::unavailable);
  apply(batch({"x0"}));
  apply(batch({"x1"}, 1, "payments"));
  EXPECT_EQ(effects(), Names{"x1"});
}

TEST_F(InboxRetryTest, when_it_succeeds_those_behind_follow_in_order) {
  fail("x0", ErrorCode::unavailable);
  apply(batch({"x0", "x1", "x2"}));
  apply(batch({"x3"}, 4));
  succeed("x0");
  retry_all();
  EXPECT_EQ(effects(), (Names{"x0", "x1", "x2", "x3"}));
  EXPECT_EQ(published(), (Names{"x0", "x1", "x2", "x3"}));
  EXPECT_TRUE(set_aside().empty());
  apply(batch({"x4"}, 5));
  EXPECT_EQ(effects().back(), "x4");
}

TEST_F(InboxRetryTest, one_behind_that_fails_in_turn_holds_up_the_rest) {
  fail("x0", ErrorCode::unavailable);
  fail("x1", ErrorCode::unavailable);
  apply(batch({"x0", "x1", "x2"}));
  succeed("x0");
  retry_all();
  EXPECT_EQ(effects(), Names{"x0"});
  EXPECT_EQ(set_aside(), (Names{"2:dead", "3:behind"}));
}

TEST_F(InboxRetryTest, a_dead_letter_holds_up_its_aggregate_until_it_is_redriven) {
  fail("x0", ErrorCode::invalid);
  apply(batch({"x0", "x1", "y0"}));
  retry_all();
  EXPECT_EQ(set_aside(), (Names{"1:dead", "2:behind"}));
  succeed("x0");
  EXPECT_TRUE(redrive(1));
  EXPECT_EQ(next_retry(), clock_.time);
  retry_all();
  EXPECT_EQ(effects(), (Names{"y0", "x0", "x1"}));
  EXPECT_TRUE(set_aside().empty());
}

TEST_F(InboxRetryTest, a_redriven_one_that_fails_again_is_dead_again) {
  fail("x0", ErrorCode::unavailable);
  apply(batch({"x0"}));
  retry_all();
  EXPECT_TRUE(redrive(1));
  retry();
  EXPECT_EQ(set_aside(), Names{"1:retry"}) << "it has all its attempts again";
  retry_all();
  EXPECT_EQ(set_aside(), Names{"1:dead"});
}

TEST_F(InboxRetryTest, a_dead_letter_that_is_skipped_lets_the_rest_go_on) {
  fail("x0", ErrorCode::invalid);
  apply(batch({"x0", "x1"}));
  EXPECT_TRUE(skip(1));
  retry_all();
  EXPECT_EQ(effects(), Names{"x1"});
  EXPECT_TRUE(set_aside().empty());
}

TEST_F(InboxRetryTest, only_dead_letters_are_redriven_or_skipped) {
  fail("x0", ErrorCode::unavailable);
  apply(batch({"x0", "x1"}));
  for (const std::int64_t offset : {1, 2, 77}) {
    EXPECT_FALSE(redrive(offset));
    EXPECT_FALSE(skip(offset));
  }
  EXPECT_EQ(set_aside(), (Names{"1:retry", "2:behind"}));
}

TEST_F(InboxRetryTest, an_undecodable_event_can_be_redriven_and_stays_dead) {
  Batch bad = batch({"x0"});
  bad.events[0].envelope = "not json";
  apply(bad);
  EXPECT_TRUE(redrive(1));
  retry_all();
  EXPECT_EQ(set_aside(), Names{"1:dead"});
}

TEST_F(InboxRetryTest, what_is_set_aside_survives_a_restart) {
  fail("x0", ErrorCode::unavailable);
  apply(batch({"x0", "x1"}));
  db_.reopen();
  succeed("x0");
  retry_all();
  EXPECT_EQ(effects(), (Names{"x0", "x1"}));
}

TEST_F(InboxRetryTest, a_gap_found_in_a_retry_knows_its_log) {
  failing_["x5"] = [] { throw Error(ErrorCode::unavailable, "too much is parked"); };
  const Inbox inbox{
      [this](Transaction& tx, const Envelope& envelope, Effects& effects, Inbox::Scope scope) {
        dispatch(tx, envelope, effects, scope);
        effects.gaps.push_back({1, 5});
      },
      {},
      clock_,
      random_};
  const auto direct = db_.write([&](Transaction& tx) { return inbox.apply(tx, batch({"y0"})); });
  ASSERT_EQ(direct.gaps.size(), 1u);
  EXPECT_EQ(direct.gaps[0].log, "tickets");
  db_.write([&](Transaction& tx) { inbox.apply(tx, batch({"x5"}, 1, "payments")); });
  succeed("x5");
  clock_.time += 1h;
  const auto retried = db_.write([&](Transaction& tx) { return inbox.retry_due(tx); });
  ASSERT_EQ(retried.gaps.size(), 1u);
  EXPECT_EQ(retried.gaps[0].log, "payments");
}

TEST(RetryPolicyTest, pauses_double_to_a_bound_and_are_spread_by_a_quarter) {
  const RetryPolicy policy{.attempts_max = 9, .first_pause = 100ms, .pause_max = 1'000ms};
  const std::array<std::int64_t, 6> usual{100, 200, 400, 800, 1'000, 1'000};
  for (std::size_t i = 0; i < usual.size(); ++i) {
    const auto attempts = static_cast<std::int64_t>(i) + 1;
    for (std::uint64_t spread = 0; spread < 2'000; spread += 7) {
      const auto pause = policy.pause_after(attempts, spread).count();
      EXPECT_GE(pause, usual[i] * 3 / 4);
      EXPECT_LE(pause, usual[i] * 5 / 4);
    }
    EXPECT_NE(policy.pause_after(attempts, 1), policy.pause_after(attempts, 20));
  }
  EXPECT_GT(policy.pause_after(1'000'000, 0), 0ms);
}

}  // namespace
}  // namespace ticketing
