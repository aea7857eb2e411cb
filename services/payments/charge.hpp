#pragma once
// The charge: taking an order's price from a card, and giving it back. Pure: no SQL, no context.
//
// A charge is written down as `created` before the card is touched. That is an intention, known to
// nobody else, so it has no version: what is published begins with the outcome (completed or
// failed, version 0), and a refund is version 1. Thus every version has exactly one event.

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "providers/provider.hpp"
#include "ticketing/core/error.hpp"
#include "ticketing/events/events.hpp"

namespace payments {

using namespace ticketing;  // A service speaks the SDK's words; its own names come first.

enum class ChargeStatus { created, completed, failed, refunded };
inline constexpr std::array<std::string_view, 4> kChargeStatusNames{"created", "completed",
                                                                    "failed", "refunded"};
constexpr NameTable name_table(ChargeStatus) { return kChargeStatusNames; }

struct NewPayment {
  std::string token;
  std::string order_id;
  static constexpr std::array kFields{
      field<&NewPayment::token>("token", Rule::text(1, 255).says("Token is required")),
      field<&NewPayment::order_id>("orderId", Rule::id())};
};

/// Its fields are what the payer is shown; the rest stays inside.
struct Charge {
  std::string id;  ///< Also its idempotency key with the provider.
  std::string order_id;
  ChargeStatus status = ChargeStatus::created;
  Money amount;
  std::optional<std::string> stripe_id;
  std::optional<std::string> stripe_refund_id;
  std::optional<std::string> reason;  ///< Why the card was declined.

  std::string user_id;
  std::int64_t version = 0;
  std::optional<std::string> card_token;  ///< Kept only until there is an outcome.
  /// Its order is cancelled. No part of the state but a note beside it: a refund is on its way.
  bool refund_due = false;

  static constexpr std::array kFields{field<&Charge::id>("id"),
                                      field<&Charge::order_id>("orderId"),
                                      field<&Charge::status>("status"),
                                      field<&Charge::amount>("amount"),
                                      field<&Charge::stripe_id>("stripeId"),
                                      field<&Charge::stripe_refund_id>("stripeRefundId"),
                                      field<&Charge::reason>("reason")};
};

/// The intention to charge the price that the buyer saw when ordering.
Charge intend(std::string id, const OrderFact& order, std::string card_token);
/// Completed or failed, as the provider says; nothing when there is an outcome already.
std::optional<Charge> settle(const Charge& charge, const ChargeOutcome& outcome);
/// Nothing unless the money is there to be given back.
std::optional<Charge> refund(const Charge& charge, std::string stripe_refund_id);

/// What has been charged for an order so far.
struct History {
  std::optional<Charge> live;  ///< The one that has not failed, if any.
  std::int64_t declines = 0;
};

/// What stands against paying for an order.
struct Obstacle {
  Error refusal;
  bool may_pass = false;  ///< What is on its way may remove it: wait, then refuse.
};
/// `attempts` is how many declined cards end an order.
std::optional<Obstacle> obstacle(const OrderFact& order, const History& history,
                                 std::int64_t attempts, Timestamp now);

/// What a payer reads when the order is no more.
Error order_cancelled();

}  // namespace payments
