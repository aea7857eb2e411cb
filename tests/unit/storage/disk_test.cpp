// Disks that are full, and disks that fail to sync.

#include <gtest/gtest.h>

#include <optional>

#include "faulty_vfs.hpp"
#include "sample_schema.hpp"
#include "storage/connection.hpp"
#include "support/error_of.hpp"
#include "support/scratch_database.hpp"

namespace ticketing {
namespace {

using namespace test;

int fatal_calls = 0;

class DiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fatal_calls = 0;
    set_fatal_handler([](std::string_view) { ++fatal_calls; });
  }
  void TearDown() override {
    FaultyVfs::name();  // All is well again.
    set_fatal_handler(nullptr);
  }
  void submit_item(const std::string& name) {
    db_->submit([name](Transaction& tx) { add_item(tx, name); },
                [this](std::exception_ptr failure) { settled_.push_back(error_in(failure)); });
  }
  void submit_big(std::size_t bytes) {
    db_->submit(
        [bytes](Transaction& tx) {
          for (std::size_t i = 0; i < bytes / 10'000; ++i) {
            tx.execute("INSERT INTO note (text) VALUES (:text)", std::string(10'000, 'x'));
          }
        },
        [this](std::exception_ptr failure) { settled_.push_back(error_in(failure)); });
  }

  ScratchDatabase db_{{sample_migrations()}, {.url = {}, .vfs = FaultyVfs::name()}};
  std::vector<std::optional<Error>> settled_;
};

TEST_F(DiskTest, every_commit_syncs_once) {
  submit_item("warm");
  db_->step();
  const int before = FaultyVfs::syncs;
  for (const char* name : {"a", "b", "c"}) submit_item(name);
  db_->step();
  EXPECT_EQ(FaultyVfs::syncs, before + 1);
}

TEST_F(DiskTest, on_a_full_disk_jobs_fail_and_earlier_data_stays) {
  submit_item("kept");
  db_->step();
  FaultyVfs::room = 0;
  submit_item("a");
  submit_item("b");
  db_->step();
  ASSERT_EQ(settled_.size(), 3u);
  for (std::size_t i : {1u, 2u}) {
    ASSERT_TRUE(settled_[i]);
    EXPECT_EQ(settled_[i]->code(), ErrorCode::unavailable);
    EXPECT_EQ(settled_[i]->word(), "disk_full");
  }
  EXPECT_FALSE(db_->healthy());
  EXPECT_EQ(db_.count(kCountItems), 1);
  EXPECT_EQ(fatal_calls, 0);
}

TEST_F(DiskTest, when_room_returns_the_next_commit_succeeds) {
  FaultyVfs::room = 0;
  submit_item("a");
  db_->step();
  EXPECT_FALSE(db_->healthy());
  FaultyVfs::room = 1 << 30;
  submit_item("a");
  db_->step();
  EXPECT_FALSE(settled_.at(1));
  EXPECT_TRUE(db_->healthy());
  EXPECT_EQ(db_.count(kCountItems), 1);
}

// Over the page cache, so that pages are written before the commit, and fail in the job's middle.
TEST_F(DiskTest, a_disk_that_fills_up_in_the_middle_of_a_job_fails_the_whole_commit) {
  FaultyVfs::room = 6 << 20;
  submit_item("before");
  submit_big(20 << 20);
  submit_item("after");
  EXPECT_EQ(db_->step(), 3u);
  ASSERT_EQ(settled_.size(), 3u);
  for (const auto& settled : settled_) {
    ASSERT_TRUE(settled);
    EXPECT_EQ(settled->word(), "disk_full");
  }
  EXPECT_FALSE(db_->healthy());
  EXPECT_EQ(db_.count(kCountItems), 0);
  FaultyVfs::room = 1 << 30;
  submit_item("later");
  db_->step();
  EXPECT_TRUE(db_->healthy());
  EXPECT_EQ(db_.count(kCountItems), 1);
}

TEST_F(DiskTest, a_job_that_swallows_the_full_disk_is_not_durable_and_does_not_stop_the_process) {
  for (const bool alone : {true, false}) {
    settled_.clear();
    FaultyVfs::room = 6 << 20;
    db_->submit(
        [](Transaction& tx) {
          try {
            for (int i = 0; i < 2'000; ++i) {
              tx.execute("INSERT INTO note (text) VALUES (:text)", std::string(10'000, 'x'));
            }
            ADD_FAILURE() << "the disk was not full";
          } catch (const Error&) {  // As a careless handler might.
          }
        },
        [this](std::exception_ptr failure) { settled_.push_back(error_in(failure)); });
    if (!alone) submit_item("other");
    db_->step();
    for (const auto& settled : settled_) {
      ASSERT_TRUE(settled);
      EXPECT_EQ(settled->code(), ErrorCode::unavailable) << settled->what();
    }
    EXPECT_FALSE(db_->healthy());
    EXPECT_EQ(fatal_calls, 0);
  }
}

TEST_F(DiskTest, a_refusal_that_rests_on_a_job_that_was_not_stored_is_not_told) {
  FaultyVfs::room = 0;
  submit_item("same");
  submit_item("same");
  db_->step();
  ASSERT_EQ(settled_.size(), 2u);
  ASSERT_TRUE(settled_[1]);
  EXPECT_EQ(settled_[1]->code(), ErrorCode::unavailable) << settled_[1]->what();
}

TEST_F(DiskTest, a_commit_whose_sync_fails_stops_the_process_and_acknowledges_nothing) {
  FaultyVfs::failing_sync = "-wal";
  submit_item("a");
  submit_item("b");
  db_->step();
  EXPECT_GE(fatal_calls, 1);
  for (const auto& settled : settled_) EXPECT_TRUE(settled);
}

TEST_F(DiskTest, a_checkpoint_whose_sync_fails_stops_the_process) {
  FaultyVfs::failing_sync = "test.db";
  for (int i = 0; i < 20 && fatal_calls == 0; ++i) {
    submit_big(2 << 20);
    db_->step();
  }
  EXPECT_GE(fatal_calls, 1);
}

TEST_F(DiskTest, the_log_of_the_database_is_bounded_by_checkpoints) {
  for (int i = 0; i < 30; ++i) {
    submit_big(2 << 20);
    db_->step();
  }
  const auto size = std::filesystem::file_size(db_.folder().file("test.db-wal"));
  EXPECT_LT(size, 32u << 20);
}

TEST_F(DiskTest, a_full_disk_while_opening_is_unavailable) {
  TempFolder folder;
  FaultyVfs::room = 0;
  const std::array<Migrations, 1> migrations{sample_migrations()};
  EXPECT_ERROR(
      ErrorCode::unavailable,
      Database::open({.url = "sqlite:" + folder.file("x.db"), .vfs = "faulty"}, migrations));
}

TEST(FatalDeathTest, without_a_handler_the_process_exits_with_70) {
  EXPECT_EXIT(stop_process("the disk failed to sync"), ::testing::ExitedWithCode(70),
              "fatal: the disk failed to sync");
}

}  // namespace
}  // namespace ticketing
