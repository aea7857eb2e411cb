#pragma once
// What can go wrong in a simulated world. Plain values; rates are per mille.

#include <chrono>

namespace ticketing::testing {

/// Between processes. The defaults are a good network.
struct NetworkFaults {
  unsigned lose = 0;       ///< Messages that never arrive.
  unsigned duplicate = 0;  ///< Messages that arrive twice.
  unsigned reorder = 0;    ///< Messages that may overtake those before them.
  std::chrono::microseconds delay_max{2'000};
};

/// Of one process's disk.
struct DiskFaults {
  unsigned fail_read = 0;
  unsigned fail_write = 0;
  unsigned fail_sync = 0;                       ///< The process stops at the first one.
  bool full = false;                            ///< No write finds room.
  std::chrono::microseconds commit_max{1'000};  ///< How long a commit may take.
};

}  // namespace ticketing::testing
