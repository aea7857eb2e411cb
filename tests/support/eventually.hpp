#pragma once
// eventually(): waits for a condition, with a deadline, where what is waited for is another process
// and so cannot be stepped.

#include <poll.h>

#include <chrono>
#include <utility>

namespace ticketing::test {

using SteadyClock = std::chrono::steady_clock;
inline constexpr std::chrono::seconds kDeadline{20};

/// Until `condition()` holds; false when it does not within `deadline`.
template <class F>
bool eventually(F condition, std::chrono::milliseconds deadline = kDeadline) {
  constexpr int kTurnMs = 2;
  const auto end = SteadyClock::now() + deadline;
  while (!condition()) {
    if (SteadyClock::now() > end) return false;
    ::poll(nullptr, 0, kTurnMs);  // Nothing to be told by: only the turn's length.
  }
  return true;
}

}  // namespace ticketing::test
