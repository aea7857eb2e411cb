// Histories that no correct services leave behind: the checker must reject each one. Beside each
// stands, where it is not plain, the smallest change that makes it acceptable, so that the history
// is rejected for its violation and not for a slip of the pen.

#include <gtest/gtest.h>

#include "tale.hpp"

namespace ticketing::linear {
namespace {

constexpr auto kCreated = OrderStatus::created;
constexpr auto kAwaiting = OrderStatus::awaiting_payment;
constexpr auto kComplete = OrderStatus::complete;
constexpr auto kCancelled = OrderStatus::cancelled;

void expect_rejected(const Tale& tale) {
  EXPECT_EQ(tale.checked().verdict, Verdict::violated) << describe(tale.history);
}
void expect_accepted(const Tale& tale) {
  EXPECT_EQ(tale.checked().verdict, Verdict::linearizable) << describe(tale.history);
}

/// A ticket that A has reserved, at 10 ms.
Tale reserved() {
  Tale tale;
  tale.order({0, 2}, "A", 0).see({3, 4}, "A", 1, kAwaiting, 0);
  return tale;
}

TEST(Planted, two_buyers_get_the_ticket_at_once) {
  expect_rejected(Tale{}.order({0, 5}, "A", 0).order({0, 5}, "B", 0));
}

TEST(Planted, a_ticket_is_ordered_while_another_order_is_active) {
  expect_rejected(reserved().order({10, 12}, "B", 1));
  Tale sold = reserved().pay({5, 6}, "A").see({7, 8}, "A", 2, kComplete, 0);
  expect_rejected(sold.order({2000, 2002}, "B", 2));
  expect_accepted(reserved().cancel({9, 12}, "A").order({10, 12}, "B", 2));
}

TEST(Planted, a_cancelled_order_is_complete_in_the_end) {
  const auto tale = [] { return reserved().pay({5, 20}, "A").cancel({10, 12}, "A"); };
  expect_rejected(tale().see({30, 31}, "A", 2, kComplete, 0));
  expect_accepted(tale().see({30, 31}, "A", 2, kCancelled, 0, CancelReason::user));
}

TEST(Planted, a_cancellation_that_was_answered_is_lost) {
  expect_rejected(reserved().cancel({10, 12}, "A").see({13, 14}, "A", 1, kAwaiting, 0));
}

TEST(Planted, a_complete_order_is_cancelled) {
  Tale tale = reserved().pay({5, 6}, "A").see({7, 8}, "A", 2, kComplete, 0);
  expect_rejected(Tale{tale}.cancel({10, 12}, "A"));
  expect_rejected(Tale{tale}.see({1001, 1002}, "A", 3, kCancelled, 0, CancelReason::expired));
}

TEST(Planted, an_order_goes_back_in_its_life) {
  expect_rejected(reserved().see({5, 6}, "A", 0, kCreated, 0));
  Tale tale = reserved().cancel({5, 6}, "A");
  expect_rejected(tale.see({7, 8}, "A", 3, kAwaiting, 0));
}

TEST(Planted, an_order_is_paid_after_payments_knew_of_its_end) {
  Tale tale = reserved().cancel({5, 6}, "A");
  tale.refused({7, 8}, Kind::pay, Outcome::order_cancelled, "A");
  expect_rejected(tale.pay({9, 10}, "A"));
}

TEST(Planted, an_order_is_paid_long_after_someone_read_that_it_was_cancelled) {
  Tale tale = reserved();
  tale.rules.lag_max = std::chrono::milliseconds{500};
  tale.see({5, 6}, "A", 2, kCancelled, 0, CancelReason::user).lost(4, {0, Kind::cancel, "A"});
  expect_rejected(Tale{tale}.pay({507, 510}, "A"));
  expect_accepted(Tale{tale}.pay({10, 12}, "A"));
}

TEST(Planted, an_order_is_paid_at_its_end_or_later) {
  expect_rejected(reserved().pay({1001, 1005}, "A"));
  expect_accepted(reserved().pay({999, 1005}, "A"));
}

TEST(Planted, an_order_is_paid_twice) {
  Tale tale = reserved().pay({5, 10}, "A");
  Answer second{Outcome::done, "another charge"};
  expect_rejected(tale.tell({5, 10}, {1, Kind::pay, "A"}, second));
}

TEST(Planted, an_order_is_complete_that_nobody_paid) {
  expect_rejected(reserved().see({5, 6}, "A", 2, kComplete, 0));
  expect_rejected(reserved().decline({5, 6}, "A").see({7, 8}, "A", 2, kComplete, 0));
}

TEST(Planted, a_declined_card_does_not_cancel_the_order) {
  expect_rejected(reserved().decline({5, 6}, "A").pay({7, 8}, "A"));
  Tale tale = reserved().decline({5, 6}, "A");
  tale.see({999, 1001}, "A", 2, kCancelled, 0, CancelReason::expired);
  expect_accepted(Tale{tale});  // The news may be late ...
  tale = reserved().decline({5, 6}, "A").rest(10);
  expect_rejected(
      tale.see({999, 1001}, "A", 2, kCancelled, 0, CancelReason::expired));  // ... once.
}

TEST(Planted, an_order_expires_too_early) {
  expect_rejected(reserved().see({998, 999}, "A", 2, kCancelled, 0, CancelReason::expired));
  expect_accepted(reserved().see({999, 1000}, "A", 2, kCancelled, 0, CancelReason::expired));
}

TEST(Planted, a_payment_is_refused_as_late_too_early) {
  expect_rejected(reserved().refused({998, 999}, Kind::pay, Outcome::order_expired, "A"));
}

TEST(Planted, an_order_is_given_less_time_than_the_setting_says) {
  Tale tale;
  tale.order({0, 2}, "A", 0);
  tale.history.operations.back().answer.expires_at = at_ms(999);
  expect_rejected(tale);
}

TEST(Planted, an_order_does_not_expire) {
  Tale tale = reserved();
  tale.rules.lag_max = std::chrono::milliseconds{500};
  expect_accepted(Tale{tale}.see({1499, 1500}, "A", 1, kAwaiting, 0));
  expect_rejected(Tale{tale}.see({1501, 1502}, "A", 1, kAwaiting, 0));
  expect_rejected(reserved().rest(5));
}

TEST(Planted, a_held_ticket_is_edited) {
  expect_rejected(reserved().edit({5, 6}, 2, 2500));
  expect_rejected(reserved().edit({5, 6}, 1, 2500));
  expect_accepted(reserved().refused({5, 6}, Kind::edit, Outcome::ticket_reserved));
}

TEST(Planted, an_edit_is_refused_of_a_ticket_that_nobody_holds) {
  expect_rejected(Tale{}.refused({0, 1}, Kind::edit, Outcome::ticket_reserved));
}

TEST(Planted, an_edit_is_lost) {
  expect_rejected(Tale{}.edit({0, 1}, 1, 2500).ticket({2, 3}, 0, 2000));
  expect_rejected(Tale{}.edit({0, 1}, 1, 2500).edit({2, 3}, 1, 2600));
}

TEST(Planted, a_ticket_is_reserved_at_a_price_that_its_buyer_did_not_see) {
  Tale tale;
  tale.edit({0, 2}, 1, 2500).order({3, 4}, "A", 0);
  expect_rejected(Tale{tale}.see({5, 6}, "A", 1, kAwaiting, 0));
  expect_rejected(Tale{tale}.ticket({5, 6}, 2, 2500, "A"));
  expect_rejected(Tale{}.edit({0, 2}, 1, 2500).order({3, 4}, "A", 1, 2000));
}

TEST(Planted, a_ticket_is_freed_while_its_order_is_active) {
  expect_rejected(reserved().ticket({5, 6}, 2, 2000));
}

TEST(Planted, a_ticket_is_held_by_an_order_that_ended_before_another_got_it) {
  Tale tale = reserved().cancel({5, 6}, "A").order({7, 8}, "B", 2);
  expect_rejected(tale.ticket({9, 10}, 1, 2000, "A"));
}

TEST(Planted, a_ticket_is_never_freed) {
  expect_rejected(reserved().cancel({5, 6}, "A").rest(10).ticket({20, 21}, 1, 2000, "A"));
  Tale tale = reserved().cancel({5, 6}, "A");
  tale.rules.lag_max = std::chrono::milliseconds{500};
  expect_rejected(Tale{tale}.ticket({507, 508}, 1, 2000, "A"));
  expect_accepted(Tale{tale}.ticket({505, 506}, 1, 2000, "A"));
}

TEST(Planted, an_order_is_refused_though_the_ticket_is_free) {
  expect_rejected(Tale{}.refused({0, 1}, Kind::order, Outcome::ticket_reserved));
  expect_rejected(Tale{}.refused({0, 3000}, Kind::order, Outcome::ticket_reserved));
}

TEST(Planted, an_order_is_refused_without_the_wait_while_the_ticket_settles) {
  Tale tale = reserved().cancel({5, 6}, "A");
  expect_rejected(Tale{tale}.refused({7, 100}, Kind::order, Outcome::ticket_reserved));
  expect_accepted(Tale{tale}.refused({7, 2007}, Kind::order, Outcome::ticket_reserved));
}

TEST(Planted, a_charge_of_a_complete_order_is_given_back) {
  Tale tale = reserved().pay({5, 6}, "A").see({7, 8}, "A", 2, kComplete, 0);
  expect_rejected(tale.charge({9, 10}, "A", true));
}

TEST(Planted, a_charge_of_a_cancelled_order_is_kept) {
  Tale tale = reserved().cancel({5, 8}, "A").pay({6, 10}, "A");
  expect_accepted(Tale{tale}.rest(1100).charge({1200, 1201}, "A", true));
  expect_rejected(Tale{tale}.rest(1100).charge({1200, 1201}, "A", false));
}

TEST(Planted, a_bad_card_is_charged) {
  expect_rejected(reserved().tell({5, 6}, {0, Kind::pay, "A", false}, {Outcome::done, "c"}));
  expect_rejected(reserved().refused({5, 6}, Kind::pay, Outcome::card_declined, "A"));
}

TEST(Planted, an_answer_that_the_api_does_not_have) {
  for (const Kind kind : {Kind::cancel, Kind::pay, Kind::read_order, Kind::edit, Kind::order}) {
    expect_rejected(reserved().refused({5, 6}, kind, Outcome::unexpected, "A"));
  }
}

TEST(Planted, an_order_that_nobody_made_is_there) {
  expect_rejected(Tale{}.see({0, 1}, "A", 0, kCreated, 0));
  expect_rejected(Tale{}.ticket({0, 1}, 1, 2000, "A"));
}

}  // namespace
}  // namespace ticketing::linear
