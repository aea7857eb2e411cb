#include "tickets/ticket.hpp"

#include <utility>

#include "ticketing/core/error.hpp"

namespace tickets {
namespace {

Ticket next_version(const Ticket& ticket) {
  Ticket next = ticket;
  ++next.version;
  return next;
}

}  // namespace

Ticket list(std::string id, std::string seller_id, const NewTicket& terms) {
  Ticket ticket;
  ticket.id = std::move(id);
  ticket.user_id = std::move(seller_id);
  ticket.title = terms.title;
  ticket.price = terms.price;
  return ticket;
}

Ticket edit(const Ticket& ticket, const NewTicket& terms) {
  if (ticket.order_id) {
    throw Error(ErrorCode::refused, "Cannot edit a reserved ticket", "ticket_reserved");
  }
  Ticket edited = next_version(ticket);
  edited.title = terms.title;
  edited.price = terms.price;
  return edited;
}

std::optional<Ticket> reserve(const Ticket& ticket, const OrderFact& order) {
  // Another version is another price or title: the buyer has not agreed to that one.
  if (ticket.order_id || ticket.version != order.ticket.version) return std::nullopt;
  Ticket reserved = next_version(ticket);
  reserved.order_id = order.id;
  return reserved;
}

std::optional<Ticket> release(const Ticket& ticket, std::string_view order_id) {
  // An order that never got the ticket is cancelled, too; the hold may be someone else's.
  if (ticket.order_id != order_id) return std::nullopt;
  Ticket freed = next_version(ticket);
  freed.order_id.reset();
  return freed;
}

}  // namespace tickets
