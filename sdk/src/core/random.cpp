#include "ticketing/core/random.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "ticketing/core/error.hpp"

namespace ticketing {
namespace {

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = getrandom(bytes.data(), bytes.size(), 0);
      if (count < 0 && errno == EINTR) continue;
      // Keys are made from this: without the source there is nothing safe to go on with.
      TICKETING_ASSERT(count > 0);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
  }
};

void append_hex(std::string& out, std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::byte byte : bytes) {
    out += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    out += kDigits[std::to_integer<std::size_t>(byte & std::byte{0x0f})];
  }
}

}  // namespace

std::uint64_t Random::next_u64() {
  std::array<std::byte, 8> bytes{};
  fill(bytes);
  std::uint64_t number = 0;
  // Byte by byte, so that a seed gives the same run on every machine.
  for (const std::byte byte : bytes) number = number << 8 | std::to_integer<std::uint64_t>(byte);
  return number;
}

Random& system_random() {
  static Random& random = *new SystemRandom;  // Never destroyed: other statics may use it.
  return random;
}

std::string new_id(Timestamp now, Random& random) {
  std::array<std::byte, 16> bytes{};
  random.fill(std::span(bytes).subspan(6));
  const auto time = static_cast<std::uint64_t>(now.time_since_epoch().count());
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::byte>(time >> (40 - 8 * i));
  bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x70};  // Version 7.
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};  // The variant of RFC 9562.
  std::string id;
  id.reserve(36);
  const std::span<const std::byte> all = bytes;
  append_hex(id, all.first(4));
  for (const std::size_t start : {4U, 6U, 8U}) {
    id += '-';
    append_hex(id, all.subspan(start, 2));
  }
  id += '-';
  append_hex(id, all.subspan(10));
  return id;
}

std::string random_hex(Random& random, std::size_t bytes) {
  std::vector<std::byte> raw(bytes);
  random.fill(raw);
  std::string text;
  text.reserve(2 * bytes);
  append_hex(text, raw);
  return text;
}

}  // namespace ticketing
