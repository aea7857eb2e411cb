#pragma once
// RateLimit: how often the same thing is said, so that whoever knocks all day fills no disk.
// One thread.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ticketing {

class RateLimit {
 public:
  using Time = std::chrono::nanoseconds;  ///< Monotonic.

  explicit RateLimit(std::chrono::milliseconds pause) : pause_(pause) {}

  /// How often `what` was held back since it was last said; nullopt: not yet again.
  std::optional<std::uint64_t> say(std::string_view what, Time now);

 private:
  struct Said {
    Time next{0};
    std::uint64_t held_back = 0;
  };
  std::chrono::milliseconds pause_;
  std::map<std::string, Said, std::less<>> said_;
};

}  // namespace ticketing
