#include "expiration/service.hpp"

namespace expiration {

void on_order_created(const OrderCreated& order, Context& ctx) {
  ctx.schedule("expire", order.id, order.expires_at);
}

void on_order_due(const std::string& order_id, Context& ctx) {
  // Also for an order that is long final: whether that matters is the orders service's to say.
  ctx.publish(ExpirationComplete{order_id});
}

}  // namespace expiration
