#pragma once
// The user: who may sign in, and which of their tokens count. Pure: no SQL, no context, no clock.
//
// Tokens are revoked by time: those issued before `tokens_valid_from` count nowhere any more. So
// signing out, like a new password, ends every session that the user has.

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "ticketing/auth/tokens.hpp"
#include "ticketing/core/record.hpp"
#include "ticketing/events/events.hpp"

namespace auth {

using namespace ticketing;  // A service speaks the SDK's words; its own names come first.

inline constexpr Rule kEmail =
    Rule::text(1, 254).trim().lower().as_email().says("Email must be valid");
inline constexpr Rule kNewPassword =
    Rule::text(8, 128).says("Password must be between 8 and 128 characters");
inline constexpr Rule kPassword = Rule::text(1, 128).says("You must supply a password");

struct SignUp {
  std::string email;
  std::string password;
  static constexpr std::array kFields{field<&SignUp::email>("email", kEmail),
                                      field<&SignUp::password>("password", kNewPassword)};
};

struct SignIn {
  std::string email;
  std::string password;
  static constexpr std::array kFields{field<&SignIn::email>("email", kEmail),
                                      field<&SignIn::password>("password", kPassword)};
};

struct NewPassword {
  std::string password;
  std::string new_password;
  static constexpr std::array kFields{
      field<&NewPassword::password>("password", kPassword),
      field<&NewPassword::new_password>("newPassword", kNewPassword)};
};

/// A user: what is published, and the one thing that never is.
struct User {
  UserFact fact;
  std::string password_hash;
};

/// A new user, version 0.
User sign_up(std::string id, std::string email, std::string password_hash);
/// All tokens issued until now, `token` among them, count no more.
User sign_out(const User& user, const Identity& token, Timestamp now);
User change_password(const User& user, std::string password_hash, const Identity& token,
                     Timestamp now);
/// What a fresh token says. It counts at once, even where clocks disagree.
Identity identity_of(const User& user, milliseconds lifetime, Timestamp now);
/// False for a token that was revoked.
bool accepts(const User& user, const Identity& token);

}  // namespace auth
