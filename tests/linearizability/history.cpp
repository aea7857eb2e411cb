#include "history.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace ticketing::linear {
namespace {

constexpr std::array<std::string_view, 8> kKindNames{
    "order", "cancel", "pay", "read_order", "edit", "read_ticket", "read_charge", "rest"};
constexpr std::array<std::string_view, 11> kOutcomeNames{
    "unknown",       "done",       "ticket_reserved",    "order_complete",      "order_cancelled",
    "order_expired", "order_paid", "order_not_reserved", "payment_in_progress", "card_declined",
    "unexpected"};

std::string in_ms(Instant time) {
  if (time == kNever) return "never";
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(time.count()) / 1e6);
  return text;
}

std::string shown_order(const Answer& answer) {
  std::string text = " v" + std::to_string(answer.version) + " ";
  text += ticketing::name_of(answer.status);
  if (answer.reason) text += " (" + std::string{ticketing::name_of(*answer.reason)} + ")";
  return text;
}

std::string shown_ticket(const Answer& answer) {
  return " v" + std::to_string(answer.version) + ", " + std::to_string(answer.cents) +
         " cents, held by " + answer.holder.value_or("nobody");
}

std::string shown(const Operation& operation) {
  const Answer& answer = operation.answer;
  if (answer.outcome != Outcome::done) return "";
  switch (operation.call.kind) {
    case Kind::order:
      return " " + answer.id + " of ticket v" + std::to_string(answer.ticket_version) +
             ", expires " + in_ms(answer.expires_at.value_or(kNever));
    case Kind::read_order:
      return shown_order(answer);
    case Kind::edit:
    case Kind::read_ticket:
      return shown_ticket(answer);
    case Kind::pay:
      return " " + answer.id;
    case Kind::read_charge:
      return answer.given_back ? " refunded" : " completed";
    case Kind::cancel:
    case Kind::rest:
      return "";
  }
  return "";
}

}  // namespace

std::size_t History::invoke(Call call, Instant now) {
  operations.push_back({std::move(call), {}, now, kNever});
  return operations.size() - 1;
}

void History::answer(std::size_t number, Answer answer, Instant now) {
  Operation& operation = operations.at(number);
  operation.answer = std::move(answer);
  if (operation.answer.outcome != Outcome::unknown) operation.returned = now;
}

std::string_view name_of(Kind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }

std::string_view name_of(Outcome outcome) {
  return kOutcomeNames.at(static_cast<std::size_t>(outcome));
}

std::string describe(const Operation& operation) {
  const Call& call = operation.call;
  std::string text = "client " + std::to_string(call.client) + " [" + in_ms(operation.invoked) +
                     ", " + in_ms(operation.returned) + "] " + std::string{name_of(call.kind)};
  if (!call.id.empty()) text += " " + call.id;
  if (call.kind == Kind::pay) text += call.good_card ? " good card" : " bad card";
  if (call.kind == Kind::edit) text += " to " + std::to_string(call.cents) + " cents";
  return text + ": " + std::string{name_of(operation.answer.outcome)} + shown(operation);
}

std::string describe(const History& history) {
  std::vector<const Operation*> ordered;
  for (const Operation& operation : history.operations) ordered.push_back(&operation);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto* a, const auto* b) { return a->invoked < b->invoked; });
  std::string text = "ticket " + history.ticket + " at " + std::to_string(history.cents) + "\n";
  for (const Operation* operation : ordered) text += describe(*operation) + "\n";
  return text;
}

}  // namespace ticketing::linear
