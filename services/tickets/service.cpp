#include "tickets/service.hpp"

#include "tickets/storage.hpp"

namespace tickets {

void define(Service& service) {
  service.migrate(migrations());

  service.post<NewTicket>("/api/tickets", Access::require_user, &list_ticket);
  service.get("/api/tickets", Access::open, &free_tickets);
  service.get("/api/tickets/:id", Access::open, &show_ticket);
  service.put<NewTicket>("/api/tickets/:id", Access::require_user, &edit_ticket);

  service.on<OrderCreated>(&on_order_created);
  service.on<OrderCancelled>(&on_order_cancelled);
}

}  // namespace tickets
