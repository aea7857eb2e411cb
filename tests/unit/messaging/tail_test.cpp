#include "ticketing/messaging/tail.hpp"

#include "bus_fixture.hpp"
#include "support/error_of.hpp"

namespace ticketing {
namespace {

using namespace test;
using namespace std::chrono_literals;

class TailTest : public ::testing::Test {
 protected:
  using Offsets = std::vector<std::int64_t>;

  void SetUp() override {
    log_.publish(nullptr, "a", 2);
    log_.publish(nullptr, "b", 1);
    bus_ = make_bus(free_endpoint());
    bus_->host(log_.hosted());
    bus_->host(other_.hosted());
    bus_->start();
  }
  TailOptions options(std::optional<std::int64_t> from, std::vector<std::string> subjects = {}) {
    return {.endpoints = {bus_->endpoint()}, .subjects = std::move(subjects), .from = from};
  }
  /// The next `count` events of the first log.
  static Offsets take(EventTail& tail, std::size_t count) {
    Offsets offsets;
    while (offsets.size() < count) {
      const auto event = tail.next(kPatience);
      if (!event) break;
      EXPECT_EQ(event->log, "tickets");
      offsets.push_back(event->envelope.offset);
    }
    return offsets;
  }

  MemoryLog log_{"tickets"};
  MemoryLog other_{"orders"};
  std::unique_ptr<Bus> bus_;
};

TEST_F(TailTest, from_the_start_it_returns_everything_and_goes_on_live) {
  EventTail tail{options(1)};
  EXPECT_EQ(take(tail, 3), (Offsets{1, 2, 3}));
  log_.publish(bus_.get(), "a", 2);
  EXPECT_EQ(take(tail, 2), (Offsets{4, 5}));
}

TEST_F(TailTest, from_an_offset_it_starts_there) {
  EventTail tail{options(3)};
  EXPECT_EQ(take(tail, 1), (Offsets{3}));
}

TEST_F(TailTest, from_now_on_it_returns_what_comes_later) {
  EventTail tail{options({})};
  log_.publish(bus_.get(), "a", 3);
  EXPECT_EQ(take(tail, 3), (Offsets{4, 5, 6}));
}

TEST_F(TailTest, from_past_the_end_it_starts_at_the_end) {
  EventTail tail{options(1'000)};
  log_.publish(bus_.get(), "a");
  EXPECT_EQ(take(tail, 1), (Offsets{4}));
}

TEST_F(TailTest, from_nothing_or_less_is_from_the_start) {
  for (const std::int64_t from : {0, -5}) {
    EventTail tail{options(from)};
    EXPECT_EQ(take(tail, 3), (Offsets{1, 2, 3}));
  }
}

TEST_F(TailTest, a_filter_returns_only_those_subjects) {
  EventTail tail{options(1, {"b"})};
  log_.publish(bus_.get(), "a", 3);
  log_.publish(bus_.get(), "b");
  EXPECT_EQ(take(tail, 2), (Offsets{3, 7}));
}

TEST_F(TailTest, it_follows_every_log_of_every_publisher) {
  MemoryLog elsewhere{"payments"};
  elsewhere.publish(nullptr, "p");
  const auto second = make_bus("tcp://127.0.0.1:0");
  second->host(elsewhere.hosted());
  second->start();
  other_.publish(bus_.get(), "o");
  TailOptions both = options(1);
  both.endpoints.push_back(second->endpoint());
  EventTail tail{std::move(both)};
  std::map<std::string, Offsets> seen;
  for (int i = 0; i < 5; ++i) {
    const auto event = tail.next(kPatience);
    ASSERT_TRUE(event);
    seen[event->log].push_back(event->envelope.offset);
  }
  EXPECT_EQ(seen["tickets"], (Offsets{1, 2, 3}));
  EXPECT_EQ(seen["orders"], (Offsets{1}));
  EXPECT_EQ(seen["payments"], (Offsets{1}));
}

TEST_F(TailTest, nothing_new_is_nothing_returned_when_the_time_is_over) {
  EventTail tail{options({})};
  EXPECT_FALSE(tail.next(0ms));
  EXPECT_FALSE(tail.next(30ms));
}

TEST_F(TailTest, it_knows_when_it_has_returned_everything) {
  EventTail tail{options(1)};
  EXPECT_FALSE(tail.caught_up());
  take(tail, 2);
  EXPECT_FALSE(tail.caught_up());
  take(tail, 1);
  while (!tail.caught_up()) ASSERT_FALSE(tail.next(10ms));
}

TEST_F(TailTest, an_event_that_cannot_be_decoded_is_told_and_the_next_follows) {
  log_.publish(bus_.get(), "a", 1, "not json");
  log_.publish(bus_.get(), "a");
  EventTail tail{options(4)};
  EXPECT_ERROR(ErrorCode::invalid, tail.next(kPatience));
  EXPECT_EQ(take(tail, 1), (Offsets{5}));
}

TEST_F(TailTest, a_publisher_that_does_not_answer_is_unavailable) {
  EXPECT_ERROR(
      ErrorCode::unavailable,
      EventTail(
          {.endpoints = {free_endpoint()}, .subjects = {}, .from = {}, .join_timeout = 50ms}));
}

TEST_F(TailTest, a_malformed_endpoint_is_invalid) {
  EXPECT_ERROR(ErrorCode::invalid,
               EventTail({.endpoints = {"nonsense"}, .subjects = {}, .from = {}}));
}

TEST_F(TailTest, a_publisher_that_restarts_is_followed_on) {
  EventTail tail{options(1)};
  EXPECT_EQ(take(tail, 3), (Offsets{1, 2, 3}));
  const std::string endpoint = bus_->endpoint();
  bus_.reset();
  log_.publish(nullptr, "a", 2);
  bus_ = make_bus(endpoint);
  bus_->host(log_.hosted());
  bus_->start();
  EXPECT_EQ(take(tail, 2), (Offsets{4, 5}));
}

}  // namespace
}  // namespace ticketing
