#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "forge.hpp"
#include "ticketing/auth/tokens.hpp"

namespace ticketing {
namespace {

using testing::ann;
using testing::keys_of;
using testing::kNow;
using testing::seed_of;

class TokenVerifierTest : public ::testing::Test {
 protected:
  TokenVerifierTest() { verifier_.set_keys(keys_of(1)); }
  bool accepts(const std::string& token, Timestamp now = kNow) {
    return verifier_.verify(token, now).has_value();
  }

  /// Has `count` tokens of different users verified.
  void fill(std::size_t count, Timestamp expires_at) {
    for (std::size_t i = 0; i < count; ++i) {
      const Identity identity{"user-" + std::to_string(++users_), "x@example.com", kNow,
                              expires_at};
      ASSERT_TRUE(accepts(key_.issue(identity)));
    }
  }

  SigningKey key_{seed_of(1)};
  TokenVerifier verifier_;
  std::size_t users_ = 1;
};

TEST_F(TokenVerifierTest, answers_the_same_from_the_cache) {
  const std::string token = key_.issue(ann());
  const auto first = verifier_.verify(token, kNow);
  const auto second = verifier_.verify(token, kNow);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->user_id, second->user_id);
  EXPECT_EQ(first->issued_at, second->issued_at);
  EXPECT_EQ(first->expires_at, second->expires_at);
}

TEST_F(TokenVerifierTest, a_cached_token_still_expires) {
  const std::string token = key_.issue(ann());
  EXPECT_TRUE(accepts(token));
  EXPECT_FALSE(accepts(token, kNow + std::chrono::minutes{16}));
}

TEST_F(TokenVerifierTest, a_changed_token_is_refused_though_the_right_one_is_cached) {
  std::string token = key_.issue(ann());
  EXPECT_TRUE(accepts(token));
  token.back() = token.back() == 'A' ? 'Q' : 'A';
  EXPECT_FALSE(accepts(token));
}

TEST_F(TokenVerifierTest, revocation_ends_cached_and_unseen_tokens) {
  const std::string seen = key_.issue(ann());
  Identity other = ann();
  other.email = "second@example.com";
  const std::string unseen = key_.issue(other);
  EXPECT_TRUE(accepts(seen));
  verifier_.revoke_before("user-1", kNow + milliseconds{1});
  EXPECT_FALSE(accepts(seen));
  EXPECT_FALSE(accepts(unseen));
}

TEST_F(TokenVerifierTest, a_token_of_the_very_moment_of_revocation_is_good) {
  verifier_.revoke_before("user-1", kNow);
  EXPECT_TRUE(accepts(key_.issue(ann())));
}

TEST_F(TokenVerifierTest, revocation_tells_tokens_of_the_same_second_apart) {
  Identity later = ann();
  later.issued_at += milliseconds{1};
  verifier_.revoke_before("user-1", later.issued_at);
  EXPECT_FALSE(accepts(key_.issue(ann())));
  EXPECT_TRUE(accepts(key_.issue(later)));
}

TEST_F(TokenVerifierTest, revocation_never_goes_back) {
  verifier_.revoke_before("user-1", kNow + milliseconds{1});
  verifier_.revoke_before("user-1", kNow - milliseconds{1});
  EXPECT_FALSE(accepts(key_.issue(ann())));
}

TEST_F(TokenVerifierTest, revocation_is_of_one_user) {
  verifier_.revoke_before("user-2", kNow + milliseconds{1});
  EXPECT_TRUE(accepts(key_.issue(ann())));
}

TEST_F(TokenVerifierTest, new_keys_end_the_tokens_of_the_old_ones) {
  const std::string token = key_.issue(ann());
  EXPECT_TRUE(accepts(token));
  verifier_.set_keys(keys_of(2));
  EXPECT_FALSE(accepts(token));
  EXPECT_TRUE(accepts(SigningKey(seed_of(2)).issue(ann())));
}

TEST_F(TokenVerifierTest, revocation_outlives_new_keys) {
  verifier_.revoke_before("user-1", kNow + milliseconds{1});
  verifier_.set_keys(keys_of(1));
  EXPECT_FALSE(accepts(key_.issue(ann())));
}

TEST_F(TokenVerifierTest, an_oversized_token_is_refused) {
  EXPECT_FALSE(accepts(std::string(kTokenBytesMax + 1, 'a')));
}

TEST_F(TokenVerifierTest, new_keys_and_refused_tokens_leave_the_cache_empty) {
  const std::string token = key_.issue(ann());
  EXPECT_FALSE(accepts(token + 'x'));
  EXPECT_EQ(verifier_.cached(), 0U);
  EXPECT_TRUE(accepts(token));
  EXPECT_EQ(verifier_.cached(), 1U);
  verifier_.set_keys(keys_of(1));
  EXPECT_EQ(verifier_.cached(), 0U);
}

TEST_F(TokenVerifierTest, a_full_cache_starts_again_and_refuses_nobody) {
  fill(TokenVerifier::kCachedMax, ann().expires_at);
  EXPECT_EQ(verifier_.cached(), TokenVerifier::kCachedMax);
  EXPECT_TRUE(accepts(key_.issue(ann())));
  EXPECT_EQ(verifier_.cached(), 1U);
}

TEST_F(TokenVerifierTest, a_full_cache_drops_what_has_expired_first) {
  constexpr std::size_t kLive = 100;
  fill(kLive, ann().expires_at);
  fill(TokenVerifier::kCachedMax - kLive, kNow + std::chrono::minutes{1});
  EXPECT_TRUE(accepts(key_.issue(ann()), kNow + std::chrono::minutes{2}));
  EXPECT_EQ(verifier_.cached(), kLive + 1);
}

TEST(TokenVerifier, without_keys_refuses_and_says_so) {
  TokenVerifier verifier;
  EXPECT_FALSE(verifier.has_keys());
  EXPECT_FALSE(verifier.verify(SigningKey(seed_of(1)).issue(ann()), kNow));
  verifier.set_keys({});
  EXPECT_FALSE(verifier.has_keys());
  verifier.set_keys(keys_of(1));
  EXPECT_TRUE(verifier.has_keys());
}

TEST_F(TokenVerifierTest, may_be_used_by_many_threads_while_keys_and_revocations_arrive) {
  const std::string ours = key_.issue(ann());
  Identity bob = ann();
  bob.user_id = "bob";
  const std::string bobs = key_.issue(bob);
  verifier_.revoke_before("bob", kNow + milliseconds{1});
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        wrong += accepts(ours) ? 0 : 1;
        wrong += accepts(bobs) ? 1 : 0;
      }
    });
  }
  threads.emplace_back([&] {
    for (int round = 0; round < 50; ++round) {
      verifier_.set_keys(keys_of(1));
      verifier_.revoke_before("user-" + std::to_string(round + 2), kNow);
      wrong += verifier_.has_keys() ? 0 : 1;
    }
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace ticketing
