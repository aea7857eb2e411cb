#pragma once
// Makes tokens that SigningKey would never issue, so that a test can change one thing at a time.

#include <sodium.h>

#include <array>
#include <string>
#include <string_view>

#include "ticketing/auth/tokens.hpp"

namespace ticketing::testing {

inline const Timestamp kNow{milliseconds{1'767'225'600'250}};  // 2026-01-01T00:00:00.250Z

inline SigningKey::Seed seed_of(unsigned char fill) {
  SigningKey::Seed seed;
  seed.fill(std::byte{fill});
  return seed;
}

inline Identity ann() {
  return {"user-1", "ann@example.com", kNow, kNow + std::chrono::minutes{15}};
}

inline const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

inline std::string base64url(std::string_view bytes,
                             int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING) {
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), raw(bytes), bytes.size(), variant);
  text.pop_back();
  return text;
}

/// A token in the making. As it is by default, it is accepted at kNow by the key set of `key`.
struct Forgery {
  unsigned char seed = 1;
  std::string alg = R"("alg":"EdDSA",)";
  std::string typ = R"("typ":"JWT",)";
  std::string kid = R"("kid":")" + SigningKey(seed_of(1)).key_id() + '"';
  std::string header_more;
  std::string iss = R"("iss":"ticketing",)";
  std::string aud = R"("aud":"ticketing",)";
  std::string who = R"("sub":"user-1","email":"ann@example.com",)";
  std::string times = R"("iat":1767225600,"itm":1767225600250,"exp":1767226501)";

  /// Header and claims: what is signed.
  std::string text() const {
    return base64url('{' + alg + typ + kid + header_more + '}') + '.' +
           base64url('{' + iss + aud + who + times + '}');
  }
  std::string token() const { return signed_by(seed, text()); }

  static std::string signed_by(unsigned char fill, const std::string& text) {
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open_half;
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret;
    std::array<unsigned char, crypto_sign_SEEDBYTES> bytes;
    bytes.fill(fill);
    crypto_sign_seed_keypair(open_half.data(), secret.data(), bytes.data());
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, raw(text),
                         text.size(), secret.data());
    return text + '.' + base64url(signature);
  }
};

inline KeySet keys_of(unsigned char fill) {
  return KeySet::from_jwks(SigningKey(seed_of(fill)).jwks());
}

inline bool accepted(std::string_view token, Timestamp now = kNow) {
  static const KeySet keys = keys_of(1);
  return verify_token(token, keys, now).has_value();
}

}  // namespace ticketing::testing
