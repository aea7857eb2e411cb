#include "orders/order.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "refusal.hpp"
#include "ticketing/core/json.hpp"

namespace orders {
namespace {

using services_unit::refusal;

constexpr Timestamp kExpiry{milliseconds{1'700'000'000'000}};

TicketFact ticket_at(std::int64_t version, std::optional<std::string> order_id = std::nullopt) {
  return {"t1", version, "Concert", Money::from_cents(1999), "seller", std::move(order_id)};
}

Order order_in(OrderStatus status) {
  Order order = place("o1", "buyer", ticket_at(3), kExpiry);
  order.version = 1;
  order.status = status;
  if (status == OrderStatus::cancelled) order.reason = CancelReason::user;
  return order;
}

/// `complete v2`, `cancelled(expired) v2`, `nothing` or the refusal.
std::string outcome(const std::function<std::optional<Order>()>& change) {
  std::string text = "nothing";
  const std::string refused = refusal([&] {
    const auto order = change();
    if (!order) return;
    text = name_of(order->status);
    if (order->reason) text += "(" + std::string{name_of(*order->reason)} + ")";
    text += " v" + std::to_string(order->version);
  });
  return refused == "none" ? text : refused;
}

TEST(Order, a_placed_order_copies_the_ticket_as_the_buyer_saw_it) {
  EXPECT_EQ(to_json(place("o1", "buyer", ticket_at(3), kExpiry)),
            R"({"id":"o1","version":0,"status":"created","userId":"buyer",)"
            R"("expiresAt":"2023-11-14T22:13:20.000Z",)"
            R"("ticket":{"id":"t1","title":"Concert","price":19.99,"version":3}})");
}

TEST(Order, nobody_orders_their_own_ticket) {
  EXPECT_EQ(refusal([] { place("o1", "seller", ticket_at(3), kExpiry); }),
            "refused/own_ticket: Cannot order your own ticket");
}

struct Transition {
  const char* name;
  std::function<std::optional<Order>(const Order&)> change;
  std::array<const char*, 4> outcomes;  ///< From created, awaiting payment, complete, cancelled.
};

TEST(Order, every_transition_from_every_status) {
  const std::vector<Transition> table{
      {"reserved for it",
       [](const Order& order) { return follow(order, ticket_at(4, "o1")); },
       {"awaiting:payment v2", "nothing", "nothing", "nothing"}},
      {"moved on, free",
       [](const Order& order) { return follow(order, ticket_at(4)); },
       {"cancelled(ticket_unavailable) v2", "nothing", "nothing", "nothing"}},
      {"moved on, another's",
       [](const Order& order) { return follow(order, ticket_at(4, "o2")); },
       {"cancelled(ticket_unavailable) v2", "nothing", "nothing", "nothing"}},
      {"the version that it ordered",
       [](const Order& order) { return follow(order, ticket_at(3)); },
       {"nothing", "nothing", "nothing", "nothing"}},
      {"an older version",
       [](const Order& order) { return follow(order, ticket_at(2, "o0")); },
       {"nothing", "nothing", "nothing", "nothing"}},
      {"expire", &expire, {"cancelled(expired) v2", "cancelled(expired) v2", "nothing", "nothing"}},
      {"pay", &pay, {"nothing", "complete v2", "nothing", "nothing"}},
      {"first decline of one",
       [](const Order& order) { return decline(order, 1, 1); },
       {"cancelled(payment_failed) v2", "cancelled(payment_failed) v2", "nothing", "nothing"}},
      {"second decline of three",
       [](const Order& order) { return decline(order, 2, 3); },
       {"nothing", "nothing", "nothing", "nothing"}},
      {"third decline of three",
       [](const Order& order) { return decline(order, 3, 3); },
       {"cancelled(payment_failed) v2", "cancelled(payment_failed) v2", "nothing", "nothing"}},
      {"cancel",
       &cancel,
       {"cancelled(user) v2", "cancelled(user) v2",
        "refused/order_complete: Cannot cancel a completed order", "nothing"}},
  };
  for (const Transition& row : table) {
    for (std::size_t i = 0; i < row.outcomes.size(); ++i) {
      const Order order = order_in(static_cast<OrderStatus>(i));
      EXPECT_EQ(outcome([&] { return row.change(order); }), row.outcomes[i])
          << row.name << " from " << name_of(order.status);
    }
  }
}

TEST(Order, the_snapshot_outlives_every_change) {
  const Order paid = *pay(*follow(place("o1", "buyer", ticket_at(3), kExpiry), ticket_at(4, "o1")));
  EXPECT_EQ(paid.version, 2);
  EXPECT_EQ(paid.ticket.version, 3);
  EXPECT_EQ(paid.ticket.price.cents(), 1999);
  EXPECT_EQ(paid.expires_at, kExpiry);
}

TEST(Availability, a_ticket_that_nobody_ordered_is_free) {
  EXPECT_EQ(availability(ticket_at(0), {}), Availability::free);
}

TEST(Availability, an_active_order_takes_the_ticket_whatever_the_replica_shows) {
  EXPECT_EQ(availability(ticket_at(0), {.active_order = true}), Availability::taken);
  EXPECT_EQ(
      availability(ticket_at(1, "o1"), {.active_order = true, .holder = OrderStatus::created}),
      Availability::taken);
}

TEST(Availability, the_hold_of_a_cancelled_order_is_about_to_end) {
  EXPECT_EQ(availability(ticket_at(1, "o1"), {.holder = OrderStatus::cancelled}),
            Availability::settling);
}

TEST(Availability, any_other_hold_takes_the_ticket) {
  EXPECT_EQ(availability(ticket_at(1, "o1"), {.holder = OrderStatus::complete}),
            Availability::taken);
  EXPECT_EQ(availability(ticket_at(1, "unknown"), {}), Availability::taken);
}

TEST(Availability, a_version_that_a_cancelled_order_has_asked_for_is_about_to_pass) {
  EXPECT_EQ(availability(ticket_at(3), {.newest_version = 3}), Availability::settling);
  EXPECT_EQ(availability(ticket_at(5), {.newest_version = 3}), Availability::free);
}

}  // namespace
}  // namespace orders
