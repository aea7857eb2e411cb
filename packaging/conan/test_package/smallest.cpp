// The smallest service: one route, and all of the SDK linked behind it.
#include "ticketing/runtime/host.hpp"

void define(ticketing::Service& service) {
  service.get("/api/hello", ticketing::Access::open,
              [](ticketing::Context&) { return ticketing::Response::json(200, "{}"); });
}

int main(int argc, char** argv) {
  return ticketing::run(argc, argv, {"smallest", "says hello", {{"smallest", &define}}});
}
