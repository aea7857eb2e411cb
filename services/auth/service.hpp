#pragma once
// The auth service: who is who. It alone can sign tokens; every service verifies them.

#include <string>
#include <vector>

#include "auth/user.hpp"
#include "ticketing/auth/attempt_limiter.hpp"
#include "ticketing/auth/passwords.hpp"
#include "ticketing/auth/sign_in_limiter.hpp"
#include "ticketing/runtime/service.hpp"

namespace auth {

/// What the routes need beside the tables; lives as long as the service.
struct Desk {
  SigningKey key;
  milliseconds token_lifetime;
  bool secure_cookie = true;
  PasswordCost password_cost;
  std::string decoy_hash;   ///< Verified where there is no user, so that it takes as long.
  AttemptLimiter sign_ups;  ///< By address: each costs a password hash.
  SignInLimiter limiter{};
};

/// Wires the routes below, with the key file that the settings name.
void define(Service& service);
/// The same, with `key`, and hashes of that cost.
void define_with(Service& service, SigningKey key, const PasswordCost& cost);
std::vector<Option> options();

Response sign_up(const SignUp& body, Desk& desk, Context& ctx);
Response sign_in(const SignIn& body, Desk& desk, Context& ctx);
Response sign_out(Desk& desk, Context& ctx);
Response current_user(Context& ctx);
Response change_password(const NewPassword& body, Desk& desk, Context& ctx);

}  // namespace auth
