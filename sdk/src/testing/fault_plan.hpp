#pragma once
// The faults of a storm.

#include <string>

#include "ticketing/testing/seeded_random.hpp"
#include "ticketing/testing/world.hpp"

namespace ticketing::testing {

/// Lets something go wrong now, and says what.
std::string strike(World& world, SeededRandom& random);

}  // namespace ticketing::testing
