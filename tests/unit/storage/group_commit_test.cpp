// Jobs: queued one by one, committed together, each with its own fate.

#include <gtest/gtest.h>

#include "sample_schema.hpp"
#include "support/error_of.hpp"
#include "support/scratch_database.hpp"

namespace ticketing {
namespace {

using namespace test;

class GroupCommitTest : public ::testing::Test {
 protected:
  void submit(Database::Work work) {
    const std::size_t number = settled_.size() + queued_++;
    db_->submit(std::move(work), [this, number](std::exception_ptr failure) {
      order_.push_back(number);
      settled_.push_back(failure);
      --queued_;
    });
  }
  void submit_item(const std::string& name) {
    submit([name](Transaction& tx) { add_item(tx, name); });
  }

  ScratchDatabase db_{{sample_migrations()},
                      {.url = {}, .vfs = {}, .jobs_per_commit_max = 4, .queue_max = 6}};
  std::vector<std::exception_ptr> settled_;
  std::vector<std::size_t> order_;
  std::size_t queued_ = 0;
};

struct Odd {};  // Not an Error, not even a std::exception.

TEST_F(GroupCommitTest, what_is_queued_becomes_one_commit_in_order) {
  const auto before = db_->commits();
  for (const char* name : {"a", "b", "c"}) submit_item(name);
  EXPECT_TRUE(settled_.empty());
  EXPECT_EQ(db_->step(), 3u);
  EXPECT_EQ(db_->commits(), before + 1);
  EXPECT_EQ(order_, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(db_.count(kCountItems), 3);
}

TEST_F(GroupCommitTest, done_is_called_when_the_data_can_be_read) {
  std::int64_t seen = -1;
  db_->submit([](Transaction& tx) { add_item(tx, "a"); },
              [&](std::exception_ptr) { seen = db_.count(kCountItems); });
  db_->step();
  EXPECT_EQ(seen, 1);
}

TEST_F(GroupCommitTest, a_commit_takes_a_bounded_number_of_jobs) {
  for (int i = 0; i < 6; ++i) submit_item(std::to_string(i));
  EXPECT_EQ(db_->step(), 4u);
  EXPECT_EQ(db_->step(), 2u);
  EXPECT_EQ(db_->step(), 0u);
  EXPECT_EQ(order_, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5}));
}

TEST_F(GroupCommitTest, a_job_that_throws_takes_only_itself_down) {
  submit_item("a");
  submit([](Transaction& tx) {
    add_item(tx, "undone");
    throw Error(ErrorCode::refused, "no");
  });
  submit_item("b");
  db_->step();
  ASSERT_EQ(settled_.size(), 3u);
  EXPECT_FALSE(settled_[0]);
  ASSERT_TRUE(error_in(settled_[1]));
  EXPECT_EQ(error_in(settled_[1])->code(), ErrorCode::refused);
  EXPECT_FALSE(settled_[2]);
  EXPECT_EQ(db_.count(kCountItems), 2);
  EXPECT_EQ(db_.count("SELECT count(*) FROM item WHERE name = 'undone'"), 0);
}

TEST_F(GroupCommitTest, a_job_that_throws_alone_leaves_nothing_and_commits_nothing) {
  const auto before = db_->commits();
  submit([](Transaction& tx) {
    add_item(tx, "undone");
    throw Error(ErrorCode::refused, "no");
  });
  EXPECT_EQ(db_->step(), 1u);
  EXPECT_EQ(error_in(settled_.at(0))->code(), ErrorCode::refused);
  EXPECT_EQ(db_.count(kCountItems), 0);
  EXPECT_EQ(db_->commits(), before);
  EXPECT_TRUE(db_->healthy());
  submit_item("next");
  db_->step();
  EXPECT_EQ(db_.count(kCountItems), 1);
}

TEST_F(GroupCommitTest, what_is_not_an_error_passes_through) {
  for (const bool alone : {true, false}) {
    submit([](Transaction&) { throw Odd{}; });
    if (!alone) submit_item("other");
    db_->step();
    EXPECT_THROW(std::rethrow_exception(settled_.at(0)), Odd);
    settled_.clear();
  }
  EXPECT_EQ(db_.count(kCountItems), 1);
}

TEST_F(GroupCommitTest, a_conflict_with_an_earlier_job_of_the_same_commit_is_seen) {
  submit_item("same");
  submit_item("same");
  db_->step();
  EXPECT_FALSE(settled_.at(0));
  EXPECT_EQ(error_in(settled_.at(1))->code(), ErrorCode::conflict);
}

TEST_F(GroupCommitTest, savepoints_that_a_failing_job_left_open_do_not_hurt_the_others) {
  submit([](Transaction& tx) {
    tx.execute("SAVEPOINT own");
    add_item(tx, "undone");
    throw Odd{};
  });
  submit_item("kept");
  db_->step();
  EXPECT_FALSE(settled_.at(1));
  EXPECT_EQ(db_.count(kCountItems), 1);
}

TEST_F(GroupCommitTest, a_full_queue_refuses_and_takes_again_after_a_step) {
  for (int i = 0; i < 6; ++i) submit_item(std::to_string(i));
  const auto refused = error_of([&] { db_->submit([](Transaction&) {}, [](auto) { FAIL(); }); });
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code(), ErrorCode::unavailable);
  EXPECT_EQ(refused->word(), "overloaded");
  db_->step();
  EXPECT_NO_THROW(submit_item("later"));
  while (db_->step() > 0) {
  }
  EXPECT_EQ(db_.count(kCountItems), 7);
}

TEST_F(GroupCommitTest, a_job_queued_by_done_waits_for_the_next_commit) {
  db_->submit([](Transaction& tx) { add_item(tx, "a"); },
              [this](std::exception_ptr) { submit_item("b"); });
  EXPECT_EQ(db_->step(), 1u);
  EXPECT_EQ(db_.count(kCountItems), 1);
  EXPECT_EQ(db_->step(), 1u);
  EXPECT_EQ(db_.count(kCountItems), 2);
}

TEST_F(GroupCommitTest, a_step_with_nothing_to_do_does_nothing) {
  const auto before = db_->commits();
  EXPECT_EQ(db_->step(), 0u);
  EXPECT_EQ(db_->commits(), before);
}

TEST_F(GroupCommitTest, jobs_that_wait_at_the_end_are_told_so) {
  submit_item("never");
  db_.reopen();
  ASSERT_EQ(settled_.size(), 1u);
  EXPECT_EQ(error_in(settled_[0])->code(), ErrorCode::unavailable);
  EXPECT_EQ(db_.count(kCountItems), 0);
}

}  // namespace
}  // namespace ticketing
