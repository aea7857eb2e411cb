#pragma once
// What every fuzzer is made of: a function that takes any bytes, and aborts (TICKETING_ASSERT) when
// a property does not hold. libFuzzer drives it, or replay.cpp with the committed corpus.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/core/error.hpp"

namespace ticketing::fuzz {

/// Defined once by each fuzzer. Keeps nothing from one call to the next that changes a result.
void check(std::string_view input);

/// The Error that `run` throws, or nullopt. Anything else that it throws is a finding.
template <class Run>
std::optional<Error> error_of(Run run) {
  try {
    run();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

/// Cuts the part before the first `separator` off the front of `rest`, and the separator too.
inline std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

/// Cuts one byte off the front; 0 when there is none.
inline std::uint8_t take_byte(std::string_view& rest) {
  if (rest.empty()) return 0;
  const auto byte = static_cast<std::uint8_t>(rest.front());
  rest.remove_prefix(1);
  return byte;
}

inline std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) parts.emplace_back(take_until(text, separator));
  return parts;
}

}  // namespace ticketing::fuzz
