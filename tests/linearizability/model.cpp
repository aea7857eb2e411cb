#include "model.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ticketing::linear {
namespace {

bool is_about_an_order(Kind kind) {
  return kind == Kind::cancel || kind == Kind::pay || kind == Kind::read_order;
}

/// Who is answered so knows that the order was cancelled.
bool tells_of_the_end(const Operation& operation) {
  const Answer& answer = operation.answer;
  switch (operation.call.kind) {
    case Kind::cancel:
      return answer.outcome == Outcome::done;
    case Kind::pay:
      return answer.outcome == Outcome::order_cancelled;
    case Kind::read_order:
      return answer.outcome == Outcome::done && answer.status == OrderStatus::cancelled;
    case Kind::read_charge:
      return answer.outcome == Outcome::done && answer.given_back;
    default:
      return false;
  }
}

Instant later(Instant time, Instant by) { return time > kNever - by ? kNever : time + by; }

}  // namespace

TicketModel::TicketModel(const History& history, Rules rules) : history_(history), rules_(rules) {
  name_orders();
  note_what_is_known();
  for (std::size_t i = 0; i < history_.operations.size(); ++i) add_operation(i);
  add_expiries();
  if (rules_.lag_max) add_deadlines();
}

// ---- from a history to steps ----

int TicketModel::number_of(const std::string& order_id) {
  const auto [it, fresh] = order_numbers_.try_emplace(order_id, static_cast<int>(orders_.size()));
  if (fresh) orders_.push_back({order_id});
  return it->second;
}

/// Orders that were answered, orders that only others have seen, and one for each call that might
/// have made an order that nobody has ever seen.
void TicketModel::name_orders() {
  for (const Operation& operation : history_.operations) {
    const Answer& answer = operation.answer;
    const bool done = answer.outcome == Outcome::done;
    if (operation.call.kind == Kind::order && done) {
      Known& made = orders_[static_cast<std::size_t>(number_of(answer.id))];
      if (made.answered) throw std::invalid_argument("two answers made the order " + answer.id);
      made.answered = true;
    } else if (is_about_an_order(operation.call.kind)) {
      const int order = number_of(operation.call.id);
      if (operation.call.kind == Kind::pay && done) charges_[answer.id] = order;
    } else if (answer.holder) {
      number_of(*answer.holder);
    }
  }
  for (std::size_t i = 0; i < history_.operations.size(); ++i) {
    const Operation& operation = history_.operations[i];
    if (operation.call.kind != Kind::order || operation.answer.outcome != Outcome::unknown)
      continue;
    unanswered_[i] = number_of("unanswered " + std::to_string(i));
    orders_.back().expires_at = later(operation.invoked, rules_.hold);
  }
}

void TicketModel::note_what_is_known() {
  for (const Operation& operation : history_.operations) {
    const Kind kind = operation.call.kind;
    const Answer& answer = operation.answer;
    std::string id = kind == Kind::order ? answer.id : operation.call.id;
    if (kind == Kind::read_charge) {
      const auto charge = charges_.find(id);
      if (charge == charges_.end()) throw std::invalid_argument("nobody was answered charge " + id);
      id = orders_[static_cast<std::size_t>(charge->second)].id;
    }
    const auto found = order_numbers_.find(id);
    if (found == order_numbers_.end()) continue;
    Known& order = orders_[static_cast<std::size_t>(found->second)];
    if (answer.expires_at) order.expires_at = std::min(order.expires_at, *answer.expires_at);
    if (tells_of_the_end(operation)) {
      order.cancelled_by = std::min(order.cancelled_by, operation.returned);
    }
  }
}

void TicketModel::add(Step step, Part part) {
  step.place = place_of(part);
  steps_.push_back(step);
  parts_.push_back(part);
}

void TicketModel::add_operation(std::size_t number) {
  const Operation& operation = history_.operations[number];
  const Kind kind = operation.call.kind;
  const Outcome outcome = operation.answer.outcome;
  int order = kNobody;
  if (kind == Kind::order && outcome == Outcome::done) order = number_of(operation.answer.id);
  if (is_about_an_order(kind)) order = number_of(operation.call.id);
  if (kind == Kind::read_charge) order = charges_.at(operation.call.id);
  const bool changes =
      kind == Kind::order || kind == Kind::cancel || kind == Kind::pay || kind == Kind::edit;
  if (outcome != Outcome::unknown || changes) {
    add(window_of(operation, order), {Role::operation, number, order});
  }
  if (kind == Kind::pay && outcome == Outcome::order_cancelled && operation.call.good_card) {
    const Instant by = orders_[static_cast<std::size_t>(order)].expires_at;
    add({operation.invoked, later(by, rules_.clock_error), false},
        {Role::hidden_charge, number, order});
  }
}

Place TicketModel::place_of(const Part& part) const {
  if (part.role == Role::known_to_tickets) return kTickets;
  if (part.role == Role::known_to_payments || part.role == Role::hidden_charge) {
    return payments_of(part.order);
  }
  if (part.role != Role::operation) return kOrders;
  switch (history_.operations[part.operation].call.kind) {
    case Kind::edit:
    case Kind::read_ticket:
      return kTickets;
    case Kind::pay:
    case Kind::read_charge:
      return payments_of(part.order);
    case Kind::rest:
      return kEverywhere;
    default:
      return kOrders;
  }
}

/// Payments looks at the time: it begins no charge at or after expiresAt, and before it refuses
/// nobody for being late.
Step TicketModel::window_of(const Operation& operation, int order) const {
  const Outcome outcome = operation.answer.outcome;
  Step window{operation.invoked, operation.returned, outcome != Outcome::unknown};
  if (operation.call.kind != Kind::pay) return window;
  const Instant expires_at = orders_[static_cast<std::size_t>(order)].expires_at;
  if (expires_at == kNever) return window;
  const bool charges =
      outcome == Outcome::done || outcome == Outcome::card_declined || outcome == Outcome::unknown;
  if (charges) window.latest = std::min(window.latest, expires_at + rules_.clock_error);
  if (outcome == Outcome::order_expired) {
    window.earliest = std::max(window.earliest, expires_at - rules_.clock_error);
  }
  return window;
}

void TicketModel::add_expiries() {
  for (std::size_t i = 0; i < orders_.size(); ++i) {
    // Nobody has seen when it expires: then that tells nothing.
    const Instant known = orders_[i].expires_at == kNever ? Instant{} : orders_[i].expires_at;
    add({known - rules_.clock_error, kNever, false}, {Role::expiry, 0, static_cast<int>(i)});
  }
}

void TicketModel::add_deadlines() {
  for (std::size_t i = 0; i < orders_.size(); ++i) {
    const Known& known = orders_[i];
    const int order = static_cast<int>(i);
    const auto by = [&](Instant time, Role role) {
      if (time != kNever) add({Instant::min(), later(time, *rules_.lag_max)}, {role, 0, order});
    };
    if (known.answered) by(known.expires_at, Role::over);
    by(known.cancelled_by, Role::known_to_tickets);
    by(known.cancelled_by, Role::known_to_payments);
  }
}

// ---- states ----

State TicketModel::name(World world) {
  const auto [it, fresh] = names_.try_emplace(world.key(), static_cast<State>(worlds_.size()));
  if (fresh) worlds_.push_back(std::move(world));
  return it->second;
}

State TicketModel::initial() {
  return name(World{orders_.size(), history_.cents, rules_.attempts});
}

std::vector<Move> TicketModel::drift(State state, unsigned place) {
  std::vector<Move> moves;
  for (auto& [at, world] : worlds_[state].drifts_for(place)) {
    moves.push_back({name(std::move(world)), at == place || place == kEverywhere});
  }
  return moves;
}

std::vector<State> TicketModel::after(State state, std::size_t step) {
  Part part = parts_[step];
  std::vector<int> orders{part.order};
  if (const auto open = unanswered_.find(part.operation);
      part.role == Role::operation && open != unanswered_.end()) {
    orders = {open->second};
    // It may have made any of the orders that others have seen and nobody was answered.
    for (std::size_t i = 0; i < orders_.size(); ++i) {
      if (!orders_[i].answered && !orders_[i].id.starts_with("unanswered ")) {
        orders.push_back(static_cast<int>(i));
      }
    }
  }
  std::vector<State> led_to;
  for (const int order : orders) {
    part.order = order;
    World world = worlds_[state];
    if (apply(world, part)) led_to.push_back(name(std::move(world)));
  }
  return led_to;
}

bool TicketModel::apply(World& world, const Part& part) const {
  switch (part.role) {
    case Role::operation:
      return apply(world, history_.operations[part.operation], part.order);
    case Role::hidden_charge:
      return world.charge(part.order);
    case Role::expiry:
      return world.expire(part.order);
    case Role::over:
      return world.order(part.order).exists && is_final(world.order(part.order).status);
    case Role::known_to_tickets:
      return world.tickets_knows_the_end_of(part.order);
    case Role::known_to_payments:
      return world.payments_knows_the_end_of(part.order);
  }
  return false;
}

// ---- for whoever reads a failure ----

std::string TicketModel::explain(const Result& result) {
  std::vector<std::string> names;
  for (const Known& order : orders_) names.push_back(order.id);
  std::string text = "after " + std::to_string(result.configurations) +
                     " configurations, at best:\n" + worlds_[result.state].describe(names) +
                     "and then none of these fits:\n";
  Instant first_due = kNever;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i].must && !result.done[i]) first_due = std::min(first_due, steps_[i].latest);
  }
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (!steps_[i].must || result.done[i] || steps_[i].earliest > first_due) continue;
    if (parts_[i].role == Role::operation) {
      text += "  " + linear::describe(history_.operations[parts_[i].operation]) + "\n";
    } else {
      const auto order = static_cast<std::size_t>(parts_[i].order);
      text += "  the end of order " + names[order] + " is known in time\n";
    }
  }
  return text;
}

}  // namespace ticketing::linear
