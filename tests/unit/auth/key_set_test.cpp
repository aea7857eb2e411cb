#include <gtest/gtest.h>

#include "forge.hpp"
#include "ticketing/auth/tokens.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing {
namespace {

// The public key of RFC 8037 appendix A.2, whose thumbprint is in appendix A.3.
constexpr const char* kRfcX = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

std::string jwk(const std::string& more) {
  return std::string(R"({"kty":"OKP","crv":"Ed25519","x":")") + kRfcX + '"' + more + '}';
}
KeySet set_of(const std::string& keys) { return KeySet::from_jwks(R"({"keys":[)" + keys + "]}"); }

TEST(KeySet, the_thumbprint_and_the_public_half_are_those_of_rfc_8037) {
  // The seed of appendix A.1.
  const std::string hex = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  SigningKey::Seed seed;
  sodium_hex2bin(reinterpret_cast<unsigned char*>(seed.data()), seed.size(), hex.data(), hex.size(),
                 nullptr, nullptr, nullptr);
  const SigningKey key(seed);
  EXPECT_EQ(key.key_id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  EXPECT_EQ(
      key.jwks(),
      R"({"keys":[)" + jwk(R"(,"kid":")" + key.key_id() + R"(","use":"sig","alg":"EdDSA")") + "]}");
}

TEST(KeySet, reads_back_what_a_signing_key_prints) {
  const SigningKey key(testing::seed_of(1));
  const KeySet keys = KeySet::from_jwks(key.jwks());
  EXPECT_FALSE(keys.empty());
  ASSERT_NE(keys.find(key.key_id()), nullptr);
  EXPECT_EQ(keys.find(key.key_id())->size(), 32U);
  EXPECT_EQ(keys.find("other"), nullptr);
  EXPECT_EQ(keys.find(""), nullptr);
}

TEST(KeySet, holds_several_keys) {
  const KeySet keys = set_of(jwk(R"(,"kid":"a")") + ',' + jwk(R"(,"kid":"b")"));
  EXPECT_NE(keys.find("a"), nullptr);
  EXPECT_NE(keys.find("b"), nullptr);
}

TEST(KeySet, passes_over_keys_of_other_types_and_uses) {
  for (const char* key : {
           R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"a","use":"sig","alg":"ES256"})",
           R"({"kty":"RSA","n":"AA","e":"AQAB","kid":"a"})",
           R"({"kty":"oct","k":"AA","kid":"a"})",
           R"({"kty":"OKP","crv":"X25519","x":"AA","kid":"a"})",
           R"({"kid":"a"})",
           R"({})",
       }) {
    EXPECT_TRUE(set_of(key).empty()) << key;
  }
  EXPECT_TRUE(set_of(jwk(R"(,"kid":"a","use":"enc")")).empty());
  EXPECT_TRUE(set_of(jwk(R"(,"kid":"a","alg":"ES256")")).empty());
  EXPECT_TRUE(set_of(jwk("")).empty());  // No token could name it.
}

TEST(KeySet, an_empty_set_is_a_set) { EXPECT_TRUE(set_of("").empty()); }

TEST(KeySet, text_that_is_no_key_set_is_refused) {
  for (const char* text :
       {"", "{}", "[]", "null", R"({"keys":{}})", R"({"keys":[1]})", R"({"keys":[]} x)"}) {
    EXPECT_THROW(KeySet::from_jwks(text), Error) << text;
  }
}

TEST(KeySet, a_malformed_key_of_ours_is_refused) {
  const auto with_x = [](const std::string& x) {
    return R"({"kty":"OKP","crv":"Ed25519","kid":"a")" + x + '}';
  };
  EXPECT_THROW(set_of(with_x("")), Error);
  EXPECT_THROW(set_of(with_x(R"(,"x":"")")), Error);
  EXPECT_THROW(set_of(with_x(R"(,"x":"AAAA")")), Error);
  EXPECT_THROW(set_of(with_x(std::string(R"(,"x":")") + kRfcX + "=\"")), Error);
}

TEST(KeySet, a_key_id_that_stands_twice_is_refused) {
  const std::string key = jwk(R"(,"kid":"a")");
  EXPECT_THROW(set_of(key + ',' + key), Error);
}

}  // namespace
}  // namespace ticketing
