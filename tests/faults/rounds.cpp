#include "rounds.hpp"

#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>

namespace ticketing::test {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

int rounds_of(const Rounds& rounds) {
  const std::string wanted = variable("TICKETING_FAULT_ROUNDS");
  if (wanted.empty()) return rounds.every_change;
  if (wanted == "long") return rounds.in_long;
  if (wanted == "release") return rounds.for_release;
  const int count = std::atoi(wanted.c_str());
  if (count > 0) return count;
  throw std::runtime_error("TICKETING_FAULT_ROUNDS is \"" + wanted +
                           "\"; write long, release, or a number");
}

std::uint64_t fault_seed() {
  const std::string given = variable("TICKETING_FAULT_SEED");
  const std::uint64_t seed =
      given.empty() ? std::random_device{}() % 1'000'000 : std::stoull(given);
  std::printf("  TICKETING_FAULT_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

}  // namespace ticketing::test
