#include "ticketing/auth/attempt_limiter.hpp"

#include <algorithm>

namespace ticketing {

bool AttemptLimiter::admit(const std::string& key, Timestamp now) {
  const std::lock_guard lock{mutex_};
  auto& attempts = recent(key, now);
  if (attempts.size() >= limits_.attempts_max) return false;
  attempts.push_back(now);
  return true;
}

void AttemptLimiter::forgive(const std::string& key, Timestamp admitted) {
  const std::lock_guard lock{mutex_};
  const auto known = attempts_.find(key);
  if (known == attempts_.end()) return;
  auto& times = known->second;
  const auto time = std::find(times.begin(), times.end(), admitted);
  if (time != times.end()) times.erase(time);
}

std::vector<Timestamp>& AttemptLimiter::recent(const std::string& key, Timestamp now) {
  // The clock may be set back: what lies far ahead is no attempt of this window either.
  const auto is_over = [&](Timestamp attempt) {
    return now - attempt >= limits_.window || attempt - now > limits_.window;
  };
  if (attempts_.size() >= limits_.keys_max && !attempts_.contains(key)) {
    std::erase_if(attempts_, [&](const auto& entry) {
      return std::all_of(entry.second.begin(), entry.second.end(), is_over);
    });
    // Full of live ones: which one goes is chance, so nobody can get rid of their own in time.
    if (attempts_.size() >= limits_.keys_max) attempts_.erase(attempts_.begin());
  }
  auto& times = attempts_[key];
  std::erase_if(times, is_over);
  return times;
}

}  // namespace ticketing
