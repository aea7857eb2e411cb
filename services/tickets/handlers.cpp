#include <utility>

#include "tickets/service.hpp"
#include "tickets/storage.hpp"

namespace tickets {
namespace {

Ticket ordered(const OrderFact& order, Context& ctx) {
  auto ticket = TicketTable{ctx.tx()}.find(order.ticket.id);
  // Orders copy our own events, so this cannot be late, only wrong: a dead letter, not a silence.
  if (!ticket) throw Error(ErrorCode::not_found, "no such ticket: " + order.ticket.id);
  return std::move(*ticket);
}

}  // namespace

void save(const Ticket& ticket, Context& ctx) {
  TicketTable{ctx.tx()}.update(ticket);
  ctx.publish(TicketUpdated{ticket});
}

void on_order_created(const OrderCreated& order, Context& ctx) {
  if (const auto reserved = reserve(ordered(order, ctx), order)) save(*reserved, ctx);
}

void on_order_cancelled(const OrderCancelled& order, Context& ctx) {
  if (const auto freed = release(ordered(order, ctx), order.id)) save(*freed, ctx);
}

}  // namespace tickets
