#pragma once
// Large texts are read one after the other: reading one takes six times its size for a millisecond,
// and large bodies that are sent side by side would take that for each thread that reads. Any
// thread.

#include <cstddef>
#include <memory>

#include "core/seats.hpp"

namespace ticketing::json {

inline constexpr std::size_t kSmallTextMax = 32 << 10;

/// Held while a text of so many bytes is read. Waits for one, if the text is large; nullptr for
/// others, which need none.
std::unique_ptr<Seats::Seat> seat_for(std::size_t bytes);

}  // namespace ticketing::json
