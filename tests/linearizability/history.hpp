#pragma once
// History: what concurrent clients did with one ticket and what they were answered, each operation
// with the times between which it must have taken effect.
//
// Plain values, no clock and no lock: whoever records hands the time in. Real clients do it behind
// a lock (recorder.hpp), a simulator with its virtual clock. Belongs to one thread at a time.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/events/order_status.hpp"

namespace ticketing::linear {

/// Monotonic time since any start that all clients of a history share.
using Instant = std::chrono::nanoseconds;
inline constexpr Instant kNever = Instant::max();

enum class Kind {
  order,        ///< POST /api/orders
  cancel,       ///< DELETE /api/orders/:id
  pay,          ///< POST /api/payments, without an idempotency key
  read_order,   ///< GET /api/orders/:id
  edit,         ///< PUT /api/tickets/:id, without If-Match
  read_ticket,  ///< GET /api/tickets/:id
  read_charge,  ///< GET /api/payments/:id, of a payment that was answered 201
  rest,         ///< No request: whoever records has seen all logs applied and all orders final.
};

/// What is asked for.
struct Call {
  std::size_t client = 0;
  Kind kind{};
  std::string id = {};     ///< The order, or the charge of read_charge; empty for the rest.
  bool good_card = true;   ///< Of pay: the provider accepts it.
  std::int64_t cents = 0;  ///< Of edit: the new price.
};

/// How it was answered. The refusals bear the names of the API's `code`.
enum class Outcome {
  unknown,  ///< Lost, or 503: it may take effect at any time from its start on, or never.
  done,
  ticket_reserved,
  order_complete,
  order_cancelled,
  order_expired,
  order_paid,
  order_not_reserved,
  payment_in_progress,
  card_declined,
  unexpected,  ///< Nothing that the API ever answers to such a call: no history may hold it.
};

/// What the answer says. Only the fields that belong to the kind of call are looked at.
struct Answer {
  Outcome outcome = Outcome::unknown;
  std::string id = {};              ///< The order, or the charge, that was made.
  std::int64_t version = 0;         ///< Of the order or ticket that is shown.
  std::int64_t cents = 0;           ///< Price of the ticket that is shown, or was ordered.
  std::int64_t ticket_version = 0;  ///< Of an order: the version that its buyer saw.
  std::optional<std::string> holder = std::nullopt;  ///< Of a ticket: the order that holds it.
  OrderStatus status{};
  std::optional<CancelReason> reason = std::nullopt;
  std::optional<Instant> expires_at = std::nullopt;
  bool given_back = false;  ///< Of read_charge: refunded.
};

struct Operation {
  Call call;
  Answer answer = {};
  Instant invoked{};
  Instant returned = kNever;  ///< kNever with Outcome::unknown.
};

struct History {
  std::string ticket;
  std::int64_t cents = 0;  ///< The price at which it was listed, version 0.
  std::vector<Operation> operations = {};

  /// A call goes out at `now`. Returns its number; unanswered, it stays open to the end.
  std::size_t invoke(Call call, Instant now);
  /// Its answer is there at `now`. An unknown outcome leaves it open.
  void answer(std::size_t number, Answer answer, Instant now);
};

std::string_view name_of(Kind kind);
std::string_view name_of(Outcome outcome);
/// One line: who, when in ms, what, and the answer.
std::string describe(const Operation& operation);
/// The whole history in the order of invocation, a line each.
std::string describe(const History& history);

}  // namespace ticketing::linear
