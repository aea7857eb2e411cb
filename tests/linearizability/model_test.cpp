// Histories that correct services may leave behind: the model must not be too strict.

#include <gtest/gtest.h>

#include "tale.hpp"

namespace ticketing::linear {
namespace {

constexpr auto kCreated = OrderStatus::created;
constexpr auto kAwaiting = OrderStatus::awaiting_payment;
constexpr auto kComplete = OrderStatus::complete;
constexpr auto kCancelled = OrderStatus::cancelled;

void expect_accepted(const Tale& tale) {
  TicketModel model{tale.history, tale.rules};
  const Result result = check(model);
  EXPECT_EQ(result.verdict, Verdict::linearizable)
      << describe(tale.history) << model.explain(result);
}

TEST(Model, accepts_that_a_ticket_is_ordered_paid_and_kept) {
  Tale tale;
  tale.order({0, 2}, "A", 0).see({3, 4}, "A", 0, kCreated, 0).see({5, 6}, "A", 1, kAwaiting, 0);
  tale.ticket({7, 8}, 1, 2000, "A").pay({9, 12}, "A").see({13, 14}, "A", 2, kComplete, 0);
  tale.refused({15, 16}, Kind::order, Outcome::ticket_reserved);
  tale.refused({15, 16}, Kind::cancel, Outcome::order_complete, "A");
  tale.refused({15, 16}, Kind::pay, Outcome::order_paid, "A");
  tale.refused({15, 16}, Kind::edit, Outcome::ticket_reserved);
  expect_accepted(tale.charge({17, 18}, "A", false).rest(1100));
}

TEST(Model, accepts_that_news_are_late) {
  Tale tale;
  tale.order({0, 2}, "A", 0).ticket({3, 4}, 0, 2000).see({5, 6}, "A", 1, kAwaiting, 0);
  tale.cancel({7, 8}, "A").ticket({9, 10}, 1, 2000, "A").ticket({11, 12}, 2, 2000);
  expect_accepted(tale.order({13, 14}, "B", 2));
}

TEST(Model, accepts_that_a_price_that_moves_cancels_an_order) {
  Tale tale;
  tale.edit({0, 2}, 1, 2500).order({3, 4}, "A", 0);
  tale.see({5, 6}, "A", 1, kCancelled, 0, CancelReason::ticket_unavailable);
  expect_accepted(tale.order({7, 8}, "B", 1, 2500).see({9, 10}, "B", 1, kAwaiting, 1));
}

TEST(Model, accepts_that_an_order_expires_and_the_next_one_gets_the_ticket) {
  Tale tale;
  tale.order({0, 2}, "A", 0).see({999, 1001}, "A", 2, kCancelled, 0, CancelReason::expired);
  tale.refused({1000, 1003}, Kind::pay, Outcome::order_expired, "A");
  tale.order({1002, 1004}, "B", 2).decline({1005, 1007}, "B");
  tale.see({1008, 1009}, "B", 2, kCancelled, 2, CancelReason::payment_failed);
  expect_accepted(tale.ticket({1010, 1011}, 4, 2000).rest(2100));
}

TEST(Model, accepts_that_a_charge_which_came_too_late_is_given_back) {
  Tale tale;
  tale.order({0, 2}, "A", 0).see({3, 4}, "A", 1, kAwaiting, 0).cancel({5, 8}, "A");
  tale.pay({6, 10}, "A").refused({11, 12}, Kind::pay, Outcome::order_cancelled, "A");
  expect_accepted(tale.charge({13, 14}, "A", false).charge({15, 16}, "A", true).rest(1100));
}

// Somebody else is told "already paid" of a charge that is about to be given back.
TEST(Model, accepts_a_charge_behind_an_answer_that_does_not_tell) {
  Tale tale;
  tale.order({0, 2}, "A", 0).see({3, 4}, "A", 1, kAwaiting, 0).cancel({5, 12}, "A");
  tale.refused({6, 9}, Kind::pay, Outcome::order_paid, "A");
  expect_accepted(tale.refused({6, 14}, Kind::pay, Outcome::order_cancelled, "A").rest(1100));
}

TEST(Model, accepts_several_declined_cards_where_the_setting_says_so) {
  Tale tale;
  tale.rules.attempts = 2;
  tale.order({0, 2}, "A", 0).decline({3, 5}, "A").see({6, 7}, "A", 1, kAwaiting, 0);
  expect_accepted(tale.pay({8, 9}, "A").see({10, 11}, "A", 2, kComplete, 0));
}

TEST(Model, accepts_a_refusal_after_the_whole_wait_while_the_ticket_settles) {
  Tale tale;
  tale.order({0, 2}, "A", 0).cancel({3, 4}, "A");
  expect_accepted(tale.refused({5, 2006}, Kind::order, Outcome::ticket_reserved));
}

TEST(Model, accepts_either_fate_of_a_call_whose_answer_was_lost) {
  Tale placed;
  placed.lost(0, {1, Kind::order}).see({5, 6}, "A", 1, kAwaiting, 0).ticket({7, 8}, 1, 2000, "A");
  expect_accepted(placed.lost(9, {1, Kind::pay, "A"}).see({20, 21}, "A", 2, kComplete, 0));
  Tale nobodys;
  nobodys.lost(0, {1, Kind::order}).refused({5, 6}, Kind::order, Outcome::ticket_reserved);
  expect_accepted(nobodys.order({2000, 2001}, "B", 2));
  Tale never;
  expect_accepted(never.lost(0, {1, Kind::order}).order({5, 6}, "B", 0));
  Tale cancelled;
  cancelled.order({0, 1}, "A", 0)
      .lost(2, {0, Kind::cancel, "A"})
      .lost(3, {0, Kind::edit, {}, true, 9});
  expect_accepted(
      cancelled.see({4, 5}, "A", 1, kCancelled, 0, CancelReason::user).ticket({6, 7}, 3, 9));
}

TEST(Model, refuses_a_history_that_means_nothing) {
  Tale twice;
  twice.order({0, 1}, "A", 0).order({2, 3}, "A", 0);
  EXPECT_THROW(twice.checked(), std::invalid_argument);
  Tale unheard_of;
  unheard_of.charge({0, 1}, "A", false);
  EXPECT_THROW(unheard_of.checked(), std::invalid_argument);
}

}  // namespace
}  // namespace ticketing::linear
