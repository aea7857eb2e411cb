// Readers: a snapshot each, on the caller's thread; and the driver's side of waiting and writing.

#include <gtest/gtest.h>

#include <atomic>

#include "sample_schema.hpp"
#include "support/error_of.hpp"
#include "support/scratch_database.hpp"

namespace ticketing {
namespace {

using namespace test;
using namespace std::chrono_literals;

class ReadingTest : public ::testing::Test {
 protected:
  ScratchDatabase db_{{sample_migrations()}};
};

TEST_F(ReadingTest, a_write_under_way_is_invisible) {
  db_.write([&](Transaction& tx) {
    add_item(tx, "a");
    EXPECT_EQ(db_.count(kCountItems), 0);
  });
  EXPECT_EQ(db_.count(kCountItems), 1);
}

TEST_F(ReadingTest, a_reader_keeps_its_snapshot_while_others_commit) {
  db_->read([&](Transaction& tx) {
    EXPECT_EQ(std::get<0>(*tx.first<std::int64_t>(kCountItems)), 0);
    db_.write([](Transaction& other) { add_item(other, "a"); });
    EXPECT_EQ(std::get<0>(*tx.first<std::int64_t>(kCountItems)), 0);
    EXPECT_EQ(db_.count(kCountItems), 1);
  });
  EXPECT_EQ(db_.count(kCountItems), 1);
}

TEST_F(ReadingTest, a_reader_cannot_write) {
  EXPECT_ERROR(ErrorCode::unavailable, db_->read([](Transaction& tx) { add_item(tx, "a"); }));
  EXPECT_EQ(db_.count(kCountItems), 0);
}

TEST_F(ReadingTest, what_a_read_throws_passes_through_and_the_next_read_works) {
  EXPECT_THROW(db_->read([](Transaction& tx) {
    tx.first<std::int64_t>(kCountItems);
    throw 1;
  }),
               int);
  EXPECT_EQ(db_.count(kCountItems), 0);
}

TEST_F(ReadingTest, many_threads_read_while_one_writes) {
  constexpr int kReaders = 3;
  constexpr int kWrites = 50;
  const Writer writer{*db_};
  std::atomic<bool> stop{false};
  std::atomic<int> torn{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        // Items come in pairs, so no snapshot shows an odd number.
        if (db_.count(kCountItems) % 2 != 0) ++torn;
      }
    });
  }
  for (int i = 0; i < kWrites; ++i) {
    db_->write([i](Transaction& tx) {
      add_item(tx, "a" + std::to_string(i));
      add_item(tx, "b" + std::to_string(i));
    });
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(db_.count(kCountItems), 2 * kWrites);
}

TEST_F(ReadingTest, write_returns_what_the_job_returned_and_throws_what_it_threw) {
  const Writer writer{*db_};
  const std::string value = db_->write([](Transaction& tx) {
    add_item(tx, "a");
    return std::string{"done"};
  });
  EXPECT_EQ(value, "done");
  db_->write([](Transaction& tx) { add_item(tx, "b"); });
  EXPECT_ERROR(ErrorCode::conflict, db_->write([](Transaction& tx) { add_item(tx, "b"); }));
  EXPECT_THROW(db_->write([](Transaction&) -> int { throw 1; }), int);
  EXPECT_EQ(db_.count(kCountItems), 2);
}

TEST_F(ReadingTest, many_threads_write_and_nothing_is_lost) {
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  const Writer writer{*db_};
  const auto before = db_->commits();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < kEach; ++i) {
        db_->write([&](Transaction& tx) {
          add_item(tx, std::to_string(thread) + "-" + std::to_string(i));
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(db_.count(kCountItems), kThreads * kEach);
  EXPECT_LE(db_->commits() - before, static_cast<std::uint64_t>(kThreads * kEach));
}

TEST_F(ReadingTest, waiting_ends_with_work_an_interruption_or_the_time) {
  EXPECT_FALSE(db_->wait_for_work(0ms));
  db_->interrupt();
  EXPECT_FALSE(db_->wait_for_work(10min));  // Returns at once, or this test never ends.
  const auto before = std::chrono::steady_clock::now();
  EXPECT_FALSE(db_->wait_for_work(5ms));
  EXPECT_GE(std::chrono::steady_clock::now() - before, 5ms) << "one interruption ends one wait";
  db_->submit([](Transaction&) {}, [](std::exception_ptr) {});
  EXPECT_TRUE(db_->wait_for_work(10min));
  db_->step();
  EXPECT_FALSE(db_->wait_for_work(0ms));
}

TEST_F(ReadingTest, a_waiting_driver_is_woken_by_a_job) {
  bool found = false;
  std::thread driver{[&] { found = db_->wait_for_work(10min); }};
  db_->submit([](Transaction&) {}, [](std::exception_ptr) {});
  driver.join();
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace ticketing
