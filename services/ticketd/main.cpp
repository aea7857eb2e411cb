#include "auth/service.hpp"
#include "expiration/service.hpp"
#include "orders/service.hpp"
#include "payments/service.hpp"
#include "ticketing/runtime/host.hpp"
#include "tickets/service.hpp"

int main(int argc, char** argv) {
  return ticketing::run(argc, argv,
                        {"ticketd",
                         "the whole ticket marketplace in one process",
                         {{"auth", &auth::define, auth::options()},
                          {"tickets", &tickets::define},
                          {"orders", &orders::define, orders::options()},
                          {"expiration", &expiration::define},
                          {"payments", &payments::define, payments::options()}}});
}
