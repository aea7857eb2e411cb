#pragma once
// The text form of a time without an allocation, for writers of JSON and logs.

#include <array>

#include "ticketing/core/time.hpp"

namespace ticketing {

using TimeText = std::array<char, 24>;

/// `2026-01-31T09:05:00.123Z`; times outside the years 0 to 9999 become the nearest one inside.
TimeText format(Timestamp time) noexcept;

}  // namespace ticketing
