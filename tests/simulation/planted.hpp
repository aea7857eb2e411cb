#pragma once
// What the planted mistakes (plant.py) are made of, and which one is turned on.

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace planted {

inline std::string_view mistake;

inline bool is(std::string_view name) { return mistake == name; }

/// The newest offset that was drawn for that log, or `head` if that is past it; counts it up.
inline std::int64_t next_offset(const std::string& log_id, std::int64_t head) {
  static std::map<std::string, std::int64_t> drawn;
  std::int64_t& newest = drawn[log_id];
  newest = newest > head ? newest : head;
  return newest++;
}

inline std::string fresh_key() {
  static std::uint64_t count = 0;
  return "try-" + std::to_string(++count);
}

inline std::span<const std::string_view> without_unique_index(
    std::span<const std::string_view> steps) {
  static const std::string changed = [&] {
    std::string text{steps.front()};
    const std::string_view unique = "unique index orders_active";
    return text.replace(text.find(unique), unique.size(), "index orders_active");
  }();
  static const std::array<std::string_view, 1> all{changed};
  return all;
}

}  // namespace planted
