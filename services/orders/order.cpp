#include "orders/order.hpp"

#include <utility>

#include "ticketing/core/error.hpp"

namespace orders {
namespace {

/// The one place where a status changes; what is not legal does not happen.
std::optional<Order> become(const Order& order, OrderStatus status,
                            std::optional<CancelReason> reason = std::nullopt) {
  if (!may_become(order.status, status)) return std::nullopt;
  Order next = order;
  ++next.version;
  next.status = status;
  next.reason = reason;
  return next;
}

}  // namespace

Availability availability(const TicketFact& ticket, const Demand& demand) {
  if (demand.active_order) return Availability::taken;
  if (ticket.order_id && demand.holder != OrderStatus::cancelled) return Availability::taken;
  if (ticket.order_id) return Availability::settling;
  // An order of this very version was cancelled before the ticket had heard of it. The ticket
  // will still be reserved for it and released, so an order of this version could not succeed.
  return demand.newest_version >= ticket.version ? Availability::settling : Availability::free;
}

Order place(std::string id, std::string buyer_id, const TicketFact& ticket, Timestamp expires_at) {
  if (ticket.user_id == buyer_id) {
    throw Error(ErrorCode::refused, "Cannot order your own ticket", "own_ticket");
  }
  Order order;
  order.id = std::move(id);
  order.user_id = std::move(buyer_id);
  order.expires_at = expires_at;
  order.ticket = {ticket.id, ticket.title, ticket.price, ticket.version};
  return order;
}

std::optional<Order> follow(const Order& order, const TicketFact& ticket) {
  if (order.status != OrderStatus::created) return std::nullopt;
  if (ticket.order_id == order.id) return become(order, OrderStatus::awaiting_payment);
  // Reservation is fenced by this version, so once it has passed it can't come any more.
  if (ticket.version <= order.ticket.version) return std::nullopt;
  return become(order, OrderStatus::cancelled, CancelReason::ticket_unavailable);
}

std::optional<Order> expire(const Order& order) {
  return become(order, OrderStatus::cancelled, CancelReason::expired);
}

std::optional<Order> pay(const Order& order) { return become(order, OrderStatus::complete); }

std::optional<Order> decline(const Order& order, std::int64_t declines, std::int64_t attempts) {
  if (declines < attempts) return std::nullopt;
  return become(order, OrderStatus::cancelled, CancelReason::payment_failed);
}

std::optional<Order> cancel(const Order& order) {
  if (order.status == OrderStatus::complete) {
    throw Error(ErrorCode::refused, "Cannot cancel a completed order", "order_complete");
  }
  return become(order, OrderStatus::cancelled, CancelReason::user);
}

}  // namespace orders
