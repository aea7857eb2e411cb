#include "reviews.hpp"
#include "ticketing/runtime/host.hpp"

int main(int argc, char** argv) {
  return ticketing::run(argc, argv,
                        {.name = "reviews",
                         .summary = "what buyers say about what they bought",
                         .services = {{"reviews", &reviews::define}},
                         .listen = "127.0.0.1:8090",
                         .admin = "127.0.0.1:8091",
                         .bus_bind = "tcp://127.0.0.1:7190"});
}
