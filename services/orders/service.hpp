#pragma once
// The orders service: who buys what, and how far that is. It leads an order through its life
// (docs/explanation/order-life.md); tickets, expiration and payments answer it, by events alone.

#include <vector>

#include "orders/order.hpp"
#include "ticketing/runtime/service.hpp"

namespace orders {

/// Wires the routes and handlers below.
void define(Service& service);
std::vector<Option> options();

/// The tickets service's tickets, as far as this service has heard.
inline const Replica<TicketFact> kTickets{"ticket"};

Response place_order(const NewOrder& body, milliseconds hold, Context& ctx);
Response list_orders(Context& ctx);
Response show_order(Context& ctx);
Response cancel_order(Context& ctx);

void on_ticket_updated(const TicketUpdated& ticket, Context& ctx);
void on_expiration_complete(const ExpirationComplete& expiration, Context& ctx);
void on_payment_created(const PaymentCreated& payment, Context& ctx);
void on_payment_failed(const PaymentFailed& payment, std::int64_t attempts, Context& ctx);

/// Stores an order's next version and publishes it: the only way in which a version moves.
void save(const Order& order, Context& ctx);

}  // namespace orders
