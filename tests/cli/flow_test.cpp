// Flow: when what a request has set going is at rest, whatever the order in which logs are read.

#include "flow.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "fake_marketplace.hpp"

namespace ticketing::cli {
namespace {

const TicketAnswer kFree{"t1", "Concert", Money::from_cents(2000), "u1", 3, {}};

OrderAnswer order_in(OrderStatus status, std::int64_t version) {
  OrderAnswer order{"o1", "u2", status, {}, version, {}, {}};
  order.ticket = {"t1", "Concert", Money::from_cents(2000), 3};
  if (status == OrderStatus::cancelled) order.reason = CancelReason::user;
  return order;
}

TicketAnswer ticket_at(std::int64_t version, std::optional<std::string> holder) {
  TicketAnswer ticket = kFree;
  ticket.version = version;
  ticket.order_id = std::move(holder);
  return ticket;
}

template <Event E>
Envelope event(const E& fact) {
  return played(1, fact).envelope;
}
Envelope reserved() { return event(fact_of<TicketUpdated>(ticket_at(4, "o1"))); }
Envelope freed() { return event(fact_of<TicketUpdated>(ticket_at(5, {}))); }
Envelope confirmed() {
  return event(fact_of<OrderUpdated>(order_in(OrderStatus::awaiting_payment, 1)));
}
Envelope completed() { return event(fact_of<OrderUpdated>(order_in(OrderStatus::complete, 2))); }
Envelope cancelled(std::int64_t version = 2) {
  return event(fact_of<OrderCancelled>(order_in(OrderStatus::cancelled, version)));
}
Envelope paid() { return event(PaymentCreated{"p1", 0, "o1", Money::from_cents(2000), "ch"}); }
Envelope declined() { return event(PaymentFailed{"p1", 0, "o1", Money::from_cents(2000), "no"}); }
Envelope refunded() { return event(PaymentRefunded{"p1", 1, "o1", Money::from_cents(2000), "re"}); }

/// A flow whose order and ticket stand so; all events have the correlation `c1`.
Flow flow_of(const OrderAnswer& order, const TicketAnswer& ticket) {
  Flow flow{"c1"};
  flow.follow(ticket);
  flow.follow(order);
  return flow;
}

/// At rest after all of `events` and after no fewer of them, in whatever order they come.
void rests_after(const Flow& start, std::vector<Envelope> events) {
  std::vector<std::size_t> turns(events.size());
  for (std::size_t i = 0; i < turns.size(); ++i) turns[i] = i;
  do {
    Flow flow = start;
    for (const std::size_t turn : turns) {
      EXPECT_NE(flow.owed(), "");
      ASSERT_TRUE(flow.concerns(events[turn]));
      flow.learn(events[turn]);
    }
    EXPECT_EQ(flow.owed(), "");
  } while (std::next_permutation(turns.begin(), turns.end()));
}

TEST(Flow, nothing_is_owed_before_anything_is_expected) { EXPECT_EQ(Flow{"c1"}.owed(), ""); }

TEST(Flow, a_request_is_at_rest_with_its_event) {
  Flow flow{"c1"};
  flow.expect("t1", 5);
  EXPECT_EQ(flow.owed(), "no event that brings t1 to version 5");
  Envelope other = freed();
  other.correlation_id = "c2";
  EXPECT_FALSE(flow.concerns(other));
  flow.learn(reserved());
  EXPECT_NE(flow.owed(), "");
  flow.learn(freed());
  EXPECT_EQ(flow.owed(), "");
}

TEST(Flow, what_a_payment_has_led_to_does_not_stand_for_it) {
  Flow flow = flow_of(order_in(OrderStatus::awaiting_payment, 1), ticket_at(4, "o1"));
  flow.expect_payment();
  EXPECT_EQ(flow.owed(), "no event tells how the payment ended");
  rests_after(flow, {paid(), completed()});
  rests_after(flow, {declined(), cancelled(), freed()});
}

TEST(Flow, an_order_is_at_rest_once_its_buyer_may_pay) {
  const Flow flow = flow_of(order_in(OrderStatus::created, 0), kFree);
  EXPECT_EQ(flow.owed(), "order o1 is not reserved");
  rests_after(flow, {reserved(), confirmed()});
}

TEST(Flow, a_cancelled_order_is_at_rest_once_its_ticket_is_free) {
  Flow flow = flow_of(order_in(OrderStatus::awaiting_payment, 1), ticket_at(4, "o1"));
  EXPECT_EQ(flow.owed(), "");
  flow.expect("o1", 2);
  EXPECT_EQ(flow.owed(), "no event that brings o1 to version 2");
  rests_after(flow, {cancelled(), freed()});
}

TEST(Flow, an_order_that_is_cancelled_before_its_ticket_is_reserved_waits_for_both) {
  Flow flow = flow_of(order_in(OrderStatus::cancelled, 1), kFree);
  EXPECT_EQ(flow.owed(), "ticket t1 is not free");
  flow.learn(reserved());
  EXPECT_EQ(flow.owed(), "ticket t1 is not free");
  flow.learn(freed());
  EXPECT_EQ(flow.owed(), "");
}

TEST(Flow, a_ticket_that_moved_on_without_its_order_is_not_waited_for) {
  EXPECT_EQ(flow_of(order_in(OrderStatus::cancelled, 1), ticket_at(4, "o2")).owed(), "");
  EXPECT_EQ(flow_of(order_in(OrderStatus::cancelled, 1), ticket_at(4, {})).owed(), "");
}

TEST(Flow, a_payment_is_at_rest_once_its_order_is_complete) {
  const OrderAnswer order = order_in(OrderStatus::awaiting_payment, 1);
  Flow flow = flow_of(order, ticket_at(4, "o1"));
  flow.learn(paid());
  EXPECT_EQ(flow.owed(), "order o1 is paid and not complete");
  flow = flow_of(order, ticket_at(4, "o1"));
  flow.expect("p1", 0);
  flow.expect("o1", 2);
  rests_after(flow, {paid(), completed()});
  EXPECT_FALSE(flow.cancelled());
}

TEST(Flow, a_payment_for_an_order_that_was_cancelled_waits_for_the_money) {
  Flow flow = flow_of(order_in(OrderStatus::awaiting_payment, 1), ticket_at(4, "o1"));
  for (const Envelope& next : {paid(), cancelled(), freed()}) {
    flow.learn(next);
    EXPECT_NE(flow.owed(), "");
  }
  EXPECT_EQ(flow.owed(), "the payment of order o1 is not refunded");
  flow.learn(refunded());
  EXPECT_EQ(flow.owed(), "");
  EXPECT_EQ(flow.cancelled(), CancelReason::user);
}

TEST(Flow, a_declined_card_waits_for_all_that_is_undone) {
  Flow flow = flow_of(order_in(OrderStatus::awaiting_payment, 1), ticket_at(4, "o1"));
  flow.learn(declined());
  EXPECT_EQ(flow.owed(), "order o1 is not cancelled for its declined card");
  rests_after(flow, {cancelled(), freed()});
}

TEST(Flow, what_is_older_than_what_is_known_changes_nothing) {
  Flow flow = flow_of(order_in(OrderStatus::cancelled, 2), ticket_at(5, {}));
  for (const Envelope& old : {confirmed(), reserved()}) flow.learn(old);
  EXPECT_EQ(flow.owed(), "");
}

TEST(Flow, other_peoples_orders_and_payments_are_none_of_its_business) {
  Flow flow = flow_of(order_in(OrderStatus::awaiting_payment, 1), ticket_at(4, "o1"));
  flow.learn(event(PaymentCreated{"p2", 0, "o2", Money::from_cents(1), "ch"}));
  OrderAnswer other = order_in(OrderStatus::cancelled, 9);
  other.id = "o2";
  flow.learn(event(fact_of<OrderCancelled>(other)));
  EXPECT_EQ(flow.owed(), "");
}

}  // namespace
}  // namespace ticketing::cli
