#include "payments/service.hpp"

#include <utility>

#include "payments/storage.hpp"

namespace payments {

std::vector<Option> options() {
  return {
      {"payment-provider", OptionKind::text, "sandbox", "who charges the cards: sandbox"},
      // The orders service decides by it; here it spares a buyer a charge that would be refunded.
      {"payment-attempts", OptionKind::number, "1", "declined cards that cancel an order"},
  };
}

void define(Service& service) {
  define_with(service, make_provider(service.settings().text("payment-provider")));
}

void define_with(Service& service, std::unique_ptr<PaymentProvider> chosen) {
  auto& provider = service.keep(std::move(chosen));
  const auto attempts = service.settings().number("payment-attempts");
  if (attempts < 1) throw Error(ErrorCode::invalid, "--payment-attempts must be at least 1");
  service.migrate(migrations());
  service.replicate<OrderCreated, OrderUpdated, OrderCancelled>(kOrders);

  service.post<NewPayment>(
      "/api/payments", Access::require_user,
      [attempts](const NewPayment& body, Context& ctx) { return pay(body, attempts, ctx); });
  service.get("/api/payments/:id", Access::require_user, &show_charge);

  service.on<OrderCancelled>(&on_order_cancelled);
  service.on_task("charge",
                  [&](const std::string& id) { return charge_card(service, provider, id); });
  service.on_task("refund",
                  [&](const std::string& id) { return refund_card(service, provider, id); });
}

}  // namespace payments
