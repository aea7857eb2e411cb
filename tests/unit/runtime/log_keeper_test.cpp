// LogKeeper: how far a log may be shortened, when, and for whom it is not.

#include "runtime/log_keeper.hpp"

#include <gtest/gtest.h>

#include "memory_logger.hpp"
#include "stepped_engine.hpp"
#include "support/scratch_database.hpp"

namespace ticketing::runtime {
namespace {

using namespace std::chrono_literals;
using test::kStart;

class LogKeeping : public ::testing::Test {
 protected:
  void SetUp() override {
    db_.write([this](Transaction& tx) { log_.emplace("tickets", tx, system_random(), kStart); });
    start();
  }
  /// As after a restart.
  void start(milliseconds log_retention = 1h, milliseconds consumer_retention = 10h) {
    keeper_.reset();
    keeper_.emplace("tickets", *db_, KeeperWorld{clock_, system_random(), logger_},
                    KeepPolicy{log_retention, consumer_retention});
    keeper_->wake = [this] { ++woken_; };
  }
  /// Versions of one aggregate: all but the newest may go.
  void publish(int count) {
    db_.write([&](Transaction& tx) {
      for (int i = 0; i < count; ++i) {
        const StagedEvent event{"ticket:updated", "x", ++version_, "{}"};
        log_->append(tx, {&event, 1}, {"buyer", {}, {}}, clock_.now());
      }
    });
  }
  void hear(const std::string& consumer, std::int64_t cursor) {
    keeper_->heard({consumer, cursor});
  }
  /// Ticks for `time`, as often as it wants to be, and commits what it hands in.
  void run_for(std::chrono::nanoseconds time) {
    const auto end = clock_.monotonic() + time;
    while (true) {
      const milliseconds pause = keeper_->tick(head());
      if (db_->step() > 0) continue;
      if (clock_.monotonic() + pause > end) break;
      clock_.time += pause;
    }
    clock_.time += std::chrono::ceil<milliseconds>(end - clock_.monotonic());
  }
  std::int64_t head() {
    return db_.read([](Transaction& tx) { return EventLog::head(tx); });
  }
  std::int64_t horizon() { return keeper_->gauges().horizon; }

  test::ScratchDatabase db_{{sdk_migrations()}};
  test::ManualClock clock_;
  test::MemoryLogger logger_;
  std::optional<EventLog> log_;
  std::optional<LogKeeper> keeper_;
  std::int64_t version_ = -1;
  int woken_ = 0;
};

TEST_F(LogKeeping, events_stay_for_as_long_as_they_are_kept_and_then_the_newest_stays) {
  publish(5);
  run_for(59min);
  EXPECT_EQ(horizon(), 0);
  EXPECT_EQ(keeper_->gauges().events, 5);
  run_for(2min);
  EXPECT_EQ(horizon(), 5);
  EXPECT_EQ(keeper_->gauges().events, 1);
  EXPECT_EQ(keeper_->gauges().head, 5);
}

TEST_F(LogKeeping, nothing_goes_that_a_known_consumer_still_needs) {
  publish(9);
  hear("orders", 7);
  hear("payments", 4);
  run_for(3h);
  EXPECT_EQ(horizon(), 4);
  hear("payments", 8);
  run_for(1min);
  EXPECT_EQ(horizon(), 7);
}

TEST_F(LogKeeping, a_consumer_that_starts_anew_holds_the_log_where_it_is) {
  publish(4);
  hear("orders", 2);
  run_for(2h);
  EXPECT_EQ(horizon(), 2);
  hear("orders", 0);
  publish(4);
  run_for(2h);
  EXPECT_EQ(horizon(), 2) << "it only grows, and not past whoever is behind";
}

TEST_F(LogKeeping, who_was_known_is_known_after_a_restart) {
  hear("orders", 3);
  EXPECT_EQ(woken_, 1);
  EXPECT_TRUE(keeper_->wants_tick());
  run_for(0s);  // No longer than it takes to write it down.
  publish(9);
  start();
  run_for(3h);
  EXPECT_EQ(horizon(), 3);
}

TEST_F(LogKeeping, whoever_stays_away_is_forgotten_with_a_word_and_holds_the_log_no_more) {
  publish(9);
  hear("orders", 2);
  hear("payments", 9);
  for (int hour = 0; hour < 9; ++hour) {
    run_for(1h);
    hear("payments", 9);
  }
  EXPECT_EQ(horizon(), 2);
  EXPECT_FALSE(logger_.has("away"));
  run_for(2h);
  EXPECT_EQ(horizon(), 9);
  EXPECT_EQ(logger_.count("a consumer has been away for too long"), 1U) << logger_.text();
  EXPECT_TRUE(logger_.has("consumer=orders cursor=2"));
  EXPECT_EQ(keeper_->gauges().consumers_forgotten, 1U);
  ASSERT_EQ(keeper_->gauges().consumers.size(), 1U);
  start();
  EXPECT_EQ(keeper_->gauges().consumers.size(), 1U) << "also after a restart";
}

TEST_F(LogKeeping, nobody_is_forgotten_because_the_publisher_was_away_itself) {
  publish(9);
  hear("orders", 2);
  run_for(1min);
  clock_.time += 24h * 60;
  start();
  run_for(30min);
  EXPECT_EQ(horizon(), 2);
  hear("orders", 3);
  run_for(3h);
  EXPECT_EQ(horizon(), 3);
  EXPECT_FALSE(logger_.has("away"));
}

TEST_F(LogKeeping, without_a_retention_everything_stays) {
  start(0ms);
  publish(5);
  run_for(3h);
  EXPECT_EQ(horizon(), 0);
}

TEST_F(LogKeeping, what_the_bus_has_not_been_given_stays) {
  publish(5);
  clock_.time += 2h;
  keeper_->tick(3);
  while (db_->step() > 0) {
  }
  EXPECT_EQ(horizon(), 3);
}

TEST_F(LogKeeping, a_long_log_goes_in_slices_and_each_asks_for_the_next) {
  publish(2'000);
  clock_.time += 2h;
  keeper_->tick(head());
  EXPECT_EQ(db_->step(), 1U);
  EXPECT_GT(horizon(), 0);
  EXPECT_LE(horizon(), 1'000) << "a commit must not wait for the whole";
  EXPECT_TRUE(keeper_->wants_tick());
  run_for(1s);
  EXPECT_EQ(horizon(), 2'000);
}

TEST_F(LogKeeping, an_idle_log_is_not_written_to) {
  publish(5);
  hear("orders", 5);
  run_for(2h);
  const auto before = db_->commits();
  run_for(30min);
  EXPECT_EQ(db_->commits(), before);
}

TEST_F(LogKeeping, names_are_bounded) {
  for (int i = 0; i < 1'500; ++i) hear("c" + std::to_string(i), 1);
  EXPECT_EQ(keeper_->gauges().consumers.size(), 1'000U);
  EXPECT_EQ(logger_.count("too many consumers"), 1U);
}

}  // namespace
}  // namespace ticketing::runtime
