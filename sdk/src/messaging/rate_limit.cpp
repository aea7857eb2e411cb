#include "messaging/rate_limit.hpp"

#include <utility>

namespace ticketing {

std::optional<std::uint64_t> RateLimit::say(std::string_view what, Time now) {
  const auto [at, is_new] = said_.try_emplace(std::string{what});
  Said& said = at->second;
  if (!is_new && now < said.next) {
    ++said.held_back;
    return std::nullopt;
  }
  said.next = now + pause_;
  return std::exchange(said.held_back, 0);
}

}  // namespace ticketing
