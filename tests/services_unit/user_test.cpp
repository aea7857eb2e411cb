#include "auth/user.hpp"

#include <gtest/gtest.h>

#include "refusal.hpp"
#include "ticketing/core/json.hpp"

namespace auth {
namespace {

constexpr Timestamp kNow{milliseconds{5'000}};
constexpr milliseconds kMs{1};

Identity token_of(Timestamp issued_at) {
  return {"u1", "a@b.example", issued_at, issued_at + std::chrono::hours{1}};
}

TEST(User, a_new_user_has_version_0_and_no_revocation) {
  const User user = sign_up("u1", "a@b.example", "hash");
  EXPECT_EQ(to_json(user.fact), R"({"id":"u1","version":0,"email":"a@b.example"})");
  EXPECT_TRUE(accepts(user, token_of(Timestamp{})));
}

TEST(User, signing_out_revokes_the_token_and_every_older_one) {
  const User user = sign_out(sign_up("u1", "a@b.example", "hash"), token_of(kNow), kNow);
  EXPECT_EQ(user.fact.version, 1);
  EXPECT_EQ(user.fact.tokens_valid_from, kNow + kMs);
  EXPECT_FALSE(accepts(user, token_of(kNow)));
  EXPECT_FALSE(accepts(user, token_of(kNow - kMs)));
  EXPECT_TRUE(accepts(user, token_of(kNow + kMs)));
}

TEST(User, a_token_from_a_clock_that_is_ahead_is_revoked_too) {
  const Timestamp ahead = kNow + std::chrono::seconds{30};
  const User user = sign_out(sign_up("u1", "a@b.example", "hash"), token_of(ahead), kNow);
  EXPECT_FALSE(accepts(user, token_of(ahead)));
}

TEST(User, revocation_never_goes_back_when_the_clock_does) {
  const User first = sign_out(sign_up("u1", "a@b.example", "hash"), token_of(kNow), kNow);
  const User second = sign_out(first, token_of(Timestamp{}), Timestamp{});
  EXPECT_EQ(second.fact.version, 2);
  EXPECT_GT(*second.fact.tokens_valid_from, *first.fact.tokens_valid_from);
}

TEST(User, a_fresh_token_counts_right_after_a_sign_out_in_the_same_millisecond) {
  const User user = sign_out(sign_up("u1", "a@b.example", "hash"), token_of(kNow), kNow);
  const Identity fresh = identity_of(user, std::chrono::hours{1}, kNow);
  EXPECT_TRUE(accepts(user, fresh));
  EXPECT_EQ(fresh.issued_at, kNow + kMs);
  EXPECT_EQ(fresh.expires_at - fresh.issued_at, std::chrono::hours{1});
}

TEST(User, a_new_password_replaces_the_hash_and_revokes_like_a_sign_out) {
  const User user =
      change_password(sign_up("u1", "a@b.example", "hash"), "other", token_of(kNow), kNow);
  EXPECT_EQ(user.password_hash, "other");
  EXPECT_EQ(user.fact.version, 1);
  EXPECT_FALSE(accepts(user, token_of(kNow)));
}

TEST(User, emails_are_trimmed_and_lowered_and_passwords_are_not) {
  const auto body = from_json<SignUp>(R"({"email":" A@B.Example ","password":" Pass word "})");
  EXPECT_EQ(body.email, "a@b.example");
  EXPECT_EQ(body.password, " Pass word ");
}

TEST(User, passwords_have_8_to_128_characters) {
  const auto sign_up_with = [](const std::string& password) {
    return services_unit::refusal(
        [&] { from_json<SignUp>(R"({"email":"a@b.example","password":")" + password + "\"}"); });
  };
  EXPECT_NE(sign_up_with(std::string(7, 'x')), "none");
  EXPECT_EQ(sign_up_with(std::string(8, 'x')), "none");
  EXPECT_EQ(sign_up_with(std::string(128, 'x')), "none");
  EXPECT_NE(sign_up_with(std::string(129, 'x')), "none");
}

}  // namespace
}  // namespace auth
