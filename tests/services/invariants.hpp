#pragma once
// The invariants of CONTRACT section 7, as questions to the five databases at rest: each asks for
// what breaks one, and must be answered with nothing.

#include <string>
#include <vector>

#include "support/databases.hpp"

namespace ticketing::test {

/// Each invariant that is broken, with the rows that break it. Requires: every flow has come to
/// rest, also all timers: every order is final.
std::vector<std::string> broken_invariants(const Databases& stored);
void expect_invariants(const Databases& stored);

}  // namespace ticketing::test
