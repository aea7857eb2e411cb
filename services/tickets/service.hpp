#pragma once
// The tickets service: lists tickets for sale and holds them for one order at a time.
// Its part of an order's life is to reserve and to release (docs/explanation/order-life.md).

#include "ticketing/runtime/service.hpp"
#include "tickets/ticket.hpp"

namespace tickets {

/// Wires the routes and handlers below.
void define(Service& service);

Response list_ticket(const NewTicket& body, Context& ctx);
Response free_tickets(Context& ctx);
Response show_ticket(Context& ctx);
Response edit_ticket(const NewTicket& body, Context& ctx);

void on_order_created(const OrderCreated& order, Context& ctx);
void on_order_cancelled(const OrderCancelled& order, Context& ctx);

/// Stores a ticket's next version and publishes it: the only way in which a version moves.
void save(const Ticket& ticket, Context& ctx);

}  // namespace tickets
