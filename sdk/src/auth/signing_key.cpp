#include "auth/base64url.hpp"
#include "auth/jose.hpp"
#include "auth/key_file.hpp"
#include "auth/sodium.hpp"
#include "ticketing/auth/tokens.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing {
namespace {

using std::chrono::seconds;

std::string thumbprint_of(const std::string& x) {
  const std::string text =
      to_json(auth::JwkThumbprint{std::string(auth::kCurve), std::string(auth::kKeyType), x});
  std::string hash(crypto_hash_sha256_BYTES, '\0');
  ::crypto_hash_sha256(auth::bytes_of(hash), auth::bytes_of(text), text.size());
  return auth::encode_base64url(hash);
}

auth::TokenClaims claims_of(const Identity& identity) {
  auth::TokenClaims claims;
  claims.iss = kTokenIssuer;
  claims.aud = kTokenAudience;
  claims.sub = identity.user_id;
  claims.email = identity.email;
  claims.iat = std::chrono::floor<seconds>(identity.issued_at).time_since_epoch().count();
  claims.itm = identity.issued_at.time_since_epoch().count();
  claims.exp = std::chrono::ceil<seconds>(identity.expires_at).time_since_epoch().count();
  return claims;
}

/// A seed that does not outlive its use.
struct SecretSeed {
  SigningKey::Seed seed{};
  SecretSeed() = default;
  ~SecretSeed() { ::sodium_memzero(seed.data(), seed.size()); }
  SecretSeed(const SecretSeed&) = delete;
  SecretSeed& operator=(const SecretSeed&) = delete;
};

}  // namespace

struct SigningKey::Impl {
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
  std::string x;  ///< The public half, base64url.
  std::string key_id;
  std::string header;  ///< The first part of every token, with its full stop.

  Impl() = default;
  ~Impl() { ::sodium_memzero(secret.data(), secret.size()); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
};

SigningKey::SigningKey(const Seed& seed) : impl_(std::make_unique<Impl>()) {
  auth::ensure_sodium();
  std::string public_key(crypto_sign_PUBLICKEYBYTES, '\0');
  ::crypto_sign_seed_keypair(auth::bytes_of(public_key), impl_->secret.data(),
                             reinterpret_cast<const unsigned char*>(seed.data()));
  impl_->x = auth::encode_base64url(public_key);
  impl_->key_id = thumbprint_of(impl_->x);
  const auth::TokenHeader header{std::string(auth::kAlgorithm), std::string(auth::kTokenType),
                                 impl_->key_id, std::nullopt};
  impl_->header = auth::encode_base64url(to_json(header)) + '.';
}

SigningKey::~SigningKey() = default;
SigningKey::SigningKey(SigningKey&&) noexcept = default;

SigningKey SigningKey::load_or_create(const std::string& path, Random& random) {
  auth::ensure_sodium();
  SecretSeed secret;
  if (!auth::read_key_file(path, secret.seed)) {
    random.fill(secret.seed);
    auth::create_key_file(path, secret.seed);
    // Read it back: another process may have been first, and then its key is the key.
    if (!auth::read_key_file(path, secret.seed)) {
      throw Error(ErrorCode::corrupt, "key file " + path + " vanished after it was made");
    }
  }
  return SigningKey(secret.seed);
}

const std::string& SigningKey::key_id() const { return impl_->key_id; }

std::string SigningKey::jwks() const {
  auth::JwkSet set;
  set.keys.push_back({std::string(auth::kKeyType), std::string(auth::kCurve), impl_->x,
                      impl_->key_id, std::string(auth::kKeyUse), std::string(auth::kAlgorithm)});
  return to_json(set);
}

std::string SigningKey::issue(const Identity& identity) const {
  std::string token = impl_->header + auth::encode_base64url(to_json(claims_of(identity)));
  std::string signature(crypto_sign_BYTES, '\0');
  ::crypto_sign_detached(auth::bytes_of(signature), nullptr, auth::bytes_of(token), token.size(),
                         impl_->secret.data());
  token += '.';
  token += auth::encode_base64url(signature);
  if (token.size() > kTokenBytesMax) {
    throw Error(ErrorCode::invalid, "identity is too long for a token");
  }
  return token;
}

}  // namespace ticketing
