#pragma once
// The ticket: what may be done with it. Pure: no SQL, no context, no clock.
//
// A ticket's state is exactly what it publishes, so the fact is the aggregate. Each function
// yields the next state, one version on, or nothing where nothing changes.

#include <optional>
#include <string>
#include <string_view>

#include "ticketing/core/record.hpp"
#include "ticketing/events/events.hpp"

namespace tickets {

using namespace ticketing;  // A service speaks the SDK's words; its own names come first.

using Ticket = TicketFact;

/// What a seller says about a ticket, when listing and when editing it.
struct NewTicket {
  std::string title;
  Money price;

  static constexpr std::array kFields{
      field<&NewTicket::title>("title", Rule::text(1, 200).trim().says("Title is required")),
      field<&NewTicket::price>("price", Rule::price().says("Price must be greater than 0")),
  };
};

/// A new ticket, version 0.
Ticket list(std::string id, std::string seller_id, const NewTicket& terms);

/// Throws Error(refused) while the ticket is reserved: its buyer has agreed to these terms.
Ticket edit(const Ticket& ticket, const NewTicket& terms);

/// Reserves for `order` only if the ticket is free and still the one that the buyer saw.
std::optional<Ticket> reserve(const Ticket& ticket, const OrderFact& order);

/// Frees the ticket only if that very order holds it.
std::optional<Ticket> release(const Ticket& ticket, std::string_view order_id);

}  // namespace tickets
