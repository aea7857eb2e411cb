#include "auth/user.hpp"

#include <algorithm>
#include <utility>

namespace auth {

User sign_up(std::string id, std::string email, std::string password_hash) {
  User user;
  user.fact.id = std::move(id);
  user.fact.email = std::move(email);
  user.password_hash = std::move(password_hash);
  return user;
}

User sign_out(const User& user, const Identity& token, Timestamp now) {
  // The token may come from a clock that is ahead of this one; and time never goes back, or
  // revoked tokens would count again.
  const Timestamp latest =
      std::max({now, token.issued_at, user.fact.tokens_valid_from.value_or(now)});
  User next = user;
  ++next.fact.version;
  next.fact.tokens_valid_from = latest + milliseconds{1};
  return next;
}

User change_password(const User& user, std::string password_hash, const Identity& token,
                     Timestamp now) {
  User next = sign_out(user, token, now);
  next.password_hash = std::move(password_hash);
  return next;
}

Identity identity_of(const User& user, milliseconds lifetime, Timestamp now) {
  const Timestamp issued_at = std::max(now, user.fact.tokens_valid_from.value_or(now));
  return {user.fact.id, user.fact.email, issued_at, issued_at + lifetime};
}

bool accepts(const User& user, const Identity& token) {
  return !user.fact.tokens_valid_from || token.issued_at >= *user.fact.tokens_valid_from;
}

}  // namespace auth
