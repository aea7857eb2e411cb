#include <chrono>
#include <string>

#include "payments/service.hpp"
#include "payments/storage.hpp"
#include "ticketing/auth/digest.hpp"

namespace payments {
namespace {

constexpr std::chrono::seconds kPatience{10};

Error not_authorized() { return {ErrorCode::unauthorized, "Not authorized"}; }

Error being_processed() {
  return {ErrorCode::unavailable, "The payment is being processed", "payment_in_progress"};
}

/// A call is the same call each time that it is run, and each time that a client repeats it under
/// one key, also when the answer to the first got lost.
std::string name_of_call(const Request& request) {
  const auto key = request.header("Idempotency-Key");
  return key ? "key " + keyed_digest("payments", *key) : "request " + request.id;
}

Response outcome(const Charge& charge, Context& ctx) {
  if (charge.status == ChargeStatus::created) ctx.wait_or(being_processed(), kPatience);
  if (charge.status == ChargeStatus::failed) {
    throw Error(ErrorCode::refused, charge.reason.value_or(""), "card_declined");
  }
  // The order ended meanwhile: the money is on its way back, so this is no success.
  if (charge.status == ChargeStatus::refunded || charge.refund_due) throw order_cancelled();
  return Response::json(201, R"({"id":")" + charge.id + "\"}");  // GET shows the whole charge.
}

}  // namespace

Response pay(const NewPayment& body, std::int64_t attempts, Context& ctx) {
  const auto order = kOrders.find(ctx.tx(), body.order_id);
  if (!order) ctx.wait_or(Error(ErrorCode::not_found, "Not Found"));
  if (order->user_id != ctx.user().user_id) throw not_authorized();
  const ChargeTable charges{ctx.tx()};
  const std::string call = name_of_call(ctx.request());
  if (const auto own = charges.made_by(order->user_id, call, order->id)) return outcome(*own, ctx);
  if (const auto found = obstacle(*order, charges.history_of(order->id), attempts, ctx.now())) {
    if (found->may_pass) ctx.wait_or(found->refusal);
    throw found->refusal;
  }
  // Written down, then charged elsewhere: if the process dies in between, the task is still there.
  const Charge charge = intend(ctx.new_id(), *order, body.token);
  charges.insert(charge, call);
  ctx.schedule("charge", charge.id, ctx.now());
  ctx.commit_and_wait(being_processed(), kPatience);
}

Response show_charge(Context& ctx) {
  const auto charge = ChargeTable{ctx.tx()}.find(ctx.param("id"));
  if (!charge) throw Error(ErrorCode::not_found, "Not Found");
  if (charge->user_id != ctx.user().user_id) throw not_authorized();
  return Response::json(200, to_json(*charge));
}

}  // namespace payments
