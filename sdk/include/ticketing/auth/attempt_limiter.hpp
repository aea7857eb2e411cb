#pragma once
// AttemptLimiter: so many attempts within a window for each key, as an address or an account.
//
// Time is handed in, memory is bounded. Any thread.

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "ticketing/core/time.hpp"

namespace ticketing {

struct AttemptLimits {
  std::size_t attempts_max = 20;
  milliseconds window = std::chrono::minutes{1};
  std::size_t keys_max = 10'000;  ///< Keys that are remembered at once.
};

class AttemptLimiter {
 public:
  explicit AttemptLimiter(const AttemptLimits& limits) : limits_(limits) {}

  /// Admits an attempt and counts it; or refuses it, which counts nothing.
  bool admit(const std::string& key, Timestamp now);
  /// The attempt that was admitted at `admitted` does not count any more.
  void forgive(const std::string& key, Timestamp admitted);

 private:
  /// What counts for `key` now; makes room for it where the table is full.
  std::vector<Timestamp>& recent(const std::string& key, Timestamp now);

  const AttemptLimits limits_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::vector<Timestamp>> attempts_;
};

}  // namespace ticketing
