#include "ticketing/auth/sign_in_limiter.hpp"

namespace ticketing {

SignInLimiter::SignInLimiter(const SignInLimits& limits)
    : accounts_({limits.account_failures_max, limits.window, limits.keys_max}),
      addresses_({limits.address_failures_max, limits.window, limits.keys_max}) {}

bool SignInLimiter::admit(const std::string& account, const std::string& address, Timestamp now) {
  if (!accounts_.admit(account, now)) return false;
  if (addresses_.admit(address, now)) return true;
  accounts_.forgive(account, now);
  return false;
}

void SignInLimiter::forgive(const std::string& account, const std::string& address,
                            Timestamp admitted) {
  accounts_.forgive(account, admitted);
  addresses_.forgive(address, admitted);
}

}  // namespace ticketing
