#include "expiration/service.hpp"
#include "ticketing/runtime/host.hpp"

int main(int argc, char** argv) {
  return ticketing::run(argc, argv,
                        {.name = "ticketing-expiration",
                         .summary = "says when an order's time is over",
                         .services = {{"expiration", &expiration::define}},
                         .listen = "127.0.0.1:8104",
                         .admin = "127.0.0.1:8204",
                         .bus_bind = "tcp://127.0.0.1:7104"});
}
