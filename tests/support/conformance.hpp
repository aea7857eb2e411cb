#pragma once
// The conformance suite of buses, as the environment wants it:
//
//     TICKETING_CONFORMANCE=full              as many of everything as a release has to stand
//     TICKETING_CONFORMANCE_SEED=N            the seed that a failed run has printed
//     TICKETING_TEST_DATABASE=postgresql      logs and cursors lie there

#include "ticketing/testing/bus_conformance.hpp"

namespace ticketing::test {

testing::ConformanceOptions conformance_options();

/// Runs that case and expects it to hold; prints a line.
void expect_held(const std::string& name, const testing::MakeTransport& make);

}  // namespace ticketing::test
