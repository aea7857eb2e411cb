#include "observe.hpp"

#include <array>
#include <utility>

#include "ticketing/client/answers.hpp"
#include "ticketing/client/client.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing::linear {
namespace {

using Word = std::pair<std::string_view, Outcome>;
constexpr std::array<Word, 8> kRefusals{{
    {"ticket_reserved", Outcome::ticket_reserved},
    {"order_complete", Outcome::order_complete},
    {"order_cancelled", Outcome::order_cancelled},
    {"order_expired", Outcome::order_expired},
    {"order_paid", Outcome::order_paid},
    {"order_not_reserved", Outcome::order_not_reserved},
    {"payment_in_progress", Outcome::payment_in_progress},
    {"card_declined", Outcome::card_declined},
}};

constexpr int kUnavailable = 503;
constexpr int kRefused = 400;

Answer refusal(const Response& response) {
  if (response.status == kUnavailable) return {Outcome::unknown};
  if (response.status != kRefused) return {Outcome::unexpected};
  const std::string word{error_of(response).word()};
  for (const auto& [name, outcome] : kRefusals) {
    if (word == name) return {outcome};
  }
  return {Outcome::unexpected};
}

Answer shown_order(const Response& response, const Now& now) {
  const auto order = from_json<OrderAnswer>(response.body);
  Answer answer{Outcome::done, order.id};
  answer.version = order.version;
  answer.cents = order.ticket.price.cents();
  answer.ticket_version = order.ticket.version;
  answer.status = order.status;
  answer.reason = order.reason;
  answer.expires_at = now.monotonic + (order.expires_at - now.time_of_day);
  return answer;
}

Answer shown_ticket(const Response& response) {
  const auto ticket = from_json<TicketAnswer>(response.body);
  Answer answer{Outcome::done};
  answer.version = ticket.version;
  answer.cents = ticket.price.cents();
  answer.holder = ticket.order_id;
  return answer;
}

/// Of a payment that was answered 201 there is no other status than these.
Answer shown_charge(const Response& response) {
  const auto charge = from_json<ChargeAnswer>(response.body);
  Answer answer{charge.status == "completed" || charge.status == "refunded" ? Outcome::done
                                                                            : Outcome::unexpected};
  answer.given_back = charge.status == "refunded";
  return answer;
}

int success_of(Kind kind) {
  if (kind == Kind::cancel) return 204;
  return kind == Kind::order || kind == Kind::pay ? 201 : 200;
}

}  // namespace

Answer observe(Kind kind, const Response& response, const Now& now) {
  if (response.status != success_of(kind)) return refusal(response);
  switch (kind) {
    case Kind::order:
    case Kind::read_order:
      return shown_order(response, now);
    case Kind::edit:
    case Kind::read_ticket:
      return shown_ticket(response);
    case Kind::read_charge:
      return shown_charge(response);
    case Kind::pay:
      return {Outcome::done, from_json<PaymentAnswer>(response.body).id};
    case Kind::cancel:
    case Kind::rest:
      return {Outcome::done};
  }
  return {Outcome::unexpected};
}

}  // namespace ticketing::linear
