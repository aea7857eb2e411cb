// I1 to I5, broken on purpose.

#include "unit/client/planted_breach.hpp"

namespace ticketing::testing {
namespace {

const std::vector<Planted> kPlanted{
    {"two_active_orders",
     [](AuditedMarket& m) {
       start(m);
       m.order("o2", "t1");
       sell(m);
       m.cancel("o2", m.request());
       m.expire("o2");
     },
     "I1 t1 is ordered by o2 while o1 is active\n"},
    {"other_amount_charged",
     [](AuditedMarket& m) {
       start(m);
       m.orders["o1"].ticket.price = Money::from_cents(1);
       m.pay("o1", "p1");
       m.orders["o1"].ticket.price = m.tickets["t1"].price;
       m.become("o1", OrderStatus::complete, m.cause());
       m.expire("o1");
     },
     "I2 o1 costs 19.99, and was charged 0.01\n"},
    {"complete_without_payment",
     [](AuditedMarket& m) {
       start(m);
       m.become("o1", OrderStatus::complete, m.cause() + "x");
       m.expire("o1");
     },
     "I2 o1 is complete, and not paid\n"},
    {"refund_of_a_complete_order",
     [](AuditedMarket& m) {
       start(m);
       sell(m);
       m.refund("o1", "p1");
     },
     "I2 o1 is complete, and was given back charge p1\n"},
    {"paid_and_never_complete",
     [](AuditedMarket& m) {
       start(m);
       m.pay("o1", "p1");
       m.expire("o1");
     },
     "I2 o1 is paid, and not complete\n"},
    {"a_gap_in_a_log",
     [](AuditedMarket& m) {
       m.list("t1");
       m.list("t2");
       m.events.erase(m.events.begin());
     },
     "I3 tickets tickets #2: comes after #0\n"},
    {"a_version_left_out",
     [](AuditedMarket& m) {
       m.list("t1");
       ++m.tickets["t1"].version;
       m.edit("t1", 2500);
     },
     "I3 t1 tickets #2: ticket:updated is version 2, and nothing tells of 1\n"},
    {"a_foreign_event_in_a_log",
     [](AuditedMarket& m) {
       m.list("t1");
       m.list("t2");
       m.last().envelope.log_id = "another";
     },
     "I3 tickets tickets #2: is of the log another, not of log-tickets\n"},
    {"an_event_under_another_name",
     [](AuditedMarket& m) {
       m.list("t1");
       m.last().envelope.id = "log-tickets-7";
     },
     "I3 tickets tickets #1: calls itself log-tickets-7\n"},
    {"an_event_about_something_else",
     [](AuditedMarket& m) {
       m.list("t1");
       tamper<TicketCreated>(m, [](auto& ticket) { ticket.version = 3; });
     },
     "I3 t1 tickets #1: ticket:created cannot be read: it speaks of version 3 of t1\n"},
    {"a_change_told_twice",
     [](AuditedMarket& m) {
       m.list("t1");
       m.publish(m.tickets["t1"], m.request());
     },
     "I4 t1 tickets #2: ticket:created is version 0 once more\n"},
    {"two_effects_of_one_cause",
     [](AuditedMarket& m) {
       m.list("t1");
       m.edit("t1", 2500);
       const std::string cause = *m.last().envelope.causation_id;
       m.edit("t1", 3000);
       m.last().envelope.causation_id = cause;
     },
     "I4 t1 tickets #3: ticket:updated is the second effect of r2\n"},
    {"reserved_twice_for_one_order",
     [](AuditedMarket& m) {
       m.list("t1");
       m.hold("o1", "t1");
       m.cancel("o1", m.request());
       const std::string cancelled = m.cause();
       m.free("t1", cancelled);
       m.reserve("o1", "late");
       m.events.back().envelope.causation_id = "late";
       m.free("t1", cancelled);
       m.expire("o1");
     },
     "I4 t1 was reserved for order o1 a second time\n"
     "I6 o1 its ticket was reserved at version 2; its buyer saw 0\n"},
    {"another_price_than_the_buyer_saw",
     [](AuditedMarket& m) {
       m.list("t1");
       m.tickets["t1"].price = Money::from_cents(1000);
       m.order("o1", "t1");
       m.tickets["t1"].price = Money::from_cents(1999);
       m.reserve("o1", m.cause());
       m.become("o1", OrderStatus::awaiting_payment, m.cause());
       sell(m);
     },
     "I5 o1 its buyer saw \"Concert\" for 10; it was \"Concert\" for 19.99\n"},
    {"a_ticket_that_nobody_listed",
     [](AuditedMarket& m) {
       m.tickets["t1"].id = "t1";
       m.order("o1", "t1");
       m.cancel("o1", m.request());
       m.expire("o1");
     },
     "I5 o1 its buyer saw version 0 of t1, which was never told\n"},
    {"a_replica_that_falls_back",
     [](AuditedMarket& m) {
       m.list("t1");
       m.edit("t1", 2500);
       m.hold("o1", "t1");
       end(m, "o1", "t1");
       const std::int64_t version = m.tickets["t1"].version;
       m.tickets["t1"].version = 0;
       m.order("o2", "t1");
       m.tickets["t1"].version = version;
       m.cancel("o2", m.request(), CancelReason::ticket_unavailable);
       m.expire("o2");
     },
     "I5 t1 was seen at version 1, and by a later buyer at 0\n"},
};

class AuditOfBooks : public ::testing::TestWithParam<Planted> {};

TEST_P(AuditOfBooks, is_found) { expect_found(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Every, AuditOfBooks, ::testing::ValuesIn(kPlanted),
                         [](const auto& planted) { return std::string{planted.param.name}; });

}  // namespace
}  // namespace ticketing::testing
