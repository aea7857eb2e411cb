#include "ticketing/messaging/relay.hpp"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

wire::Position position_in(const wire::Frames& message) {
  return wire::decode_position(message.at(1));
}

TEST(Relay, sends_each_entry_once_in_order_under_its_subject) {
  Relay relay{"tickets", "id", 0, "tcp://*:1"};
  const auto messages = relay.committed({{1, "a", "one"}, {2, "b", "two"}});
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].at(0), "a");
  EXPECT_EQ(messages[0].at(2), "one");
  EXPECT_EQ(messages[1].at(0), "b");
  EXPECT_EQ(messages[1].at(2), "two");
  EXPECT_EQ(position_in(messages[1]).log, "tickets");
  EXPECT_EQ(position_in(messages[1]).log_id, "id");
  EXPECT_EQ(position_in(messages[1]).fetch, "tcp://*:1");
  EXPECT_EQ(position_in(messages[1]).offset, 2);
}

TEST(Relay, an_event_tells_what_came_before_it_and_not_itself) {
  Relay relay{"tickets", "id", 0, "-"};
  const auto messages = relay.committed({{1, "a", ""}, {2, "b", ""}, {3, "a", ""}, {4, "a", ""}});
  using Subjects = std::vector<std::string>;
  EXPECT_EQ(position_in(messages[0]).last_of(Subjects{"a"}, true), 0);
  EXPECT_EQ(position_in(messages[1]).last_of(Subjects{"b"}, true), 0);
  EXPECT_EQ(position_in(messages[2]).last_of(Subjects{"a"}, true), 1);
  EXPECT_EQ(position_in(messages[3]).last_of(Subjects{"a"}, true), 3);
  EXPECT_EQ(position_in(messages[3]).last_of(Subjects{"a", "b"}, true), 3);
  EXPECT_EQ(position_in(messages[3]).last_of({}, true), 3);
}

TEST(Relay, its_position_counts_everything_that_was_sent) {
  Relay relay{"tickets", "id", 0, "-"};
  relay.committed({{1, "a", ""}, {2, "b", ""}});
  EXPECT_EQ(relay.head(), 2);
  EXPECT_EQ(relay.position().last_of({"a"}, false), 1);
  EXPECT_EQ(relay.position().last_of({"b"}, false), 2);
}

TEST(Relay, what_was_there_before_it_is_below_the_floor) {
  Relay relay{"tickets", "id", 10, "-"};
  EXPECT_EQ(relay.head(), 10);
  const auto messages = relay.committed({{11, "a", ""}});
  EXPECT_EQ(position_in(messages[0]).last_of({"a"}, true), 10);
  EXPECT_EQ(relay.position().last_of({"b"}, false), 10);
}

TEST(Relay, nothing_committed_is_nothing_sent) {
  Relay relay{"tickets", "id", 3, "-"};
  EXPECT_TRUE(relay.committed({}).empty());
  EXPECT_EQ(relay.head(), 3);
}

TEST(RelayDeathTest, a_gap_in_what_is_given_is_a_bug) {
  Relay relay{"tickets", "id", 0, "-"};
  EXPECT_DEATH(relay.committed({{2, "a", ""}}), "assertion failed");
}

}  // namespace
}  // namespace ticketing
