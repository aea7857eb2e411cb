#pragma once
// The order's status and the transitions that are legal. Nothing else spells a status.
// Pure functions and constants: any thread may use them.

#include <array>
#include <string_view>

#include "ticketing/core/record.hpp"

namespace ticketing {

enum class OrderStatus {
  created,           ///< The order is made; the ticket is not reserved yet.
  awaiting_payment,  ///< The ticket is reserved; waiting for the buyer to pay.
  complete,          ///< Reserved and paid. Final.
  cancelled,         ///< Final; CancelReason says why.
};

enum class CancelReason { user, expired, payment_failed, ticket_unavailable };

inline constexpr std::array<std::string_view, 4> kOrderStatusNames{"created", "awaiting:payment",
                                                                   "complete", "cancelled"};
inline constexpr std::array<std::string_view, 4> kCancelReasonNames{
    "user", "expired", "payment_failed", "ticket_unavailable"};

constexpr NameTable name_table(OrderStatus) { return kOrderStatusNames; }
constexpr NameTable name_table(CancelReason) { return kCancelReasonNames; }

constexpr bool is_final(OrderStatus status) {
  return status == OrderStatus::complete || status == OrderStatus::cancelled;
}

/// True when an order may go from `from` to `to` in one change.
constexpr bool may_become(OrderStatus from, OrderStatus to) {
  switch (from) {
    case OrderStatus::created:
      return to == OrderStatus::awaiting_payment || to == OrderStatus::cancelled;
    case OrderStatus::awaiting_payment:
      return to == OrderStatus::complete || to == OrderStatus::cancelled;
    case OrderStatus::complete:
    case OrderStatus::cancelled:
      return false;
  }
  return false;
}

}  // namespace ticketing
