// What is not finished yet, and what an operator sees of all that was set aside.

#include "inbox_fixture.hpp"

namespace ticketing {
namespace {

using namespace test;
using namespace std::chrono_literals;

class InboxLettersTest : public InboxFixture {};

TEST_F(InboxLettersTest, what_is_not_finished_is_tried_after_its_pause_and_not_before) {
  failing_["x0"] = [] { throw StillWorking{700ms, "the bank thinks"}; };
  apply(batch({"x0", "x1", "y0"}));
  EXPECT_EQ(effects(), Names{"y0"}) << "what it had done is undone";
  EXPECT_EQ(set_aside(), (Names{"1:retry", "2:behind"}));
  EXPECT_EQ(next_retry(), clock_.time + 700ms);
  clock_.time += 699ms;
  EXPECT_FALSE(retry().retries_changed);
  succeed("x0");
  clock_.time += 1ms;
  retry_all();
  EXPECT_EQ(effects(), (Names{"y0", "x0", "x1"}));
  EXPECT_EQ(published(), (Names{"y0", "x0", "x1"}));
}

TEST_F(InboxLettersTest, what_is_not_finished_never_becomes_a_dead_letter_for_it) {
  failing_["x0"] = [] { throw StillWorking{1s, "the bank thinks"}; };
  apply(batch({"x0"}));
  for (int i = 0; i < 50; ++i) {
    clock_.time = *next_retry();
    retry();
  }
  EXPECT_EQ(set_aside(), Names{"1:retry"});
  EXPECT_EQ(letter(1).attempts, 0);
  EXPECT_EQ(letter(1).reason, "the bank thinks");
}

TEST_F(InboxLettersTest, failures_are_counted_across_waiting) {
  fail("x0", ErrorCode::unavailable);
  apply(batch({"x0"}));
  const auto retry_when_due = [this] {
    clock_.time = next_retry().value();
    retry();
  };
  retry_when_due();
  EXPECT_EQ(letter(1).attempts, 2);
  failing_["x0"] = [] { throw StillWorking{1s, "not yet"}; };
  retry_when_due();
  EXPECT_EQ(letter(1).attempts, 2) << "waiting neither adds to them nor forgets them";
  fail("x0", ErrorCode::unavailable);
  retry_when_due();
  EXPECT_EQ(set_aside(), Names{"1:dead"});
}

TEST_F(InboxLettersTest, a_pause_is_cut_to_what_a_retry_waits_at_most) {
  for (const auto& [pause, due] : {std::pair{std::chrono::milliseconds{24h}, 10'000ms},
                                   {10'001ms, 10'000ms},
                                   {0ms, 1ms},
                                   {-5ms, 1ms}}) {
    failing_["x0"] = [pause = pause] { throw StillWorking{pause, ""}; };
    apply(batch({"x0"}, 1, std::to_string(pause.count())));
    EXPECT_EQ(next_retry(), clock_.time + due) << pause.count();
    db_.write([](Transaction& tx) { tx.execute("DELETE FROM ticketing_inbox"); });
  }
}

// A handler threw an int: it went through the inbox, and the log was never applied any further.
TEST_F(InboxLettersTest, what_is_no_exception_type_is_retried_like_any_failure) {
  failing_["x0"] = [] { throw 42; };
  apply(batch({"x0", "y0"}));
  EXPECT_EQ(effects(), Names{"y0"});
  EXPECT_EQ(letter(1).reason, "not an exception type");
  retry_all();
  EXPECT_EQ(set_aside(), Names{"1:dead"});
}

TEST_F(InboxLettersTest, letters_are_listed_by_state_and_in_pages) {
  fail("x0", ErrorCode::invalid);
  fail("y0", ErrorCode::unavailable);
  apply(batch({"x0", "x1", "y0"}));
  apply(batch({"x0"}, 1, "orders"));
  EXPECT_EQ(listed({}), (Names{"orders/1", "tickets/1", "tickets/2", "tickets/3"}));
  EXPECT_EQ(listed({.state = "dead"}), (Names{"orders/1", "tickets/1"}));
  EXPECT_EQ(listed({.state = "behind"}), Names{"tickets/2"});
  EXPECT_EQ(listed({.after_log = "orders", .after_offset = 1, .count_max = 2}),
            (Names{"tickets/1", "tickets/2"}));
  EXPECT_EQ(listed({.state = "dead", .after_log = "orders", .after_offset = 1}),
            Names{"tickets/1"});
  EXPECT_TRUE(listed({.after_log = "tickets", .after_offset = 3}).empty());
}

TEST_F(InboxLettersTest, a_letter_that_is_looked_up_comes_with_its_event) {
  fail("x0", ErrorCode::unavailable);
  apply(batch({"x0", "x1"}));
  EXPECT_EQ(letter(1).due, next_retry());
  EXPECT_EQ(decode_envelope(letter(2).envelope).aggregate_id, "x");
  EXPECT_EQ(letter(2).due, std::nullopt) << "it waits for another, not for a time";
  for (const auto& [log, offset] : {std::pair{"tickets", 3}, {"tickets", 0}, {"ticket", 1}}) {
    EXPECT_FALSE(db_.read([&, log = log, offset = offset](Transaction& tx) {
      return Inbox::find(tx, log, offset);
    })) << log
        << offset;
  }
}

}  // namespace
}  // namespace ticketing
