#pragma once
// How long a fault test goes on, and with which luck.
//
// TICKETING_FAULT_ROUNDS: `long`, `release`, or a number of rounds; unset: as on every change.
// TICKETING_FAULT_SEED: the seed that a failed run has printed.

#include <cstdint>

namespace ticketing::test {

struct Rounds {
  int every_change;
  int in_long;
  int for_release;
};
/// As many of `rounds` as the environment says.
int rounds_of(const Rounds& rounds);

/// From the environment, or a new one; printed either way.
std::uint64_t fault_seed();

}  // namespace ticketing::test
