#include "ticketing/auth/tokens.hpp"

#include <algorithm>

#include "auth/base64url.hpp"
#include "auth/jose.hpp"
#include "auth/sodium.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing {
namespace {

using std::chrono::seconds;

/// How far the issuer's clock may be ahead of ours.
constexpr seconds kClockSkewMax{60};
constexpr JsonLimits kLimits{kTokenBytesMax, 8};

struct Parts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
  std::string_view signed_text;  ///< Header and claims with the full stop between them.
};

std::optional<Parts> split(std::string_view token) {
  if (token.size() > kTokenBytesMax || std::count(token.begin(), token.end(), '.') != 2) {
    return std::nullopt;
  }
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  return Parts{token.substr(0, first), token.substr(first + 1, last - first - 1),
               token.substr(last + 1), token.substr(0, last)};
}

/// The record that `part` spells, or nullopt: why a token is refused is nobody's business.
template <Record T>
std::optional<T> read_part(std::string_view part) {
  const std::optional<std::string> json = auth::decode_base64url(part);
  if (!json) return std::nullopt;
  try {
    return from_json<T>(*json, kLimits);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// The key that `header` asks for, or nullptr when any of it is not as we issue it.
const std::string* key_for(const auth::TokenHeader& header, const KeySet& keys) {
  if (header.alg != auth::kAlgorithm || header.typ != auth::kTokenType || header.crit) {
    return nullptr;
  }
  return keys.find(header.kid);
}

bool is_signed_by(const std::string& key, const Parts& parts) {
  const std::optional<std::string> signature = auth::decode_base64url(parts.signature);
  return signature && signature->size() == crypto_sign_BYTES &&
         ::crypto_sign_verify_detached(auth::bytes_of(*signature),
                                       auth::bytes_of(parts.signed_text), parts.signed_text.size(),
                                       auth::bytes_of(key)) == 0;
}

/// What trusted `claims` say, or nullopt when they are not for us or not for now.
std::optional<Identity> identity_of(const auth::TokenClaims& claims, Timestamp now) {
  if (claims.iss != kTokenIssuer || claims.aud != kTokenAudience) return std::nullopt;
  const Timestamp issued_at{milliseconds{claims.itm}};
  const Timestamp expires_at{seconds{claims.exp}};
  // `itm` decides below; it must not say other than the `iat` that everyone else reads.
  if (std::chrono::floor<seconds>(milliseconds{claims.itm}) != seconds{claims.iat}) {
    return std::nullopt;
  }
  if (issued_at > now + kClockSkewMax || expires_at <= now) return std::nullopt;
  return Identity{claims.sub, claims.email, issued_at, expires_at};
}

}  // namespace

std::optional<Identity> verify_token(std::string_view token, const KeySet& keys, Timestamp now) {
  auth::ensure_sodium();
  const std::optional<Parts> parts = split(token);
  if (!parts) return std::nullopt;
  const auto header = read_part<auth::TokenHeader>(parts->header);
  if (!header) return std::nullopt;
  const std::string* key = key_for(*header, keys);
  if (key == nullptr || !is_signed_by(*key, *parts)) return std::nullopt;
  const auto claims = read_part<auth::TokenClaims>(parts->claims);
  if (!claims) return std::nullopt;
  return identity_of(*claims, now);
}

}  // namespace ticketing
