#pragma once
// The order: its life (docs/explanation/order-life.md) as pure rules: no SQL, no context, no clock.
//
// An order's state is exactly what it publishes, so the fact is the aggregate. Each function
// yields the next state, one version on, or nothing where nothing changes.

#include <cstdint>
#include <optional>
#include <string>

#include "ticketing/core/record.hpp"
#include "ticketing/events/events.hpp"

namespace orders {

using namespace ticketing;  // A service speaks the SDK's words; its own names come first.

using Order = OrderFact;

struct NewOrder {
  std::string ticket_id;
  static constexpr std::array kFields{field<&NewOrder::ticket_id>("ticketId", Rule::id())};
};

/// What this service knows about a ticket that someone wants to order.
struct Demand {
  bool active_order = false;  ///< Some order of the ticket is not cancelled.
  /// Status of the order that holds the ticket, if the ticket is held and the order known.
  std::optional<OrderStatus> holder = std::nullopt;
  std::int64_t newest_version = -1;  ///< The newest version of the ticket that anyone ordered.
};

/// `settling`: an order has ended, and what that does to the ticket is still on its way.
enum class Availability { free, taken, settling };
Availability availability(const TicketFact& ticket, const Demand& demand);

/// A new order, version 0. Throws Error(refused) for one's own ticket.
Order place(std::string id, std::string buyer_id, const TicketFact& ticket, Timestamp expires_at);

/// What a change of its ticket makes of an order that waits for it: the ticket is reserved for
/// it, or has moved on without it.
std::optional<Order> follow(const Order& order, const TicketFact& ticket);
/// At `expiresAt`: cancelled, unless the order is final.
std::optional<Order> expire(const Order& order);
/// A charge has succeeded. Nothing unless the order awaits payment: payments then refunds.
std::optional<Order> pay(const Order& order);
/// The card was declined for the `declines`-th time: cancelled at the last of `attempts`.
std::optional<Order> decline(const Order& order, std::int64_t declines, std::int64_t attempts);
/// By its buyer. Throws Error(refused) for a complete order; nothing for a cancelled one.
std::optional<Order> cancel(const Order& order);

}  // namespace orders
