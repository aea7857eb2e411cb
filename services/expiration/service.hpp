#pragma once
// The expiration service: says when an order's time is over, whatever has become of the order.
// It has no tables of its own: the timers are the runtime's, and survive restarts.

#include <string>

#include "ticketing/runtime/service.hpp"

namespace expiration {

using namespace ticketing;  // A service speaks the SDK's words; its own names come first.

/// Wires the handlers below.
void define(Service& service);

void on_order_created(const OrderCreated& order, Context& ctx);
void on_order_due(const std::string& order_id, Context& ctx);

}  // namespace expiration
