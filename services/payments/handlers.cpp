#include "payments/service.hpp"
#include "payments/storage.hpp"

namespace payments {
namespace {

/// Stores a charge's next state and publishes it: the only way in which a version moves.
void save(const Charge& charge, Context& ctx) {
  ChargeTable{ctx.tx()}.update(charge);
  const auto& [id, order_id, status, amount, stripe_id, refund_id, reason, user_id, version,
               card_token, refund_due] = charge;
  if (status == ChargeStatus::completed) {
    ctx.publish(PaymentCreated{id, version, order_id, amount, stripe_id.value()});
  } else if (status == ChargeStatus::failed) {
    ctx.publish(PaymentFailed{id, version, order_id, amount, reason.value()});
  } else {
    ctx.publish(PaymentRefunded{id, version, order_id, amount, refund_id.value()});
  }
}

/// Who paid for an order that is no more gets the money back. A charge that has no outcome yet
/// keeps the note until it has.
void owe_refund(const Charge& charge, Context& ctx) {
  ChargeTable{ctx.tx()}.note_refund_due(charge.id);
  if (charge.status == ChargeStatus::completed) ctx.schedule("refund", charge.id, ctx.now());
}

/// The state may have moved since the provider was asked: the transition decides anew.
void after_charge(const std::string& id, const ChargeOutcome& outcome, Context& ctx) {
  const auto charge = ChargeTable{ctx.tx()}.find(id);
  const auto settled = charge ? settle(*charge, outcome) : std::nullopt;
  if (!settled) return;
  save(*settled, ctx);
  const auto order = kOrders.find(ctx.tx(), settled->order_id);
  const bool cancelled = order && order->status == OrderStatus::cancelled;
  if (settled->refund_due || cancelled) owe_refund(*settled, ctx);
}

void after_refund(const std::string& id, const std::string& refund_id, Context& ctx) {
  const auto charge = ChargeTable{ctx.tx()}.find(id);
  const auto refunded = charge ? refund(*charge, refund_id) : std::nullopt;
  if (refunded) save(*refunded, ctx);
}

std::optional<Charge> read(const Service& service, const std::string& id, ChargeStatus status) {
  std::optional<Charge> charge;
  service.read([&](Transaction& tx) { charge = ChargeTable{tx}.find(id); });
  if (charge && charge->status != status) charge.reset();
  return charge;
}

}  // namespace

void on_order_cancelled(const OrderCancelled& order, Context& ctx) {
  const auto charge = ChargeTable{ctx.tx()}.history_of(order.id).live;
  if (charge && charge->status != ChargeStatus::refunded) owe_refund(*charge, ctx);
}

Service::TaskResult charge_card(const Service& service, PaymentProvider& provider,
                                const std::string& id) {
  const auto charge = read(service, id, ChargeStatus::created);
  if (!charge) return [](Context&) {};  // An earlier run has done it.
  const auto outcome = provider.charge(id, charge->amount, charge->card_token.value());
  return [id, outcome](Context& ctx) { after_charge(id, outcome, ctx); };
}

Service::TaskResult refund_card(const Service& service, PaymentProvider& provider,
                                const std::string& id) {
  const auto charge = read(service, id, ChargeStatus::completed);
  if (!charge) return [](Context&) {};
  // Providers keep one book of keys over all calls: a refund needs one of its own.
  const auto refund_id = provider.refund("refund-" + id, charge->stripe_id.value(), charge->amount);
  return [id, refund_id](Context& ctx) { after_refund(id, refund_id, ctx); };
}

}  // namespace payments
