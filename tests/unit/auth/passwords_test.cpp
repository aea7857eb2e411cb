#include "ticketing/auth/passwords.hpp"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

constexpr PasswordCost kCheap{1 << 20, 1};

TEST(Passwords, the_right_password_matches_its_hash) {
  EXPECT_TRUE(verify_password("correct horse", hash_password("correct horse", kCheap)));
}

TEST(Passwords, any_other_password_does_not_match) {
  const std::string hash = hash_password("correct horse", kCheap);
  EXPECT_FALSE(verify_password("correct horsf", hash));
  EXPECT_FALSE(verify_password("correct horse ", hash));
  EXPECT_FALSE(verify_password("Correct horse", hash));
  EXPECT_FALSE(verify_password("", hash));
}

TEST(Passwords, a_nul_inside_a_password_counts) {
  using std::string_literals::operator""s;
  const std::string hash = hash_password("secret\0one"s, kCheap);
  EXPECT_TRUE(verify_password("secret\0one"s, hash));
  EXPECT_FALSE(verify_password("secret\0two"s, hash));
  EXPECT_FALSE(verify_password("secret", hash));
}

TEST(Passwords, equal_passwords_have_different_hashes) {
  EXPECT_NE(hash_password("correct horse", kCheap), hash_password("correct horse", kCheap));
}

TEST(Passwords, the_standard_cost_is_argon2id_with_19_mib_and_two_passes) {
  EXPECT_TRUE(hash_password("correct horse").starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

TEST(Passwords, an_unreadable_hash_matches_nothing) {
  const std::string hash = hash_password("correct horse", kCheap);
  EXPECT_FALSE(verify_password("correct horse", ""));
  EXPECT_FALSE(verify_password("correct horse", "correct horse"));
  EXPECT_FALSE(verify_password("correct horse", hash.substr(0, hash.size() - 1)));
  EXPECT_FALSE(verify_password("correct horse", hash + std::string(200, 'A')));
  EXPECT_FALSE(verify_password("correct horse", "$argon2i" + hash.substr(9)));
}

TEST(Passwords, a_changed_hash_matches_nothing) {
  const std::string hash = hash_password("correct horse", kCheap);
  for (std::size_t i = hash.rfind('$') + 1; i + 1 < hash.size(); ++i) {
    std::string changed = hash;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verify_password("correct horse", changed)) << i;
  }
}

TEST(Passwords, a_hash_is_made_anew_only_when_its_cost_is_another) {
  const std::string hash = hash_password("correct horse", kCheap);
  EXPECT_FALSE(needs_rehash(hash, kCheap));
  EXPECT_TRUE(needs_rehash(hash, {2 << 20, 1}));
  EXPECT_TRUE(needs_rehash(hash, {1 << 20, 2}));
  EXPECT_TRUE(needs_rehash(hash));
}

TEST(Passwords, an_unreadable_hash_is_made_anew) {
  EXPECT_TRUE(needs_rehash("", kCheap));
  EXPECT_TRUE(needs_rehash("garbage", kCheap));
  EXPECT_TRUE(needs_rehash(std::string(200, 'A'), kCheap));
}

}  // namespace
}  // namespace ticketing
