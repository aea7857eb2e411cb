#include "orders/service.hpp"

#include "orders/storage.hpp"

namespace orders {

std::vector<Option> options() {
  return {
      {"hold", OptionKind::duration, "15m", "how long an order holds its ticket unpaid"},
      {"payment-attempts", OptionKind::number, "1", "declined cards that cancel an order"},
  };
}

void define(Service& service) {
  const auto hold = service.settings().duration("hold");
  const auto attempts = service.settings().number("payment-attempts");
  if (hold.count() <= 0) throw Error(ErrorCode::invalid, "--hold must be longer than 0, as in 15m");
  if (attempts < 1) throw Error(ErrorCode::invalid, "--payment-attempts must be at least 1");
  service.migrate(migrations());
  service.replicate<TicketCreated, TicketUpdated>(kTickets);

  service.post<NewOrder>(
      "/api/orders", Access::require_user,
      [hold](const NewOrder& body, Context& ctx) { return place_order(body, hold, ctx); });
  service.get("/api/orders", Access::require_user, &list_orders);
  service.get("/api/orders/:id", Access::require_user, &show_order);
  service.del("/api/orders/:id", Access::require_user, &cancel_order);

  service.on<TicketUpdated>(&on_ticket_updated);
  service.on<ExpirationComplete>(&on_expiration_complete);
  service.on<PaymentCreated>(&on_payment_created);
  service.on<PaymentFailed>([attempts](const PaymentFailed& payment, Context& ctx) {
    on_payment_failed(payment, attempts, ctx);
  });
}

}  // namespace orders
