#include "ticketing/auth/passwords.hpp"

#include <algorithm>
#include <array>

#include "auth/sodium.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing {
namespace {

using Encoded = std::array<char, crypto_pwhash_STRBYTES>;

/// libsodium declares its input as a whole buffer: give it one. False when `hash` is too long.
bool fill(Encoded& encoded, const std::string& hash) {
  if (hash.size() >= encoded.size()) return false;
  encoded.fill('\0');
  std::copy(hash.begin(), hash.end(), encoded.begin());
  return true;
}

}  // namespace

std::string hash_password(std::string_view password, const PasswordCost& cost) {
  auth::ensure_sodium();
  Encoded encoded{};
  if (::crypto_pwhash_str_alg(encoded.data(), password.data(), password.size(), cost.passes,
                              cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw Error(ErrorCode::unavailable, "not enough memory to hash a password");
  }
  return encoded.data();
}

bool verify_password(std::string_view password, const std::string& hash) {
  auth::ensure_sodium();
  Encoded encoded{};
  return fill(encoded, hash) &&
         ::crypto_pwhash_argon2id_str_verify(encoded.data(), password.data(), password.size()) == 0;
}

bool needs_rehash(const std::string& hash, const PasswordCost& cost) {
  auth::ensure_sodium();
  Encoded encoded{};
  return !fill(encoded, hash) || ::crypto_pwhash_argon2id_str_needs_rehash(
                                     encoded.data(), cost.passes, cost.memory_bytes) != 0;
}

}  // namespace ticketing
