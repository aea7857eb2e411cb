#pragma once
// What a program's settings say of the bus. Throws Error(invalid) with what to write instead.

#include <memory>

#include "ticketing/messaging/bus.hpp"
#include "ticketing/runtime/settings.hpp"

namespace ticketing::runtime {

/// Whether services find each other's logs by --peer.
bool is_over_zeromq(const Settings& settings);
/// Over another transport with `--bus-bind`: that, and ZeroMQ for who only listens.
std::unique_ptr<Bus> open_bus(const Settings& settings, Logger& logger);

}  // namespace ticketing::runtime
