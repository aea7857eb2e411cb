#include "orders/service.hpp"
#include "ticketing/runtime/host.hpp"

int main(int argc, char** argv) {
  return ticketing::run(argc, argv,
                        {.name = "ticketing-orders",
                         .summary = "takes orders for tickets and leads them to their end",
                         .services = {{"orders", &orders::define, orders::options()}},
                         .listen = "127.0.0.1:8103",
                         .admin = "127.0.0.1:8203",
                         .bus_bind = "tcp://127.0.0.1:7103"});
}
