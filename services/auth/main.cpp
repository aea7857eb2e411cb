#include "auth/service.hpp"
#include "ticketing/runtime/host.hpp"

int main(int argc, char** argv) {
  return ticketing::run(argc, argv,
                        {.name = "ticketing-auth",
                         .summary = "signs users up and in, and signs their tokens",
                         .services = {{"auth", &auth::define, auth::options()}},
                         .listen = "127.0.0.1:8101",
                         .admin = "127.0.0.1:8201",
                         .bus_bind = "tcp://127.0.0.1:7101"});
}
