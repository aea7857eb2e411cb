#pragma once
// The JSON of JOSE as this SDK writes and accepts it: token header and claims, keys and key sets.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/core/record.hpp"

namespace ticketing::auth {

inline constexpr std::string_view kAlgorithm = "EdDSA";
inline constexpr std::string_view kTokenType = "JWT";
inline constexpr std::string_view kKeyType = "OKP";
inline constexpr std::string_view kCurve = "Ed25519";
inline constexpr std::string_view kKeyUse = "sig";

/// From the epoch to the year 9999, so that no arithmetic on a claim can overflow.
constexpr Rule seconds_rule() {
  Rule rule;
  rule.value_min = 0;
  rule.value_max = 253'402'300'799;
  return rule;
}
constexpr Rule milliseconds_rule() {
  Rule rule;
  rule.value_min = 0;
  rule.value_max = 253'402'300'799'999;
  return rule;
}

/// RFC 7515 section 4.
struct TokenHeader {
  std::string alg;
  std::string typ;
  std::string kid;
  std::optional<JsonText> crit;  ///< Names extensions that must be understood: none are.
  static constexpr std::array kFields{
      field<&TokenHeader::alg>("alg"),
      field<&TokenHeader::typ>("typ"),
      field<&TokenHeader::kid>("kid"),
      field<&TokenHeader::crit>("crit"),
  };
};

/// RFC 7519 section 4.1, and `itm`: the issue time in milliseconds, because revocation must tell
/// a token from its successor within the same second.
struct TokenClaims {
  std::string iss;
  std::string aud;
  std::string sub;
  std::string email;
  std::int64_t iat = 0;
  std::int64_t itm = 0;
  std::int64_t exp = 0;
  static constexpr std::array kFields{
      field<&TokenClaims::iss>("iss"),
      field<&TokenClaims::aud>("aud"),
      field<&TokenClaims::sub>("sub", Rule::text(1, SIZE_MAX)),
      field<&TokenClaims::email>("email"),
      field<&TokenClaims::iat>("iat", seconds_rule()),
      field<&TokenClaims::itm>("itm", milliseconds_rule()),
      field<&TokenClaims::exp>("exp", seconds_rule()),
  };
};

/// RFC 7517 section 4 with RFC 8037 section 2. All optional: a set may hold keys of any type.
struct Jwk {
  std::optional<std::string> kty;
  std::optional<std::string> crv;
  std::optional<std::string> x;
  std::optional<std::string> kid;
  std::optional<std::string> use;
  std::optional<std::string> alg;
  static constexpr std::array kFields{
      field<&Jwk::kty>("kty"), field<&Jwk::crv>("crv"), field<&Jwk::x>("x"),
      field<&Jwk::kid>("kid"), field<&Jwk::use>("use"), field<&Jwk::alg>("alg"),
  };
};

/// RFC 7517 section 5.
struct JwkSet {
  std::vector<Jwk> keys;
  static constexpr std::array kFields{field<&JwkSet::keys>("keys")};
};

/// What is hashed for a key's thumbprint (RFC 7638 section 3.2): these fields, in this order.
struct JwkThumbprint {
  std::string crv;
  std::string kty;
  std::string x;
  static constexpr std::array kFields{
      field<&JwkThumbprint::crv>("crv"),
      field<&JwkThumbprint::kty>("kty"),
      field<&JwkThumbprint::x>("x"),
  };
};

}  // namespace ticketing::auth
