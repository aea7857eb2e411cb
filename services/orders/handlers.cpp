#include <utility>

#include "orders/service.hpp"
#include "orders/storage.hpp"

namespace orders {
namespace {

Order known(const std::string& id, Context& ctx) {
  auto order = OrderTable{ctx.tx()}.find(id);
  // Who speaks of an order has heard of it from us: it cannot be late, only wrong.
  if (!order) throw Error(ErrorCode::not_found, "no such order: " + id);
  return std::move(*order);
}

}  // namespace

void save(const Order& order, Context& ctx) {
  OrderTable{ctx.tx()}.update(order);
  const bool cancelled = order.status == OrderStatus::cancelled;
  cancelled ? ctx.publish(OrderCancelled{order}) : ctx.publish(OrderUpdated{order});
}

void on_ticket_updated(const TicketUpdated& ticket, Context& ctx) {
  const auto order = OrderTable{ctx.tx()}.active_of(ticket.id);
  if (!order) return;
  if (const auto next = follow(*order, ticket)) save(*next, ctx);
}

void on_expiration_complete(const ExpirationComplete& expiration, Context& ctx) {
  if (const auto expired = expire(known(expiration.order_id, ctx))) save(*expired, ctx);
}

void on_payment_created(const PaymentCreated& payment, Context& ctx) {
  if (const auto complete = pay(known(payment.order_id, ctx))) save(*complete, ctx);
}

void on_payment_failed(const PaymentFailed& payment, std::int64_t attempts, Context& ctx) {
  const Order order = known(payment.order_id, ctx);
  const auto declines = OrderTable{ctx.tx()}.count_decline(order.id);
  if (const auto cancelled = decline(order, declines, attempts)) save(*cancelled, ctx);
}

}  // namespace orders
