#include "payments/service.hpp"
#include "ticketing/runtime/host.hpp"

int main(int argc, char** argv) {
  return ticketing::run(argc, argv,
                        {.name = "ticketing-payments",
                         .summary = "charges cards for orders, and refunds what must not be kept",
                         .services = {{"payments", &payments::define, payments::options()}},
                         .listen = "127.0.0.1:8105",
                         .admin = "127.0.0.1:8205",
                         .bus_bind = "tcp://127.0.0.1:7105"});
}
