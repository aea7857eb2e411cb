#pragma once
// SeededRandom: the same seed gives the same numbers on every machine (splitmix64 by Steele, Lea
// and Flood, "Fast splittable pseudorandom number generators", 2014). Not fit for keys.

#include <chrono>
#include <cstdint>
#include <cstring>
#include <span>

#include "ticketing/core/random.hpp"

namespace ticketing::testing {

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  void fill(std::span<std::byte> bytes) override {
    while (!bytes.empty()) {
      const std::uint64_t word = next();
      const std::size_t count = bytes.size() < sizeof word ? bytes.size() : sizeof word;
      std::memcpy(bytes.data(), &word, count);
      bytes = bytes.subspan(count);
    }
  }
  /// Below `bound`, which is over 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  /// True `per_mille` times in a thousand.
  bool chance(unsigned per_mille) { return below(1'000) < per_mille; }
  /// A duration below `bound`; 0 when that is.
  std::chrono::nanoseconds up_to(std::chrono::nanoseconds bound) {
    if (bound.count() <= 0) return std::chrono::nanoseconds{0};
    return std::chrono::nanoseconds{below(static_cast<std::uint64_t>(bound.count()))};
  }

 private:
  std::uint64_t state_;
};

/// A seed for `part` of what `seed` drives: parts do not disturb each other's numbers.
inline std::uint64_t seed_of(std::uint64_t seed, std::uint64_t part) {
  SeededRandom mixer{seed ^ (part * 0xd1342543de82ef95)};
  return mixer.next();
}

}  // namespace ticketing::testing
