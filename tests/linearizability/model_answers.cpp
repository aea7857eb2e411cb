// What each operation may do and be answered: docs/reference/linearizability.md, row by row.

#include "model.hpp"

namespace ticketing::linear {

bool TicketModel::apply(World& world, const Operation& operation, int order) const {
  const bool done = operation.answer.outcome == Outcome::done;
  switch (operation.call.kind) {
    case Kind::order:
      return apply_order(world, operation, order);
    case Kind::cancel:
      return apply_cancel(world, operation, order);
    case Kind::pay:
      return apply_pay(world, operation, order);
    case Kind::edit:
      return apply_edit(world, operation);
    case Kind::read_order:
      return done && shows_order(world, operation.answer, order);
    case Kind::read_ticket:
      return done && shows_ticket(world.ticket(), operation.answer);
    case Kind::read_charge:
      return done && world.order(order).charge ==
                         (operation.answer.given_back ? Charge::given_back : Charge::kept);
    case Kind::rest:
      return done && world.rests();
  }
  return false;
}

bool TicketModel::waited(const Operation& operation) const {
  return operation.returned - operation.invoked + rules_.clock_error >= rules_.patience;
}

bool TicketModel::apply_order(World& world, const Operation& operation, int order) const {
  const Answer& answer = operation.answer;
  if (answer.outcome == Outcome::ticket_reserved) {
    return world.is_active() || (world.is_settling() && waited(operation));
  }
  if (answer.outcome == Outcome::unknown) return world.place(order);
  if (answer.outcome != Outcome::done) return false;
  const Instant expires_at = answer.expires_at.value_or(kNever);
  const bool in_time = expires_at + rules_.clock_error >= operation.invoked + rules_.hold &&
                       expires_at - rules_.clock_error <= operation.returned + rules_.hold;
  const Ticket& seen = world.replica();
  return in_time && answer.version == 0 && answer.status == OrderStatus::created &&
         answer.ticket_version == seen.version && answer.cents == seen.cents && world.place(order);
}

bool TicketModel::apply_cancel(World& world, const Operation& operation, int order) const {
  switch (operation.answer.outcome) {
    case Outcome::done:
      return world.cancel(order);
    case Outcome::unknown:  // Where it changes nothing it need not be looked at.
      return !is_final(world.order(order).status) && world.cancel(order);
    case Outcome::order_complete:
      return world.order(order).status == OrderStatus::complete;
    default:
      return false;
  }
}

bool TicketModel::apply_pay(World& world, const Operation& operation, int order) const {
  const bool good = operation.call.good_card;
  const auto seen = world.order(order).seen;
  const bool open = seen == OrderStatus::created || seen == OrderStatus::awaiting_payment;
  switch (operation.answer.outcome) {
    case Outcome::done:
      return good && world.charge(order);
    case Outcome::card_declined:
      return !good && world.decline(order);
    case Outcome::unknown:
      return good ? world.charge(order) : world.decline(order);
    case Outcome::order_paid:
      return world.refuses_as_paid(order);
    case Outcome::order_cancelled:
      return world.refuses_as_cancelled(order);
    case Outcome::order_expired:  // The time is in the step's window.
      return open;
    case Outcome::order_not_reserved:
      return seen == OrderStatus::created && waited(operation);
    case Outcome::payment_in_progress:
      return open && waited(operation);
    default:
      return false;
  }
}

bool TicketModel::apply_edit(World& world, const Operation& operation) const {
  const Answer& answer = operation.answer;
  const std::int64_t cents = operation.call.cents;
  switch (answer.outcome) {
    case Outcome::done:
      return world.edit(cents) && shows_ticket(world.ticket(), answer);
    case Outcome::unknown:
      return world.edit(cents);
    case Outcome::ticket_reserved:
      return world.ticket().holder != kNobody;
    default:
      return false;
  }
}

bool TicketModel::shows_order(const World& world, const Answer& answer, int number) const {
  const Order& order = world.order(number);
  const Instant expires_at = orders_[static_cast<std::size_t>(number)].expires_at;
  const bool same_end = !answer.expires_at ||
                        *answer.expires_at - expires_at <= rules_.clock_error + rules_.clock_error;
  return order.exists && same_end && answer.status == order.status &&
         answer.reason == order.reason && answer.version == order.version &&
         answer.ticket_version == order.ticket_version;
}

bool TicketModel::shows_ticket(const Ticket& ticket, const Answer& answer) const {
  const int holder = answer.holder ? order_numbers_.at(*answer.holder) : kNobody;
  return answer.version == ticket.version && answer.cents == ticket.cents &&
         holder == ticket.holder;
}

}  // namespace ticketing::linear
