#pragma once
// The payments service: charges cards for orders, and gives the money back where an order ended
// cancelled. Its part of an order's life is to pay and to refund (docs/explanation/order-life.md).

#include <memory>
#include <string>
#include <vector>

#include "payments/charge.hpp"
#include "providers/provider.hpp"
#include "ticketing/runtime/service.hpp"

namespace payments {

/// Wires the routes, handlers and tasks below, with the provider that the settings name, or this.
void define(Service& service);
void define_with(Service& service, std::unique_ptr<PaymentProvider> provider);
std::vector<Option> options();

/// The orders service's orders, as far as this service has heard.
inline const Replica<OrderFact> kOrders{"order"};

Response pay(const NewPayment& body, std::int64_t attempts, Context& ctx);
Response show_charge(Context& ctx);

void on_order_cancelled(const OrderCancelled& order, Context& ctx);

/// Tasks, run outside any transaction. What they return is run inside one.
Service::TaskResult charge_card(const Service& service, PaymentProvider& provider,
                                const std::string& id);
Service::TaskResult refund_card(const Service& service, PaymentProvider& provider,
                                const std::string& id);

}  // namespace payments
