#pragma once
// SignInLimiter: how often a password may be guessed. At most so many failures within a minute for
// one account, and for one address that tries many accounts.
//
// An attempt counts as failed from its start until it has succeeded, so that guesses made side by
// side gain nothing. Time is handed in, memory is bounded. Any thread.

#include <cstddef>
#include <string>

#include "ticketing/auth/attempt_limiter.hpp"

namespace ticketing {

struct SignInLimits {
  std::size_t account_failures_max = 5;
  std::size_t address_failures_max = 20;
  milliseconds window = std::chrono::minutes{1};
  std::size_t keys_max = 10'000;  ///< Accounts, and addresses, that are remembered at once.
};

class SignInLimiter {
 public:
  explicit SignInLimiter(const SignInLimits& limits = {});

  /// Admits an attempt, counting it as a failure; or refuses it, which counts nothing.
  bool admit(const std::string& account, const std::string& address, Timestamp now);
  /// The attempt that was admitted at `admitted` has succeeded: it does not count any more.
  void forgive(const std::string& account, const std::string& address, Timestamp admitted);

 private:
  AttemptLimiter accounts_;
  AttemptLimiter addresses_;
};

}  // namespace ticketing
