#pragma once
// Randomness, handed in so that a simulator can hold it, and the ids that are made from it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "ticketing/core/time.hpp"

namespace ticketing {

class Random {
 public:
  virtual ~Random() = default;
  /// Fills `bytes`. The system's source is fit for keys and may be used by any thread.
  virtual void fill(std::span<std::byte> bytes) = 0;
  std::uint64_t next_u64();
};

/// The operating system's cryptographic source; lives for ever.
Random& system_random();

/// A UUIDv7 (RFC 9562 section 5.7) in lower-case text: 48 bits of Unix milliseconds, then random.
std::string new_id(Timestamp now, Random& random);

/// `bytes` random bytes as lower-case hex digits, two each: 16 bytes make a trace id.
std::string random_hex(Random& random, std::size_t bytes);

}  // namespace ticketing
