#include "simulation/ledger.hpp"

namespace simulation {

using testing::Broken;

void Ledger::on_event(const std::string&, const Envelope& event) {
  if (event.type.starts_with("order:")) {
    on_order(data_of<OrderCreated>(event), event);
  } else if (event.type.starts_with("ticket:")) {
    on_ticket(data_of<TicketCreated>(event), event);
  } else if (event.type == ExpirationComplete::kSubject) {
    on_expiration(data_of<ExpirationComplete>(event).order_id, event);
  } else if (event.type == PaymentCreated::kSubject) {
    on_payment(data_of<PaymentCreated>(event));
  } else if (event.type == PaymentRefunded::kSubject) {
    on_refund(data_of<PaymentRefunded>(event));
  }
}

const OrderFact& Ledger::order(const std::string& id, std::string_view rule) const {
  const auto found = orders_.find(id);
  if (found == orders_.end()) throw Broken(std::string{rule}, "there is no order " + id, {id});
  return found->second;
}

void Ledger::on_order(const OrderFact& order, const Envelope& event) {
  const auto [known, is_new] = orders_.try_emplace(order.id, order);
  std::string& active = active_[order.ticket.id];
  if (is_new) {
    if (!active.empty()) {
      throw Broken("I1", "a ticket has two active orders", {order.ticket.id, active, order.id});
    }
    active = order.id;
    return;
  }
  const OrderStatus before = known->second.status;
  if (!may_become(before, order.status)) {
    throw Broken("I8",
                 "an order went from " + std::string{name_of(before)} + " to " +
                     std::string{name_of(order.status)},
                 {order.id});
  }
  if (order.reason == CancelReason::expired && !expired_.contains(order.id)) {
    throw Broken("I8", "an order expired whose time was not up", {order.id, event.id});
  }
  if (order.status == OrderStatus::cancelled && active == order.id) active.clear();
  known->second = order;
}

void Ledger::on_ticket(const TicketFact& ticket, const Envelope& event) {
  const auto [known, is_new] = tickets_.try_emplace(ticket.id, ticket);
  if (is_new) return;
  const TicketFact before = std::exchange(known->second, ticket);
  if (before.order_id) on_held_ticket(before, ticket);
  if (!before.order_id && ticket.order_id) on_reservation(before, ticket);
  static_cast<void>(event);
}

void Ledger::on_held_ticket(const TicketFact& before, const TicketFact& ticket) const {
  const std::string& holder = *before.order_id;
  if (ticket.price != before.price || ticket.title != before.title) {
    throw Broken("I6", "a reserved ticket was edited", {ticket.id, holder});
  }
  if (ticket.order_id) {
    throw Broken("I6", "a reserved ticket was reserved again", {ticket.id, holder});
  }
  if (order(holder, "I6").status != OrderStatus::cancelled) {
    throw Broken("I6", "a ticket was freed whose order is not cancelled", {ticket.id, holder});
  }
}

void Ledger::on_reservation(const TicketFact& before, const TicketFact& ticket) const {
  const OrderFact& holder = order(*ticket.order_id, "I6");
  if (holder.ticket.version != before.version || holder.ticket.price != ticket.price) {
    throw Broken("I6", "a ticket was reserved that its buyer has not seen", {ticket.id, holder.id});
  }
}

/// By the clock of the service that says so: it stamps its events with it.
void Ledger::on_expiration(const std::string& order_id, const Envelope& event) {
  if (event.time < order(order_id, "I8").expires_at) {
    throw Broken("I8", "an order's end came before its time", {order_id});
  }
  if (++expired_[order_id] > 1) throw Broken("I4", "an order ended twice", {order_id});
}

void Ledger::on_payment(const PaymentCreated& payment) {
  const OrderFact& paid = order(payment.order_id, "I7");
  if (payment.amount != paid.ticket.price) {
    throw Broken("I7", "another amount was charged than the buyer saw", {paid.id, payment.id});
  }
  if (!paid_.try_emplace(paid.id, Paid{payment.id, payment.amount.cents(), false}).second) {
    throw Broken("I7", "an order was charged twice", {paid.id, payment.id});
  }
}

void Ledger::on_refund(const PaymentRefunded& refund) {
  const auto paid = paid_.find(refund.order_id);
  if (paid == paid_.end() || paid->second.charge_id != refund.id || paid->second.refunded) {
    throw Broken("I7", "a refund of what was not charged", {refund.order_id, refund.id});
  }
  paid->second.refunded = true;
}

void Ledger::at_end(std::int64_t balance_cents) const {
  std::int64_t sold_cents = 0;
  for (const auto& [id, order] : orders_) {
    if (!is_final(order.status)) throw Broken("I9", "an order never came to its end", {id});
    const bool complete = order.status == OrderStatus::complete;
    if (complete) sold_cents += order.ticket.price.cents();
    const auto paid = paid_.find(id);
    if (complete != (paid != paid_.end() && !paid->second.refunded)) {
      throw Broken(
          "I7", complete ? "a complete order is not paid" : "money of a dead order is kept", {id});
    }
    const auto ticket = tickets_.find(order.ticket.id);
    const bool holds = ticket != tickets_.end() && ticket->second.order_id == id;
    if (holds != complete) {
      throw Broken(
          "I6",
          complete ? "a complete order does not hold its ticket" : "a dead order holds its ticket",
          {id, order.ticket.id});
    }
    if (!expired_.contains(id)) throw Broken("I8", "the end of an order's time was not told", {id});
  }
  if (sold_cents != balance_cents) {
    throw Broken("I2", "the bank holds " + std::to_string(balance_cents) +
                           " cents, the complete orders cost " + std::to_string(sold_cents));
  }
}

}  // namespace simulation
