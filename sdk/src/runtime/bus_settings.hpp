#pragma once
// What a program's settings say of the bus. Throws Error(invalid) with what to write instead.

#include "ticketing/messaging/bus.hpp"
#include "ticketing/runtime/settings.hpp"

namespace ticketing::runtime {

BusOptions bus_options_of(const Settings& settings);

}  // namespace ticketing::runtime
