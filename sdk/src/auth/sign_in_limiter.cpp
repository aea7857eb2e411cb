#include "ticketing/auth/sign_in_limiter.hpp"

#include <algorithm>

namespace ticketing {

bool SignInLimiter::admit(const std::string& account, const std::string& address, Timestamp now) {
  const std::lock_guard lock{mutex_};
  auto& of_account = recent(accounts_, account, now);
  auto& of_address = recent(addresses_, address, now);
  if (of_account.size() >= limits_.account_failures_max) return false;
  if (of_address.size() >= limits_.address_failures_max) return false;
  of_account.push_back(now);
  of_address.push_back(now);
  return true;
}

void SignInLimiter::forgive(const std::string& account, const std::string& address,
                            Timestamp admitted) {
  const std::lock_guard lock{mutex_};
  for (auto* times : {&accounts_[account], &addresses_[address]}) {
    const auto time = std::find(times->begin(), times->end(), admitted);
    if (time != times->end()) times->erase(time);
  }
}

std::vector<Timestamp>& SignInLimiter::recent(Failures& failures, const std::string& key,
                                              Timestamp now) const {
  // The clock may be set back: what lies far ahead is no failure of this minute either.
  const auto is_over = [&](Timestamp failure) {
    return now - failure >= limits_.window || failure - now > limits_.window;
  };
  if (failures.size() >= limits_.keys_max && !failures.contains(key)) {
    std::erase_if(failures, [&](const auto& entry) {
      return std::all_of(entry.second.begin(), entry.second.end(), is_over);
    });
    // Full of live ones: which one goes is chance, so nobody can get rid of their own in time.
    if (failures.size() >= limits_.keys_max) failures.erase(failures.begin());
  }
  auto& times = failures[key];
  std::erase_if(times, is_over);
  return times;
}

}  // namespace ticketing
