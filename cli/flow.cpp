#include "flow.hpp"

#include <algorithm>

namespace ticketing::cli {
namespace {

/// Calls `handle` with the event's data if it is one of `Es`.
template <Event... Es, class F>
void if_one_of(const Envelope& event, F handle) {
  static_cast<void>(((event.type == Es::kSubject && (handle(data_of<Es>(event)), true)) || ...));
}

}  // namespace

void Flow::follow(const TicketAnswer& ticket) {
  if (!ticket_ || ticket.version > ticket_->version) ticket_ = ticket;
}

void Flow::follow(const OrderAnswer& order) {
  if (!order_ || order.version > order_->version) order_ = order;
}

bool Flow::concerns(const Envelope& event) const {
  return event.correlation_id == request_ || (order_ && event.aggregate_id == order_->id) ||
         (ticket_ && event.aggregate_id == ticket_->id);
}

void Flow::learn(const Envelope& event) {
  const auto expected = expected_.find(event.aggregate_id);
  if (expected != expected_.end() && event.version >= expected->second) expected_.erase(expected);
  if_one_of<TicketCreated, TicketUpdated>(event, [&](const auto& fact) { learn_ticket(fact); });
  if_one_of<OrderCreated, OrderUpdated, OrderCancelled>(
      event, [&](const auto& fact) { learn_order(fact); });
  if_one_of<PaymentCreated>(event,
                            [&](const auto& fact) { learn_payment(fact.order_id, Payment::made); });
  if_one_of<PaymentFailed>(
      event, [&](const auto& fact) { learn_payment(fact.order_id, Payment::declined); });
  if_one_of<PaymentRefunded>(
      event, [&](const auto& fact) { learn_payment(fact.order_id, Payment::refunded); });
}

void Flow::learn_ticket(const TicketFact& ticket) {
  if (!ticket_ || ticket.id != ticket_->id || ticket.version <= ticket_->version) return;
  ticket_->version = ticket.version;
  ticket_->order_id = ticket.order_id;
}

void Flow::learn_order(const OrderFact& order) {
  if (!order_ || order.id != order_->id || order.version <= order_->version) return;
  order_->version = order.version;
  order_->status = order.status;
  order_->reason = order.reason;
}

void Flow::learn_payment(const std::string& order, Payment outcome) {
  // Of a log in its order: a refund is never overtaken by its payment.
  if (!order_ || order != order_->id) return;
  payment_ = outcome;
  expects_payment_ = false;
}

std::string Flow::owed() const {
  if (expects_payment_) return "no event tells how the payment ended";
  if (!expected_.empty()) {
    const auto& [id, version] = *expected_.begin();
    return "no event that brings " + id + " to version " + std::to_string(version);
  }
  return order_ ? owed_by_order() : "";
}

std::string Flow::owed_by_order() const {
  const std::string order = "order " + order_->id;
  if (order_->status == OrderStatus::created) return order + " is not reserved";
  if (order_->status == OrderStatus::awaiting_payment) {
    if (payment_ == Payment::made) return order + " is paid and not complete";
    if (payment_ == Payment::declined) return order + " is not cancelled for its declined card";
    if (is_ticket_untouched()) return "no event says that ticket " + order_->ticket.id + " is held";
  }
  if (order_->status != OrderStatus::cancelled) return {};
  if (payment_ == Payment::made) return "the payment of " + order + " is not refunded";
  return holds_ticket() ? "ticket " + order_->ticket.id + " is not free" : "";
}

/// A ticket that stands where the buyer saw it is going to be reserved, and then freed: the tickets
/// service has not come to the order yet. One that has moved on without the order never will be.
bool Flow::holds_ticket() const {
  return is_ticket_untouched() || (ticket_ && ticket_->order_id == order_->id);
}

bool Flow::is_ticket_untouched() const {
  return ticket_ && ticket_->version <= order_->ticket.version;
}

std::optional<CancelReason> Flow::cancelled() const {
  if (!order_ || order_->status != OrderStatus::cancelled) return std::nullopt;
  return order_->reason;
}

}  // namespace ticketing::cli
