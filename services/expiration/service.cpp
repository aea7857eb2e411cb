#include "expiration/service.hpp"

namespace expiration {

void define(Service& service) {
  service.on<OrderCreated>(&on_order_created);
  service.on_timer("expire", &on_order_due);
}

}  // namespace expiration
