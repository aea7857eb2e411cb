#include "payments/charge.hpp"

#include <utility>

namespace payments {
namespace {

Obstacle refused(const char* message, const char* word, bool may_pass = false) {
  return {Error(ErrorCode::refused, message, word), may_pass};
}

}  // namespace

Charge intend(std::string id, const OrderFact& order, std::string card_token) {
  Charge charge;
  charge.id = std::move(id);
  charge.order_id = order.id;
  charge.amount = order.ticket.price;
  charge.user_id = order.user_id;
  charge.card_token = std::move(card_token);
  return charge;
}

std::optional<Charge> settle(const Charge& charge, const ChargeOutcome& outcome) {
  if (charge.status != ChargeStatus::created) return std::nullopt;
  Charge next = charge;
  next.card_token.reset();
  next.status = outcome.ok ? ChargeStatus::completed : ChargeStatus::failed;
  (outcome.ok ? next.stripe_id : next.reason) = outcome.ok ? outcome.id : outcome.reason;
  return next;
}

std::optional<Charge> refund(const Charge& charge, std::string stripe_refund_id) {
  if (charge.status != ChargeStatus::completed) return std::nullopt;
  Charge next = charge;
  ++next.version;
  next.status = ChargeStatus::refunded;
  next.stripe_refund_id = std::move(stripe_refund_id);
  return next;
}

std::optional<Obstacle> obstacle(const OrderFact& order, const History& history,
                                 std::int64_t attempts, Timestamp now) {
  const bool charged = history.live && history.live->status != ChargeStatus::created;
  if (order.status == OrderStatus::cancelled) return Obstacle{order_cancelled()};
  if (order.status == OrderStatus::complete || charged) {
    return refused("Order is already paid", "order_paid");
  }
  // The last decline cancels the order; a charge before that is heard would only be refunded.
  if (history.declines >= attempts) return Obstacle{order_cancelled()};
  if (now >= order.expires_at) return refused("Cannot pay for a cancelled order", "order_expired");
  if (order.status == OrderStatus::created) {
    return refused("Order is not reserved yet", "order_not_reserved", true);
  }
  if (history.live) return refused("Order is already being paid", "payment_in_progress", true);
  return std::nullopt;
}

Error order_cancelled() {
  return {ErrorCode::refused, "Cannot pay for a cancelled order", "order_cancelled"};
}

}  // namespace payments
