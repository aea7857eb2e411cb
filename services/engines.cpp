// What every program here can be configured with, beside what the SDK has by itself.

#include "ticketing/nats/nats.hpp"
#include "ticketing/postgres/postgres.hpp"

namespace {

// Before main().
[[maybe_unused]] const bool kPostgres = (ticketing::use_postgres(), true);
[[maybe_unused]] const bool kNats = (ticketing::use_nats(), true);

}  // namespace
