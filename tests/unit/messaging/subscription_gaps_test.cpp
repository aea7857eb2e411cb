// Events that come live while earlier ones are missing.

#include "subscription_fixture.hpp"

namespace ticketing {
namespace {

using namespace test;

class SubscriptionGapsTest : public SubscriptionFixture {};

/// Of what waits, the earliest is worth most: it follows first.
TEST_F(SubscriptionGapsTest, what_waits_behind_a_gap_in_any_order_follows_once_it_is_closed) {
  start_joined({.log = {}, .subjects = {}, .buffer_max = 4});
  std::vector<wire::Frames> sent;
  for (int i = 0; i < 9; ++i) sent.push_back(publish("a"));
  for (const std::size_t i : {8U, 3U, 2U, 4U, 3U, 7U, 1U}) receive(sent[i]);
  EXPECT_EQ(drain(), Offsets{});
  receive(sent[0]);
  EXPECT_EQ(drain(), (Offsets{1, 2, 3, 4, 5}));
}

TEST_F(SubscriptionGapsTest, what_fills_a_gap_is_taken_while_nobody_answers) {
  start({}, Cursor{"log-1", 0});
  step();
  std::vector<wire::Frames> sent;
  for (int i = 0; i < 6; ++i) sent.push_back(publish("a"));
  for (const std::size_t i : {3U, 4U}) receive(sent[i]);  // What was under way was not said yet.
  EXPECT_EQ(drain(), Offsets{});
  for (const std::size_t i : {0U, 1U}) receive(sent[i]);
  EXPECT_EQ(drain(), (Offsets{1, 2}));
  receive(sent[2]);
  EXPECT_EQ(drain(), (Offsets{3, 4, 5}));
  EXPECT_FALSE(core_->joined());
  receive(sent[5]);
  EXPECT_EQ(drain(), Offsets{6});
  hello();
  if (const auto asked = step().fetch) answer(*asked, {}, 6, 6);
  EXPECT_TRUE(core_->at_rest());
}

TEST_F(SubscriptionGapsTest, of_an_answer_only_what_did_not_come_live_meanwhile_is_taken) {
  start_joined({.log = {}, .subjects = {"a"}});
  publish("b");
  const auto first = publish("a");
  const auto second = publish("a");
  publish_and_receive("a");
  const auto asked = step().fetch;
  ASSERT_TRUE(asked);
  receive(first);
  EXPECT_EQ(drain(), Offsets{2});
  receive(second);
  answer(*asked, {2, 3}, 3, 4);
  EXPECT_EQ(drain(), (Offsets{3, 4}));
  publish("a");
  publish_and_receive("a");
  const auto more = step().fetch;
  ASSERT_TRUE(more);
  answer(*more, {5, 6}, 6, 6);
  EXPECT_EQ(drain(), (Offsets{5, 6}));
  EXPECT_TRUE(core_->at_rest());
}

TEST_F(SubscriptionGapsTest, there_is_room_for_what_closes_a_gap_while_nobody_can_be_asked) {
  start({.log = {}, .subjects = {}, .buffer_max = 3}, Cursor{"log-1", 0});
  step();
  std::vector<wire::Frames> sent;
  for (int i = 0; i < 8; ++i) sent.push_back(publish("a"));
  for (std::size_t i = 1; i < 8; ++i) receive(sent[i]);
  EXPECT_TRUE(core_->has_room());
  receive(sent[0]);
  EXPECT_FALSE(core_->has_room());
  EXPECT_EQ(drain(), (Offsets{1, 2, 3, 4}));
  EXPECT_TRUE(core_->has_room());
  receive(publish("a"));
  hello();
  EXPECT_TRUE(core_->has_room());
}

TEST_F(SubscriptionGapsTest, large_events_fill_what_is_held_sooner) {
  start_joined({.log = {}, .subjects = {}, .buffer_bytes_max = 100});
  const auto receive_large = [&] {
    auto live = publish("a");
    live[2] = std::string(40, 'x');
    receive(live);
  };
  for (int i = 0; i < 9; ++i) receive_large();
  EXPECT_FALSE(core_->has_room());
  // Three until it is full, and two that wait for room.
  EXPECT_EQ(drain(), (Offsets{1, 2, 3, 4, 5}));
  EXPECT_TRUE(core_->has_room());
  publish("a");
  for (int i = 0; i < 9; ++i) receive_large();
  hello();
  answer(*step().fetch, {6, 7, 8, 9, 10}, 10, 19);
  const auto next = step();
  EXPECT_EQ(offsets(next.deliver), (Offsets{6, 7, 8, 9, 10, 11, 12}));
  core_->on_applied();
  ASSERT_TRUE(next.fetch);
  answer(*next.fetch, {13, 14, 15, 16, 17, 18, 19}, 19, 19);
  EXPECT_EQ(drain(), (Offsets{13, 14, 15, 16, 17, 18, 19}));
  EXPECT_TRUE(core_->at_rest());
}

}  // namespace
}  // namespace ticketing
