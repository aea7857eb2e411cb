#include "ticketing/auth/tokens.hpp"

#include <gtest/gtest.h>

#include "forge.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing {
namespace {

using std::chrono::seconds;
using testing::accepted;
using testing::ann;
using testing::Forgery;
using testing::kNow;
using testing::seed_of;

std::string issued() { return SigningKey(seed_of(1)).issue(ann()); }

/// `forgery` with an HMAC under `secret` for a signature.
std::string hmac_forgery(const Forgery& forgery, std::string_view secret) {
  const std::string text = forgery.text();
  std::string mac(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, testing::raw(secret), secret.size());
  crypto_auth_hmacsha256_update(&state, testing::raw(text), text.size());
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(mac.data()));
  return text + '.' + testing::base64url(mac);
}

TEST(Tokens, say_who_was_signed_in_and_when) {
  const auto identity = verify_token(issued(), testing::keys_of(1), kNow);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->user_id, "user-1");
  EXPECT_EQ(identity->email, "ann@example.com");
  EXPECT_EQ(identity->issued_at, kNow);
  // Expiry is in whole seconds, rounded up: never shorter than asked for.
  EXPECT_EQ(identity->expires_at, std::chrono::ceil<seconds>(ann().expires_at));
}

TEST(Tokens, are_spelled_as_the_contract_says) { EXPECT_EQ(issued(), Forgery{}.token()); }

TEST(Tokens, with_any_bit_flipped_are_refused) {
  const std::string token = issued();
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = token;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      EXPECT_FALSE(accepted(changed)) << "character " << i << ", bit " << bit;
    }
  }
}

TEST(Tokens, that_are_not_whole_are_refused) {
  const std::string token = issued();
  for (std::size_t size = 0; size < token.size(); ++size) {
    EXPECT_FALSE(accepted(std::string_view(token).substr(0, size))) << size;
  }
}

TEST(Tokens, of_a_foreign_algorithm_are_refused_even_when_rightly_signed) {
  for (const char* alg : {"none", "None", "", "HS256", "ES256", "RS256", "eddsa", "Ed25519"}) {
    Forgery forgery;
    forgery.alg = std::string(R"("alg":")") + alg + R"(",)";
    EXPECT_FALSE(accepted(forgery.token())) << alg;
    EXPECT_FALSE(accepted(forgery.text() + '.')) << alg;
    EXPECT_FALSE(accepted(forgery.text())) << alg;
  }
}

TEST(Tokens, with_the_public_key_as_hmac_secret_are_refused) {
  Forgery forgery;
  forgery.alg = R"("alg":"HS256",)";
  const std::string bytes = *testing::keys_of(1).find(SigningKey(seed_of(1)).key_id());
  EXPECT_FALSE(accepted(hmac_forgery(forgery, bytes)));
  EXPECT_FALSE(accepted(hmac_forgery(forgery, testing::base64url(bytes))));
  forgery.alg = Forgery{}.alg;
  EXPECT_FALSE(accepted(hmac_forgery(forgery, bytes)));
}

TEST(Tokens, without_algorithm_type_or_key_id_are_refused) {
  Forgery no_alg, no_typ, no_kid;
  no_alg.alg.clear();
  no_typ.typ.clear();
  no_kid.kid = R"("cty":"JWT")";
  EXPECT_FALSE(accepted(no_alg.token()));
  EXPECT_FALSE(accepted(no_typ.token()));
  EXPECT_FALSE(accepted(no_kid.token()));
}

TEST(Tokens, of_another_type_are_refused) {
  Forgery forgery;
  forgery.typ = R"("typ":"at+jwt",)";
  EXPECT_FALSE(accepted(forgery.token()));
}

TEST(Tokens, with_critical_extensions_are_refused) {
  Forgery forgery;
  forgery.header_more = R"(,"crit":["exp"])";
  EXPECT_FALSE(accepted(forgery.token()));
  forgery.header_more = R"(,"crit":[])";
  EXPECT_FALSE(accepted(forgery.token()));
}

TEST(Tokens, with_unknown_header_fields_are_accepted) {
  Forgery forgery;
  forgery.header_more = R"(,"cty":"x","jku":"https://evil.example/jwks.json")";
  EXPECT_TRUE(accepted(forgery.token()));
}

TEST(Tokens, that_name_a_header_field_twice_are_refused) {
  Forgery forgery;
  forgery.header_more = R"(,"alg":"EdDSA")";
  EXPECT_FALSE(accepted(forgery.token()));
}

TEST(Tokens, whose_parts_are_no_base64url_are_refused_though_they_are_signed) {
  const std::string text = Forgery{}.text();
  const std::size_t dot = text.find('.');
  EXPECT_TRUE(accepted(Forgery::signed_by(1, text)));
  EXPECT_FALSE(accepted(Forgery::signed_by(1, text.substr(0, dot) + ".%%%")));
  EXPECT_FALSE(accepted(Forgery::signed_by(1, "%%%" + text.substr(dot))));
}

TEST(Tokens, of_another_key_are_refused) {
  EXPECT_FALSE(accepted(SigningKey(seed_of(2)).issue(ann())));
  Forgery forgery;  // Says it is of our key, but is signed with another.
  forgery.seed = 2;
  EXPECT_FALSE(accepted(forgery.token()));
}

TEST(Tokens, of_another_issuer_or_for_another_audience_are_refused) {
  for (const char* iss : {R"("iss":"ticketin",)", R"("iss":"Ticketing",)", R"("iss":"",)", ""}) {
    Forgery forgery;
    forgery.iss = iss;
    EXPECT_FALSE(accepted(forgery.token())) << iss;
  }
  for (const char* aud : {R"("aud":"other",)", R"("aud":["ticketing"],)", ""}) {
    Forgery forgery;
    forgery.aud = aud;
    EXPECT_FALSE(accepted(forgery.token())) << aud;
  }
}

TEST(Tokens, without_a_user_are_refused) {
  Forgery forgery;
  forgery.who = R"("sub":"","email":"ann@example.com",)";
  EXPECT_FALSE(accepted(forgery.token()));
  forgery.who = R"("email":"ann@example.com",)";
  EXPECT_FALSE(accepted(forgery.token()));
}

TEST(Tokens, expire_to_the_millisecond) {
  const Timestamp end = std::chrono::ceil<seconds>(ann().expires_at);
  EXPECT_TRUE(accepted(issued(), end - milliseconds{1}));
  EXPECT_FALSE(accepted(issued(), end));
  EXPECT_FALSE(accepted(issued(), end + std::chrono::hours{24 * 365}));
}

TEST(Tokens, from_more_than_a_minute_ahead_are_refused) {
  EXPECT_TRUE(accepted(issued(), kNow - seconds{60}));
  EXPECT_FALSE(accepted(issued(), kNow - seconds{60} - milliseconds{1}));
}

TEST(Tokens, with_broken_times_are_refused) {
  for (const char* times : {
           R"("iat":1767225600,"itm":1767225600250)",
           R"("iat":1767225600,"exp":1767226501)",
           R"("itm":1767225600250,"exp":1767226501)",
           R"("iat":1767225601,"itm":1767225600250,"exp":1767226501)",  // iat is not of itm.
           R"("iat":1767225600,"itm":1767225600250,"exp":9223372036854775807)",
           R"("iat":-1,"itm":-1,"exp":1767226501)",
           R"("iat":1767225600,"itm":1767225600250,"exp":1767226501.5)",
           R"("iat":1767225600,"itm":1767225600250,"exp":"1767226501")",
       }) {
    Forgery forgery;
    forgery.times = times;
    EXPECT_FALSE(accepted(forgery.token())) << times;
  }
}

TEST(Tokens, of_other_than_three_parts_are_refused) {
  const std::string token = issued();
  EXPECT_FALSE(accepted(token + '.'));
  EXPECT_FALSE(accepted(token + ".e30"));
  EXPECT_FALSE(accepted('.' + token));
  EXPECT_FALSE(accepted(""));
  EXPECT_FALSE(accepted(".."));
  EXPECT_FALSE(accepted("..."));
}

TEST(Tokens, spelled_in_any_other_way_are_refused) {
  const std::string token = issued();
  EXPECT_FALSE(accepted(token + '='));
  EXPECT_FALSE(accepted(token + "=="));
  EXPECT_FALSE(accepted(token + '\n'));
  EXPECT_FALSE(accepted(' ' + token));
  EXPECT_FALSE(accepted(token + std::string(1, '\0')));
}

TEST(Tokens, with_padding_or_stray_bits_inside_what_is_signed_are_refused) {
  Forgery forgery;
  int padded = 0;
  for (int blanks = 0; blanks < 3; ++blanks, forgery.times += ' ') {
    const std::string text = forgery.text();
    EXPECT_TRUE(accepted(Forgery::signed_by(1, text)));
    const std::size_t rest = (text.size() - text.find('.') - 1) % 4;
    if (rest == 0) continue;
    ++padded;
    EXPECT_FALSE(accepted(Forgery::signed_by(1, text + std::string(4 - rest, '='))));
    // Low bits that no byte takes up: the last digit has them clear, so the next one sets one.
    std::string stray = text;
    stray.back() = static_cast<char>(stray.back() + 1);
    EXPECT_FALSE(accepted(Forgery::signed_by(1, stray)));
  }
  EXPECT_EQ(padded, 2);
}

TEST(Tokens, over_eight_kibibytes_are_refused) {
  Forgery forgery;
  const auto size_with = [&forgery](std::size_t filling) {
    forgery.header_more = R"(,"x":")" + std::string(filling, 'x') + '"';
    return forgery.token().size();
  };
  std::size_t filling = 5000;
  while (size_with(filling + 1) <= kTokenBytesMax) ++filling;
  ASSERT_LE(size_with(filling), kTokenBytesMax);
  EXPECT_TRUE(accepted(forgery.token()));
  ASSERT_GT(size_with(filling + 1), kTokenBytesMax);
  EXPECT_FALSE(accepted(forgery.token()));
}

TEST(Tokens, over_eight_kibibytes_are_not_issued) {
  Identity identity = ann();
  identity.email = std::string(kTokenBytesMax, 'a');
  EXPECT_THROW(SigningKey(seed_of(1)).issue(identity), Error);
}

TEST(Tokens, are_refused_without_keys) { EXPECT_FALSE(verify_token(issued(), {}, kNow)); }

}  // namespace
}  // namespace ticketing
