#pragma once
// Time as the SDK knows it: UTC in milliseconds, RFC 3339 on the wire, and a Clock that is handed
// in, so that a simulator can hold it. Functions are pure; a Clock may be read by any thread.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ticketing {

using std::chrono::milliseconds;
using Timestamp = std::chrono::sys_time<milliseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  /// The time of day. May jump in either direction.
  virtual Timestamp now() const = 0;
  /// Time since an arbitrary start that never goes back: for timeouts and latencies.
  virtual std::chrono::nanoseconds monotonic() const = 0;
};

/// The machine's clock; lives for ever.
const Clock& system_clock();

/// `2026-01-31T09:05:00.123Z` (RFC 3339, always milliseconds, always `Z`). Times outside the years
/// 0 to 9999 become the nearest one inside.
std::string to_text(Timestamp time);
/// Reads the form above; fraction of 0 to 9 digits, cut to milliseconds. Only `Z`. Else nullopt.
std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept;

/// Reads a duration with a unit: `250ms`, `5s`, `15m`, `12h`, `2d`. Whole numbers only; otherwise
/// nullopt.
std::optional<milliseconds> parse_duration(std::string_view text) noexcept;
/// The shortest of those forms that is exact.
std::string to_text(milliseconds duration);

/// Reads a size: `512`, `64KiB`, `1MiB`, `2GiB`. Else nullopt.
std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;

}  // namespace ticketing
