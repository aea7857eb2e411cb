#include "ticketing/messaging/timers.hpp"

#include <gtest/gtest.h>

#include "sample_events.hpp"

namespace ticketing {
namespace {

using namespace test;
using namespace std::chrono_literals;

class TimersTest : public ::testing::Test {
 protected:
  void set(const std::string& id, Timestamp due, const Causality& causality = sample_causality()) {
    db_.write([&](Transaction& tx) { timers::set(tx, "expiry", id, due, causality); });
  }
  std::vector<Timer> due(Timestamp now, std::size_t count_max = 100) {
    return db_.read([&](Transaction& tx) { return timers::due(tx, now, count_max); });
  }
  std::vector<std::string> due_ids(Timestamp now, std::size_t count_max = 100) {
    std::vector<std::string> ids;
    for (const Timer& timer : due(now, count_max)) ids.push_back(timer.id);
    return ids;
  }
  void postpone(const Timer& timer, Timestamp to) {
    db_.write([&](Transaction& tx) { timers::postpone(tx, timer, to); });
  }
  bool remove(const std::string& id) {
    return db_.write([&](Transaction& tx) { return timers::remove(tx, "expiry", id); });
  }
  std::optional<Timestamp> next_due() {
    return db_.read([](Transaction& tx) { return timers::next_due(tx); });
  }

  ScratchDatabase db_{{sdk_migrations()}};
};

using Ids = std::vector<std::string>;

TEST_F(TimersTest, a_timer_is_due_at_its_time_and_not_before) {
  set("a", kStart);
  EXPECT_EQ(due_ids(kStart - 1ms), Ids{});
  EXPECT_EQ(due_ids(kStart), Ids{"a"});
  EXPECT_EQ(due_ids(kStart + 24h), Ids{"a"});
}

TEST_F(TimersTest, the_oldest_is_first_and_the_count_is_bounded) {
  set("late", kStart + 3ms);
  set("early", kStart + 1ms);
  set("middle", kStart + 2ms);
  EXPECT_EQ(due_ids(kStart + 1h), (Ids{"early", "middle", "late"}));
  EXPECT_EQ(due_ids(kStart + 1h, 2), (Ids{"early", "middle"}));
}

TEST_F(TimersTest, a_timer_survives_a_restart) {
  set("a", kStart);
  db_.reopen();
  EXPECT_EQ(due_ids(kStart), Ids{"a"});
}

TEST_F(TimersTest, next_due_is_the_earliest_of_all_or_nothing) {
  EXPECT_EQ(next_due(), std::nullopt);
  set("b", kStart + 2ms);
  set("a", kStart + 1ms);
  EXPECT_EQ(next_due(), kStart + 1ms);
}

TEST_F(TimersTest, one_of_the_same_name_replaces_it_with_its_cause) {
  set("a", kStart, {"old", "old-cause", "old-trace"});
  postpone(due(kStart).at(0), kStart + 1ms);
  set("a", kStart + 5ms, {"new", std::nullopt, "new-trace"});
  EXPECT_EQ(due_ids(kStart + 4ms), Ids{});
  const auto timers = due(kStart + 5ms);
  ASSERT_EQ(timers.size(), 1u);
  EXPECT_EQ(timers[0].attempts, 0);
  EXPECT_EQ(timers[0].causality.correlation_id, "new");
  EXPECT_EQ(timers[0].causality.causation_id, std::nullopt);
  EXPECT_EQ(timers[0].causality.traceparent, "new-trace");
}

TEST_F(TimersTest, kinds_are_apart) {
  set("a", kStart);
  db_.write([](Transaction& tx) { timers::set(tx, "refund", "a", kStart, sample_causality()); });
  EXPECT_EQ(due(kStart).size(), 2u);
  EXPECT_TRUE(remove("a"));
  ASSERT_EQ(due(kStart).size(), 1u);
  EXPECT_EQ(due(kStart)[0].kind, "refund");
}

TEST_F(TimersTest, a_timer_is_removed_once) {
  set("a", kStart);
  EXPECT_TRUE(remove("a"));
  EXPECT_FALSE(remove("a"));
  EXPECT_EQ(due_ids(kStart), Ids{});
}

TEST_F(TimersTest, a_failed_one_is_put_off_and_counts_its_attempts) {
  set("a", kStart);
  postpone(due(kStart).at(0), kStart + 10ms);
  EXPECT_EQ(due_ids(kStart), Ids{});
  const Timer again = due(kStart + 10ms).at(0);
  EXPECT_EQ(again.attempts, 1);
  EXPECT_EQ(again.causality.correlation_id, "buyer");
  postpone(again, kStart + 20ms);
  EXPECT_EQ(due(kStart + 20ms).at(0).attempts, 2);
}

TEST_F(TimersTest, putting_off_one_that_was_replaced_does_not_make_the_new_one_early) {
  set("a", kStart);
  const Timer failed = due(kStart).at(0);
  set("a", kStart + 1h);
  postpone(failed, kStart + 10ms);
  EXPECT_EQ(next_due(), kStart + 1h);
  EXPECT_EQ(due(kStart + 1h).at(0).attempts, 0);
}

TEST_F(TimersTest, one_that_was_read_before_it_was_replaced_is_not_removed) {
  set("a", kStart);
  const Timer read = due(kStart).at(0);
  const auto remove_read = [&](Transaction& tx) { return timers::remove(tx, read); };
  set("a", kStart + 1h);
  EXPECT_FALSE(db_.write(remove_read));
  EXPECT_EQ(next_due(), kStart + 1h);
  set("a", kStart);
  EXPECT_TRUE(db_.write(remove_read));
  EXPECT_EQ(next_due(), std::nullopt);
}

TEST_F(TimersTest, putting_off_one_that_was_removed_does_not_bring_it_back) {
  set("a", kStart);
  const Timer failed = due(kStart).at(0);
  remove("a");
  postpone(failed, kStart + 10ms);
  EXPECT_EQ(next_due(), std::nullopt);
}

TEST_F(TimersTest, the_cause_survives_a_round_trip) {
  set("a", kStart, {"buyer", std::nullopt, std::nullopt});
  set("b", kStart + 1ms, {"buyer", "event", "trace"});
  const auto timers = due(kStart + 1ms);
  EXPECT_EQ(timers.at(0).causality.causation_id, std::nullopt);
  EXPECT_EQ(timers.at(1).causality.causation_id, "event");
  EXPECT_EQ(timers.at(1).causality.traceparent, "trace");
}

}  // namespace
}  // namespace ticketing
