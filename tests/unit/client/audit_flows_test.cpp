// I6 to I8, broken on purpose.

#include "unit/client/planted_breach.hpp"

namespace ticketing::testing {
namespace {

const std::vector<Planted> kPlanted{
    {"edited_while_held",
     [](AuditedMarket& m) {
       start(m);
       m.edit("t1", 2500);
       end(m, "o1", "t1");
     },
     "I6 t1 was edited while it was held, at version 2\n"
     "I6 t1 changed at version 2 while order o1 held it\n"},
    {"edited_by_its_reservation",
     [](AuditedMarket& m) {
       m.list("t1");
       m.order("o1", "t1");
       m.tickets["t1"].price = Money::from_cents(2500);
       m.reserve("o1", m.cause());
       m.become("o1", OrderStatus::awaiting_payment, m.cause());
       sell(m);
     },
     "I6 t1 was edited while it was held, at version 1\n"},
    {"reserved_over_another",
     [](AuditedMarket& m) {
       start(m);
       m.orders["o2"].ticket.id = "t1";
       m.reserve("o2", m.request());
       sell(m);
     },
     "I6 t1 changed at version 2 while order o1 held it\n"},
    {"reserved_at_another_version",
     [](AuditedMarket& m) {
       m.list("t1");
       m.order("o1", "t1");
       m.edit("t1", 1999);
       m.reserve("o1", "o");
       m.become("o1", OrderStatus::awaiting_payment, m.cause());
       sell(m);
     },
     "I6 o1 its ticket was reserved at version 1; its buyer saw 0\n"},
    {"another_ticket_than_ordered",
     [](AuditedMarket& m) {
       m.list("t1");
       m.list("t2");
       m.order("o1", "t1");
       m.orders["o1"].ticket.id = "t2";
       m.reserve("o1", m.cause());
       m.orders["o1"].ticket.id = "t1";
       m.become("o1", OrderStatus::awaiting_payment, m.cause());
       sell(m);
     },
     "I6 o1 holds t2, and is of t1\n"},
    {"waits_without_its_ticket",
     [](AuditedMarket& m) {
       m.list("t1");
       m.order("o1", "t1");
       m.become("o1", OrderStatus::awaiting_payment, "x");
       m.cancel("o1", m.request());
       m.expire("o1");
     },
     "I6 o1 waits for payment, and does not hold its ticket\n"},
    {"held_for_no_order",
     [](AuditedMarket& m) {
       m.list("t1");
       m.orders["o9"].ticket.id = "t1";
       m.reserve("o9", "x");
     },
     "I6 o9 a ticket is held for no order\n"},
    {"freed_though_complete",
     [](AuditedMarket& m) {
       start(m);
       sell(m);
       m.free("t1", m.cause());
     },
     "I6 o1 is complete, and its ticket was freed\n"},
    {"freed_though_active",
     [](AuditedMarket& m) {
       start(m);
       m.free("t1", m.cause());
       m.pay("o1", "p1");
       m.events.pop_back();
     },
     "I6 o1 is not cancelled, and its ticket was freed\n"
     "I8 o1 its time was over at 1970-01-01T00:15:00.001Z, and nobody said so\n"},
    {"freed_by_another_order",
     [](AuditedMarket& m) {
       start(m);
       m.cancel("o1", m.request());
       m.free("t1", "log-orders-77");
       m.expire("o1");
     },
     "I6 o1 its ticket was freed by log-orders-77, not by its end, log-orders-3\n"},
    {"never_freed",
     [](AuditedMarket& m) {
       start(m);
       m.cancel("o1", m.request());
       m.expire("o1");
     },
     "I6 o1 is cancelled, and still holds its ticket\n"},
    {"never_reserved_nor_refused",
     [](AuditedMarket& m) {
       m.list("t1");
       m.order("o1", "t1");
       m.expire("o1");
     },
     "I6 o1 got neither its ticket nor an answer\n"},
    {"listed_as_held",
     [](AuditedMarket& m) {
       m.list("t1");
       m.hold("o1", "t1");
       sell(m);
       m.tickets["t2"].order_id = "o1";
       m.tickets["t2"].id = "t2";
       m.publish(m.tickets["t2"], m.request());
     },
     "I6 t2 was held before it was listed\n"},
    {"a_charge_without_an_order", [](AuditedMarket& m) { m.pay("o9", "p1"); },
     "I7 o9 a charge without an order\n"},
    {"a_declined_charge_without_an_order", [](AuditedMarket& m) { m.decline("o9", "p1"); },
     "I7 o9 a charge without an order\n"},
    {"charged_before_the_hold",
     [](AuditedMarket& m) {
       m.list("t1");
       m.order("o1", "t1");
       m.pay("o1", "p1");
       m.cancel("o1", m.request());
       m.refund("o1", "p1");
       m.expire("o1");
     },
     "I7 o1 was charged before it held its ticket\n"},
    {"charged_twice",
     [](AuditedMarket& m) {
       start(m);
       sell(m);
       m.pay("o1", "p2");
     },
     "I2 payments charged less refunded is 39.98, and the orders' charges come to 19.99\n"
     "I7 o1 was charged twice, by p1 and p2\n"},
    {"money_of_a_cancelled_order_kept",
     [](AuditedMarket& m) {
       start(m);
       m.pay("o1", "p1");
       end(m, "o1", "t1");
     },
     "I7 o1 is cancelled, and keeps charge p1\n"},
    {"refund_of_what_was_not_charged",
     [](AuditedMarket& m) {
       start(m);
       m.decline("o1", "p1");
       m.refund("o1", "p1");
       end(m, "o1", "t1");
     },
     "I2 payments charged less refunded is -19.99, and the orders' charges come to 0\n"
     "I7 o1 was given back 19.99 of charge p1, which was not charged or was given back before\n"},
    {"refund_of_an_active_order",
     [](AuditedMarket& m) {
       start(m);
       m.pay("o1", "p1");
       m.refund("o1", "p1");
       m.expire("o1");
     },
     "I2 o1 is paid, and not complete\n"
     "I7 o1 is not cancelled, and was given back charge p1\n"},
    {"began_as_complete",
     [](AuditedMarket& m) {
       m.list("t1");
       m.order("o1", "t1");
       m.events.pop_back();
       m.orders["o1"].status = OrderStatus::cancelled;
       m.orders["o1"].reason = CancelReason::user;
       OrderCancelled began;
       static_cast<OrderFact&>(began) = m.orders["o1"];
       m.publish(began, m.request());
       m.last().envelope.offset = 1;
       m.last().envelope.id = "log-orders-1";
       m.expire("o1");
     },
     "I8 o1 began as cancelled\n"},
    {"a_final_order_changes",
     [](AuditedMarket& m) {
       start(m);
       sell(m);
       m.become("o1", OrderStatus::complete, m.request());
     },
     "I8 o1 went from complete to complete\n"},
    {"complete_without_awaiting",
     [](AuditedMarket& m) {
       m.list("t1");
       m.order("o1", "t1");
       m.reserve("o1", m.cause());
       m.become("o1", OrderStatus::complete, m.cause());
       m.pay("o1", "p1");
       m.expire("o1");
     },
     "I7 o1 was charged before it held its ticket\n"
     "I8 o1 went from created to complete\n"},
    {"declined_before_the_hold",
     [](AuditedMarket& m) {
       m.list("t1");
       m.order("o1", "t1");
       m.decline("o1", "p1");
       m.cancel("o1", m.cause(), CancelReason::payment_failed);
       m.expire("o1");
     },
     "I8 o1 went from created to cancelled as payment_failed\n"},
    {"unavailable_after_the_hold",
     [](AuditedMarket& m) {
       start(m);
       m.cancel("o1", m.request(), CancelReason::ticket_unavailable);
       m.free("t1", m.cause());
       m.expire("o1");
     },
     "I8 o1 went from awaiting:payment to cancelled as ticket_unavailable\n"
     "I8 o1 is cancelled for want of the ticket that it was given\n"},
    {"unavailable_though_free",
     [](AuditedMarket& m) {
       m.list("t1");
       m.order("o1", "t1");
       m.cancel("o1", m.request(), CancelReason::ticket_unavailable);
       m.expire("o1");
     },
     "I8 o1 is cancelled for want of a ticket that is free\n"},
    {"cancelled_without_a_reason",
     [](AuditedMarket& m) {
       start(m);
       m.become("o1", OrderStatus::cancelled, m.request());
       m.free("t1", m.cause());
       m.expire("o1");
     },
     "I8 o1 is cancelled by an order:cancelled without a reason\n"},
    {"other_terms",
     [](AuditedMarket& m) {
       start(m);
       m.orders["o1"].user_id = "someone";
       sell(m);
     },
     "I8 o1 has other terms at version 2\n"},
    {"expired_early",
     [](AuditedMarket& m) {
       start(m);
       m.publish(ExpirationComplete{"o1"}, m.request());
       m.cancel("o1", m.cause(), CancelReason::expired);
       m.free("t1", m.cause());
     },
     "I8 o1 expired at 1970-01-01T00:00:00.004Z, before 1970-01-01T00:15:00.001Z\n"},
    {"cancelled_as_expired_in_time",
     [](AuditedMarket& m) {
       start(m);
       m.cancel("o1", m.request(), CancelReason::expired);
       m.free("t1", m.cause());
     },
     "I8 o1 its time was over at 1970-01-01T00:15:00.001Z, and nobody said so\n"
     "I8 o1 is cancelled as expired, and its time is not over\n"},
    {"cancelled_for_a_payment_that_did_not_fail",
     [](AuditedMarket& m) {
       start(m);
       m.cancel("o1", m.request(), CancelReason::payment_failed);
       m.free("t1", m.cause());
       m.expire("o1");
     },
     "I8 o1 is cancelled for a payment that did not fail\n"},
    {"expired_and_still_waiting",
     [](AuditedMarket& m) {
       start(m);
       m.expire("o1");
     },
     "I8 o1 its time is over, and it is not cancelled\n"},
    {"an_order_that_was_never_made_expires", [](AuditedMarket& m) { m.expire("o9"); },
     "I8 o9 an order expired that was never made\n"},
};

class AuditOfFlows : public ::testing::TestWithParam<Planted> {};

TEST_P(AuditOfFlows, is_found) { expect_found(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Every, AuditOfFlows, ::testing::ValuesIn(kPlanted),
                         [](const auto& planted) { return std::string{planted.param.name}; });

}  // namespace
}  // namespace ticketing::testing
