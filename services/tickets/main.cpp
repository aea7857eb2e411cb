#include "ticketing/runtime/host.hpp"
#include "tickets/service.hpp"

int main(int argc, char** argv) {
  return ticketing::run(argc, argv,
                        {.name = "ticketing-tickets",
                         .summary = "lists tickets for sale and holds them for orders",
                         .services = {{"tickets", &tickets::define}},
                         .listen = "127.0.0.1:8102",
                         .admin = "127.0.0.1:8202",
                         .bus_bind = "tcp://127.0.0.1:7102"});
}
