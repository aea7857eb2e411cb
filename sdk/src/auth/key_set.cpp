#include "auth/base64url.hpp"
#include "auth/jose.hpp"
#include "auth/sodium.hpp"
#include "ticketing/auth/tokens.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing {
namespace {

/// Whether `key` may verify a token of ours. Without a key id no token can name it.
bool is_ours(const auth::Jwk& key) {
  return key.kty == auth::kKeyType && key.crv == auth::kCurve && key.kid && !key.kid->empty() &&
         key.use.value_or(std::string(auth::kKeyUse)) == auth::kKeyUse &&
         key.alg.value_or(std::string(auth::kAlgorithm)) == auth::kAlgorithm;
}

std::string public_key_of(const auth::Jwk& key) {
  std::optional<std::string> bytes;
  if (key.x) bytes = auth::decode_base64url(*key.x);
  if (!bytes || bytes->size() != crypto_sign_PUBLICKEYBYTES) {
    throw Error(ErrorCode::invalid, "the key set holds an Ed25519 key that is not 32 bytes");
  }
  return *std::move(bytes);
}

}  // namespace

KeySet KeySet::from_jwks(std::string_view json) {
  KeySet set;
  for (const auth::Jwk& key : from_json<auth::JwkSet>(json).keys) {
    if (!is_ours(key)) continue;
    const auto [place, is_new] = set.keys_.try_emplace(*key.kid, public_key_of(key));
    if (!is_new) throw Error(ErrorCode::invalid, "the key set holds a key id twice");
  }
  return set;
}

const std::string* KeySet::find(std::string_view key_id) const {
  const auto place = keys_.find(std::string(key_id));
  return place == keys_.end() ? nullptr : &place->second;
}

}  // namespace ticketing
