// Silence, lost answers, failing consumers, replays, and logs that are not what they were.

#include "subscription_fixture.hpp"

namespace ticketing {
namespace {

using namespace test;
using namespace std::chrono_literals;

class SubscriptionTroubleTest : public SubscriptionFixture {
 protected:
  /// Joined, with the events 1 to `count` applied.
  void start_applied(int count, SubscriptionOptions options = {}) {
    start_joined(std::move(options));
    for (int i = 0; i < count; ++i) publish_and_receive("a");
    drain();
    EXPECT_EQ(core_->applied(), count);
  }
  void expect_refused() {
    EXPECT_TRUE(core_->refusal().has_value());
    EXPECT_FALSE(core_->caught_up());
    const auto actions = step(1h);
    EXPECT_FALSE(actions.join);
    EXPECT_FALSE(actions.fetch);
    EXPECT_FALSE(actions.deliver);
  }
  static wire::Position position_of_log(const std::string& id, std::int64_t head) {
    return Relay{"tickets", id, head, "-"}.position();
  }
};

TEST_F(SubscriptionTroubleTest, silence_makes_it_join_anew) {
  start_joined();
  EXPECT_FALSE(step(3s).join);
  beat();
  EXPECT_FALSE(step(3s).join);
  EXPECT_FALSE(step(3s).join);
  EXPECT_TRUE(step(1ms).join);
  EXPECT_FALSE(core_->joined());
  beat();
  EXPECT_FALSE(core_->joined()) << "a beat proves nothing about the subscription";
  hello();
  EXPECT_TRUE(core_->joined());
}

TEST_F(SubscriptionTroubleTest, a_driver_that_keeps_to_the_deadline_notices_silence) {
  start_joined();
  step();
  for (int i = 0; i < 3; ++i) {
    now_ = core_->next_deadline();
    if (core_->step(now_).join) return;
  }
  FAIL() << "never joined anew";
}

TEST_F(SubscriptionTroubleTest, an_unanswered_fetch_is_asked_again_under_another_number) {
  publish("a");
  start_joined();
  const auto first = step().fetch;
  EXPECT_EQ(core_->next_deadline(), now_ + 3s);
  beat();
  EXPECT_FALSE(step(2'999ms).fetch);
  beat();
  const auto second = step(1ms).fetch;
  ASSERT_TRUE(second);
  EXPECT_NE(second->number, first->number);
  answer(*first, {1}, 1, 1);
  EXPECT_FALSE(step().deliver) << "too late";
  answer(*second, {1}, 1, 1);
  EXPECT_EQ(drain(), Offsets{1});
}

TEST_F(SubscriptionTroubleTest,
       what_a_publisher_that_died_was_asked_is_asked_again_when_it_is_back) {
  publish("a");
  start_joined();
  const auto first = step().fetch;
  beat();
  EXPECT_FALSE(step(1ms).fetch) << "it is there, and answers";
  hello();
  const auto second = step(1ms).fetch;
  ASSERT_TRUE(second);
  answer(*first, {1}, 1, 1);
  EXPECT_FALSE(step().deliver) << "not what was asked last";
  answer(*second, {1}, 1, 1);
  EXPECT_EQ(drain(), Offsets{1});
  EXPECT_TRUE(core_->at_rest());
}

TEST_F(SubscriptionTroubleTest, a_replay_that_died_with_the_publisher_is_asked_for_again) {
  start_applied(9);
  core_->request_replay({2, 6});
  const auto first = step().fetch;
  hello();
  const auto second = step().fetch;
  ASSERT_TRUE(second);
  EXPECT_EQ(second->query.after, 2);
  EXPECT_EQ(second->query.until, 5);
  answer(*first, {3, 4, 5}, 5, 9);
  answer(*second, {3, 4, 5}, 5, 9);
  EXPECT_EQ(drain(), (Offsets{3, 4, 5}));
  EXPECT_TRUE(core_->at_rest());
}

TEST_F(SubscriptionTroubleTest, a_fetch_that_is_answered_with_an_error_is_asked_again_later) {
  publish("a");
  start_joined();
  wire::FetchAnswer error;
  error.number = step().fetch->number;
  error.error = "unavailable";
  core_->on_fetched(error);
  EXPECT_FALSE(step().fetch);
  beat();
  EXPECT_TRUE(step(3s).fetch);
}

TEST_F(SubscriptionTroubleTest, an_answer_that_was_not_asked_for_changes_nothing) {
  start_joined();
  answer({.number = 77, .log = {}, .log_id = {}, .query = {}}, {1, 2}, 2, 2);
  EXPECT_EQ(drain(), Offsets{});
  EXPECT_EQ(core_->lag(), 0);
}

TEST_F(SubscriptionTroubleTest, of_an_answer_with_more_than_was_asked_for_only_that_is_taken) {
  start_applied(3);
  publish("a");
  beat();
  answer(*step().fetch, {1, 2, 3, 4}, 4, 4);
  EXPECT_EQ(drain(), Offsets{4});
}

TEST_F(SubscriptionTroubleTest, what_waits_behind_a_gap_is_bounded) {
  start_joined({.log = {}, .subjects = {}, .buffer_max = 10});
  publish("a");
  for (int i = 2; i <= 1'000; ++i) publish_and_receive("a");
  // Had all that came live been kept, 991 and later would follow by themselves.
  answer(*step().fetch, {}, 990, 1'000);
  EXPECT_EQ(drain(), Offsets{});
  beat();
  EXPECT_FALSE(core_->caught_up());
}

TEST_F(SubscriptionTroubleTest, a_batch_that_failed_is_delivered_again_after_the_pause) {
  start_joined();
  publish_and_receive("a");
  const auto batch = step().deliver;
  core_->on_apply_failed(now_, 200ms);
  publish_and_receive("a");
  EXPECT_FALSE(step(199ms).deliver);
  EXPECT_EQ(core_->next_deadline(), now_ + 1ms);
  EXPECT_EQ(step(1ms).deliver, batch);
  EXPECT_FALSE(step(1s).deliver) << "once per failure";
  core_->on_applied();
  EXPECT_EQ(drain(), Offsets{2});
}

TEST_F(SubscriptionTroubleTest, a_log_of_another_id_is_refused_wherever_it_shows) {
  const wire::Position other = position_of_log("log-2", 9);
  for (int way = 0; way < 4; ++way) {
    publish("a");
    start({}, Cursor{"log-1", 0});
    step();
    if (way == 0) {
      core_->on_hello(other);
      expect_refused();
      continue;
    }
    hello();
    const auto asked = step().fetch;
    if (way == 1) core_->on_beat(other);
    if (way == 2) core_->on_event(other, "a", "1");
    if (way == 3) core_->on_fetched({asked->number, "tickets", "log-2", 0, 0, {}, {}});
    expect_refused();
  }
}

TEST_F(SubscriptionTroubleTest, a_log_that_came_back_shorter_is_refused) {
  start_applied(5);
  core_->on_hello(position_of_log("log-1", 3));
  const auto asked = step().fetch;
  ASSERT_TRUE(asked);
  answer(*asked, {}, 5, 3);
  expect_refused();
}

TEST_F(SubscriptionTroubleTest, a_log_shorter_than_the_stored_cursor_is_refused) {
  start({}, Cursor{"log-1", 5});
  step();
  core_->on_hello(position_of_log("log-1", 3));
  answer(*step().fetch, {}, 5, 3);
  expect_refused();
}

TEST_F(SubscriptionTroubleTest, a_hello_that_a_newer_answer_overtook_is_no_reason_to_refuse) {
  start_applied(5);
  core_->on_hello(position_of_log("log-1", 3));
  answer(*step().fetch, {}, 5, 5);
  EXPECT_FALSE(core_->refusal());
  step();
  EXPECT_TRUE(core_->caught_up());
}

TEST_F(SubscriptionTroubleTest, a_refusal_does_not_claim_what_was_never_applied) {
  start_applied(2, {.log = {}, .subjects = {}, .batch_max = 1});
  publish_and_receive("a");
  publish_and_receive("a");
  EXPECT_EQ(offsets(step().deliver), Offsets{3});
  core_->on_hello(position_of_log("log-2", 9));
  core_->on_applied();
  expect_refused();
  EXPECT_EQ(core_->applied(), 3);
}

TEST_F(SubscriptionTroubleTest, a_replay_fetches_the_gap_and_leaves_the_cursor) {
  start_applied(9);
  core_->request_replay({2, 6});
  const auto asked = step().fetch;
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->query.after, 2);
  EXPECT_EQ(asked->query.until, 5);
  answer(*asked, {3, 4, 5}, 5, 9);
  const auto batch = step().deliver;
  EXPECT_TRUE(batch->replay);
  EXPECT_EQ(offsets(batch), (Offsets{3, 4, 5}));
  EXPECT_EQ(batch->cursor.offset, 9);
  core_->on_applied();
  EXPECT_EQ(core_->applied(), 9);
  EXPECT_FALSE(step(1s).fetch);
}

TEST_F(SubscriptionTroubleTest, a_long_replay_comes_in_pages) {
  start_applied(9);
  core_->request_replay({0, 9});
  answer(*step().fetch, {1, 2}, 2, 9);
  EXPECT_EQ(offsets(step().deliver), (Offsets{1, 2}));
  const auto next = step().fetch;
  ASSERT_TRUE(next);
  EXPECT_EQ(next->query.after, 2);
  EXPECT_EQ(next->query.until, 8);
  answer(*next, {3, 4, 5, 6, 7, 8}, 8, 9);
  core_->on_applied();
  EXPECT_EQ(drain(), (Offsets{3, 4, 5, 6, 7, 8}));
}

TEST_F(SubscriptionTroubleTest, replays_of_overlapping_gaps_are_one) {
  start_applied(9);
  core_->request_replay({2, 5});
  core_->request_replay({3, 8});
  core_->request_replay({2, 4});
  const auto asked = step().fetch;
  EXPECT_EQ(asked->query.after, 2);
  EXPECT_EQ(asked->query.until, 7);
  answer(*asked, {3, 4, 5, 6, 7}, 7, 9);
  drain();
  EXPECT_FALSE(step(1s).fetch);
}

TEST_F(SubscriptionTroubleTest, an_earlier_gap_is_not_swallowed_by_a_later_one) {
  start_applied(9);
  core_->request_replay({5, 8});
  core_->request_replay({0, 3});
  answer(*step().fetch, {6, 7}, 7, 9);
  EXPECT_EQ(offsets(step().deliver), (Offsets{6, 7}));
  core_->on_applied();
  beat();
  const auto asked = step(3s).fetch;
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->query.after, 0);
  EXPECT_EQ(asked->query.until, 2);
}

TEST_F(SubscriptionTroubleTest, a_replay_of_nothing_ends_at_once) {
  start_applied(9);
  core_->request_replay({4, 5});
  answer(*step().fetch, {}, 4, 9);
  const auto actions = step();
  EXPECT_FALSE(actions.fetch);
  EXPECT_FALSE(actions.deliver);
}

TEST_F(SubscriptionTroubleTest, live_events_during_a_replay_are_not_lost) {
  start_applied(5);
  core_->request_replay({0, 3});
  const auto replay = step().fetch;
  publish_and_receive("a");
  answer(*replay, {1, 2}, 2, 6);
  EXPECT_EQ(drain(), (Offsets{1, 2, 6}));
  EXPECT_TRUE(core_->caught_up());
}

}  // namespace
}  // namespace ticketing
