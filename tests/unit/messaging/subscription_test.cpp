// Joining, catching up, live events and gaps, step by step.

#include "subscription_fixture.hpp"

namespace ticketing {
namespace {

using namespace test;
using namespace std::chrono_literals;

class SubscriptionTest : public SubscriptionFixture {};

TEST_F(SubscriptionTest, joins_first_and_asks_for_nothing_before_the_hello) {
  start({});
  const auto actions = step();
  EXPECT_TRUE(actions.join);
  EXPECT_FALSE(actions.fetch);
  EXPECT_FALSE(actions.deliver);
  EXPECT_FALSE(core_->joined());
  EXPECT_FALSE(core_->caught_up());
  EXPECT_FALSE(step().join);
}

TEST_F(SubscriptionTest, joins_again_when_no_hello_comes) {
  start({});
  step();
  EXPECT_EQ(core_->next_deadline(), now_ + 1s);
  EXPECT_FALSE(step(999ms).join);
  EXPECT_TRUE(step(1ms).join);
}

TEST_F(SubscriptionTest, an_empty_log_is_caught_up_with_the_hello) {
  start_joined();
  EXPECT_TRUE(core_->caught_up());
  EXPECT_FALSE(step().fetch);
}

TEST_F(SubscriptionTest, catches_up_from_its_cursor_and_tells_where_it_stands) {
  for (int i = 0; i < 9; ++i) publish("a");
  start({}, Cursor{"log-1", 4});
  step();
  hello();
  EXPECT_EQ(core_->lag(), 5);
  const auto asked = step().fetch;
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->log_id, "log-1");
  EXPECT_EQ(asked->query.after, 4);
  answer(*asked, {5, 6, 7, 8, 9}, 9, 9);
  const auto batch = step().deliver;
  EXPECT_EQ(offsets(batch), (Offsets{5, 6, 7, 8, 9}));
  EXPECT_EQ(batch->log, "tickets");
  EXPECT_EQ(batch->cursor.log_id, "log-1");
  EXPECT_EQ(batch->cursor.offset, 9);
  EXPECT_FALSE(core_->caught_up());
  core_->on_applied();
  EXPECT_TRUE(core_->caught_up());
  EXPECT_EQ(core_->applied(), 9);
}

TEST_F(SubscriptionTest, without_a_cursor_it_takes_whatever_log_there_is_from_the_start) {
  publish("a");
  start_joined();
  const auto asked = step().fetch;
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->log_id, "log-1");
  EXPECT_EQ(asked->query.after, 0);
}

TEST_F(SubscriptionTest, pages_follow_each_other) {
  for (int i = 0; i < 5; ++i) publish("a");
  start_joined();
  answer(*step().fetch, {1, 2}, 2, 5);
  const auto next = step().fetch;
  ASSERT_TRUE(next);
  EXPECT_EQ(next->query.after, 2);
  answer(*next, {3, 4, 5}, 5, 5);
  EXPECT_FALSE(step().fetch);
  core_->on_applied();
  EXPECT_EQ(drain(), (Offsets{3, 4, 5}));
}

TEST_F(SubscriptionTest, batches_are_larger_until_it_has_caught_up_once) {
  for (int i = 0; i < 10; ++i) publish("a");
  start_joined({.log = {}, .subjects = {}, .batch_max = 2});
  answer(*step().fetch, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10, 10);
  EXPECT_EQ(offsets(step().deliver), (Offsets{1, 2, 3, 4, 5, 6, 7, 8}));
  core_->on_applied();
  EXPECT_EQ(drain(), (Offsets{9, 10}));
  EXPECT_TRUE(core_->caught_up());
  for (int i = 11; i <= 13; ++i) publish("a");
  beat();
  answer(*step().fetch, {11, 12, 13}, 13, 13);
  EXPECT_EQ(offsets(step().deliver), (Offsets{11, 12})) << "for good, whatever it misses later";
}

TEST_F(SubscriptionTest, live_events_need_no_fetch) {
  start_joined();
  publish_and_receive("a");
  publish_and_receive("b");
  const auto actions = step();
  EXPECT_FALSE(actions.fetch);
  EXPECT_EQ(offsets(actions.deliver), (Offsets{1, 2}));
}

TEST_F(SubscriptionTest, a_live_event_before_the_hello_is_kept) {
  start({});
  step();
  publish_and_receive("a");
  EXPECT_EQ(drain(), Offsets{1});
}

TEST_F(SubscriptionTest, a_repeated_event_changes_nothing) {
  start_joined();
  const auto live = publish("a");
  receive(live);
  receive(live);
  EXPECT_EQ(drain(), Offsets{1});
  receive(live);
  EXPECT_EQ(drain(), Offsets{});
  EXPECT_TRUE(core_->caught_up());
}

TEST_F(SubscriptionTest, what_is_behind_a_gap_waits_until_the_gap_is_fetched) {
  start_joined();
  publish("a");
  publish_and_receive("a");
  publish_and_receive("a");
  auto actions = step();
  EXPECT_FALSE(actions.deliver);
  ASSERT_TRUE(actions.fetch);
  EXPECT_EQ(actions.fetch->query.after, 0);
  answer(*actions.fetch, {1}, 1, 3);
  EXPECT_EQ(drain(), (Offsets{1, 2, 3}));
  EXPECT_TRUE(core_->caught_up());
}

TEST_F(SubscriptionTest, an_event_that_the_page_has_too_comes_out_once) {
  start_joined();
  publish("a");
  publish_and_receive("a");
  answer(*step().fetch, {1, 2}, 2, 2);
  EXPECT_EQ(drain(), (Offsets{1, 2}));
}

TEST_F(SubscriptionTest, the_last_event_of_all_being_lost_is_seen_by_the_next_beat) {
  start_joined();
  publish("a");
  EXPECT_FALSE(step().fetch);
  beat();
  EXPECT_FALSE(core_->caught_up());
  EXPECT_TRUE(step().fetch);
}

TEST_F(SubscriptionTest, only_wanted_subjects_come_out_and_no_gap_is_seen_in_others) {
  start_joined({.log = {}, .subjects = {"a", "c"}});
  publish_and_receive("a");
  publish("b");
  publish_and_receive("c");
  publish_and_receive("b");  // A prefix of what was subscribed to, say.
  const auto actions = step();
  EXPECT_FALSE(actions.fetch);
  EXPECT_EQ(offsets(actions.deliver), (Offsets{1, 3}));
}

TEST_F(SubscriptionTest, beats_move_it_past_what_it_does_not_want) {
  start_joined({.log = {}, .subjects = {"a"}});
  publish_and_receive("a");
  for (int i = 0; i < 5; ++i) publish("b");
  beat();
  EXPECT_EQ(core_->lag(), 6);
  const auto batch = step().deliver;
  EXPECT_EQ(batch->cursor.offset, 6);
  core_->on_applied();
  EXPECT_TRUE(core_->caught_up());
  publish("b");
  beat();
  EXPECT_EQ(core_->applied(), 7);
  EXPECT_TRUE(core_->caught_up());
}

TEST_F(SubscriptionTest, a_cursor_never_passes_an_event_that_is_still_held) {
  start_joined({.log = {}, .subjects = {"a"}, .batch_max = 1});
  publish_and_receive("a");
  publish("b");
  publish_and_receive("a");
  publish("b");
  beat();
  EXPECT_EQ(step().deliver->cursor.offset, 1);
  core_->on_applied();
  EXPECT_EQ(step().deliver->cursor.offset, 4);
}

TEST_F(SubscriptionTest, a_publisher_that_restarted_is_no_reason_to_miss_or_repeat) {
  start_joined({.log = {}, .subjects = {"a"}});
  publish_and_receive("a");
  publish("b");
  publish("a");  // Nobody heard of it.
  relay_ = Relay{"tickets", "log-1", 3, "-"};
  hello();
  const auto asked = step().fetch;
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->query.after, 1);
  answer(*asked, {3}, 3, 3);
  core_->on_applied();
  EXPECT_EQ(drain(), Offsets{3});
  publish_and_receive("a");
  EXPECT_FALSE(step().fetch);
}

TEST_F(SubscriptionTest, batches_are_bounded_and_one_at_a_time) {
  start_joined({.log = {}, .subjects = {}, .batch_max = 2});
  for (int i = 0; i < 3; ++i) publish_and_receive("a");
  EXPECT_EQ(offsets(step().deliver), (Offsets{1, 2}));
  EXPECT_FALSE(step().deliver);
  core_->on_applied();
  EXPECT_EQ(offsets(step().deliver), Offsets{3});
}

TEST_F(SubscriptionTest, what_comes_while_a_batch_is_out_makes_the_next_one) {
  start_joined();
  publish_and_receive("a");
  EXPECT_EQ(offsets(step().deliver), Offsets{1});
  publish_and_receive("a");
  publish_and_receive("a");
  core_->on_applied();
  EXPECT_EQ(offsets(step().deliver), (Offsets{2, 3}));
}

TEST_F(SubscriptionTest, a_slow_consumer_bounds_what_is_held) {
  start_joined({.log = {}, .subjects = {}, .batch_max = 3, .buffer_max = 10});
  for (int i = 0; i < 1'000; ++i) publish_and_receive("a");
  const Offsets held = drain();
  EXPECT_LE(held.size(), 20u) << "what has room, and as many that wait for it";
  EXPECT_EQ(held.front(), 1);
}

TEST_F(SubscriptionTest, a_full_buffer_stops_fetching_until_there_is_room) {
  for (int i = 0; i < 100; ++i) publish("a");
  start_joined({.log = {}, .subjects = {}, .batch_max = 1, .buffer_max = 8});
  answer(*step().fetch, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 12, 100);
  auto actions = step();
  EXPECT_FALSE(actions.fetch);
  EXPECT_EQ(offsets(actions.deliver), (Offsets{1, 2, 3, 4}));
  EXPECT_FALSE(step().fetch);
  core_->on_applied();
  EXPECT_EQ(offsets(step().deliver), (Offsets{5, 6, 7, 8}));
  const auto asked = step().fetch;
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->query.after, 12);
}

}  // namespace
}  // namespace ticketing
