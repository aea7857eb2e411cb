// Applying batches: effects, published events and cursor in one transaction, each event once.

#include "inbox_fixture.hpp"

namespace ticketing {
namespace {

using namespace test;

class InboxTest : public InboxFixture {};

TEST_F(InboxTest, a_batch_leaves_its_effects_its_events_and_its_cursor) {
  const Effects effects = apply(batch({"x0", "y0", "x1"}));
  EXPECT_EQ(this->effects(), (Names{"x0", "y0", "x1"}));
  EXPECT_EQ(published(), (Names{"x0", "y0", "x1"}));
  EXPECT_EQ(effects.published.size(), 3u);
  EXPECT_TRUE(effects.timers_changed);
  EXPECT_FALSE(effects.retries_changed);
  EXPECT_EQ(cursor(), 3);
  EXPECT_TRUE(set_aside().empty());
}

TEST_F(InboxTest, a_batch_that_comes_again_changes_nothing) {
  apply(batch({"x0", "x1"}));
  EXPECT_TRUE(apply(batch({"x0", "x1"})).published.empty());
  EXPECT_EQ(effects(), (Names{"x0", "x1"}));
  EXPECT_EQ(cursor(), 2);
}

TEST_F(InboxTest, of_a_batch_that_overlaps_only_the_new_part_is_applied) {
  apply(batch({"x0", "x1"}));
  apply(batch({"x0", "x1", "x2"}));
  EXPECT_EQ(effects(), (Names{"x0", "x1", "x2"}));
  EXPECT_EQ(cursor(), 3);
}

TEST_F(InboxTest, an_older_batch_does_not_move_the_cursor_back) {
  apply(batch({"x0", "x1", "x2"}));
  apply(batch({"x0"}));
  EXPECT_EQ(cursor(), 3);
}

TEST_F(InboxTest, the_cursor_follows_what_was_not_wanted_too) {
  Batch one = batch({"x0"});
  one.cursor.offset = 40;
  apply(one);
  EXPECT_EQ(cursor(), 40);
}

TEST_F(InboxTest, logs_have_cursors_of_their_own) {
  apply(batch({"x0", "x1"}, 1, "tickets"));
  apply(batch({"o0"}, 1, "payments"));
  EXPECT_EQ(cursor("tickets"), 2);
  EXPECT_EQ(cursor("payments"), 1);
  EXPECT_EQ(cursor("users"), -1);
}

TEST_F(InboxTest, a_transaction_that_fails_takes_effects_and_cursor_with_it) {
  EXPECT_THROW(db_.write([&](Transaction& tx) {
    inbox_.apply(tx, batch({"x0"}));
    throw 1;
  }),
               int);
  EXPECT_EQ(effects(), Names{});
  EXPECT_EQ(cursor(), -1);
  apply(batch({"x0"}));
  EXPECT_EQ(effects(), Names{"x0"});
}

TEST_F(InboxTest, events_of_another_log_of_that_name_are_corrupt) {
  apply(batch({"x0"}));
  Batch other = batch({"x1"}, 2);
  other.cursor.log_id = "replaced";
  EXPECT_ERROR(ErrorCode::corrupt, apply(other));
  EXPECT_EQ(cursor(), 1);
}

TEST_F(InboxTest, what_a_failing_event_did_is_undone_and_the_others_stay) {
  fail("x0", ErrorCode::unavailable);
  const Effects effects = apply(batch({"y0", "x0", "y1"}));
  EXPECT_EQ(this->effects(), (Names{"y0", "y1"}));
  EXPECT_EQ(published(), (Names{"y0", "y1"}));
  EXPECT_EQ(effects.published.size(), 2u);
  EXPECT_TRUE(effects.retries_changed);
  EXPECT_EQ(set_aside(), Names{"2:retry"});
  EXPECT_EQ(cursor(), 3);
}

TEST_F(InboxTest, what_is_no_error_of_ours_is_retried_too) {
  failing_["x0"] = [] { throw std::runtime_error("surprise"); };
  apply(batch({"x0"}));
  EXPECT_EQ(set_aside(), Names{"1:retry"});
  const auto letters = db_.read([](Transaction& tx) { return Inbox::list(tx); });
  EXPECT_EQ(letters.at(0).reason, "surprise");
  EXPECT_EQ(letters.at(0).log, "tickets");
  EXPECT_EQ(letters.at(0).aggregate_id, "x");
  EXPECT_EQ(letters.at(0).subject, "ticket:updated");
  EXPECT_EQ(letters.at(0).attempts, 1);
}

TEST_F(InboxTest, a_full_disk_fails_the_batch_and_nothing_is_set_aside) {
  fail("x1", ErrorCode::unavailable, "disk_full");
  EXPECT_ERROR(ErrorCode::unavailable, apply(batch({"x0", "x1"})));
  EXPECT_EQ(effects(), Names{});
  EXPECT_EQ(cursor(), -1);
  EXPECT_TRUE(set_aside().empty());
}

TEST_F(InboxTest, a_full_disk_fails_the_batch_also_when_others_wait) {
  fail("y0", ErrorCode::invalid);
  apply(batch({"y0"}));
  fail("x0", ErrorCode::unavailable, "disk_full");
  EXPECT_ERROR(ErrorCode::unavailable, apply(batch({"x0"}, 2)));
  EXPECT_EQ(set_aside(), Names{"1:dead"});
  EXPECT_EQ(cursor(), 1);
}

TEST_F(InboxTest, what_is_corrupt_stops_the_batch) {
  fail("x1", ErrorCode::corrupt);
  EXPECT_ERROR(ErrorCode::corrupt, apply(batch({"x0", "x1"})));
  EXPECT_EQ(effects(), Names{});
  EXPECT_EQ(cursor(), -1);
}

TEST_F(InboxTest, an_event_that_cannot_be_decoded_is_a_dead_letter_and_the_others_flow) {
  Batch mixed = batch({"x0", "y0", "x1"});
  mixed.events[1].envelope = "not json";
  apply(mixed);
  EXPECT_EQ(effects(), (Names{"x0", "x1"}));
  EXPECT_EQ(set_aside(), Names{"2:dead"});
  EXPECT_EQ(cursor(), 3);
}

TEST_F(InboxTest, two_that_cannot_be_decoded_do_not_wait_for_each_other) {
  Batch bad = batch({"x0", "y0"});
  bad.events[0].envelope = "{";
  bad.events[1].envelope = "";
  apply(bad);
  EXPECT_EQ(set_aside(), (Names{"1:dead", "2:dead"}));
}

TEST_F(InboxTest, a_replay_reaches_replicas_only_and_leaves_the_cursor) {
  apply(batch({"x0", "x1", "x2"}));
  Batch again = batch({"x0", "x1"});
  again.replay = true;
  apply(again);
  EXPECT_EQ(replayed_, (Names{"x0", "x1"}));
  EXPECT_EQ(effects(), (Names{"x0", "x1", "x2"}));
  EXPECT_EQ(cursor(), 3);
}

TEST_F(InboxTest, an_event_that_fails_in_a_replay_does_not_hold_up_the_rest) {
  apply(batch({"x0", "x1", "x2", "x3"}));
  Batch again = batch({"x0", "x1", "x2", "x3"});
  again.replay = true;
  again.events[1].envelope = "not json";
  fail("x2", ErrorCode::invalid);
  apply(again);
  EXPECT_EQ(replayed_, (Names{"x0", "x2", "x3"}));
  EXPECT_TRUE(set_aside().empty());
}

TEST_F(InboxTest, the_common_batch_pays_for_one_call_an_event) {
  apply(batch({"x0", "y0", "x1"}));
  EXPECT_EQ(calls_, 3);
}

}  // namespace
}  // namespace ticketing
