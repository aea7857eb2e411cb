// Tokens: nobody but the holder of the key makes one that counts, and one that counts says what its
// issuer meant. The first byte chooses: a token as it stands; header and claims (a line each) that
// are signed with the right key; an identity that is issued.

#include "fuzz/target.hpp"
#include "ticketing/core/json.hpp"
#include "unit/auth/forge.hpp"

namespace ticketing::fuzz {
namespace {

using testing::Forgery;
using testing::kNow;

const SigningKey& key() {
  static const SigningKey key{testing::seed_of(1)};
  return key;
}
const KeySet& keys() {
  static const KeySet keys = testing::keys_of(1);
  return keys;
}

bool same(const std::optional<Identity>& a, const std::optional<Identity>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->user_id == b->user_id && a->email == b->email && a->issued_at == b->issued_at &&
         a->expires_at == b->expires_at;
}

/// With its cache, the verifier says the same, until the user's tokens are revoked.
void check_verifier(const std::string& token, const std::optional<Identity>& expected) {
  TokenVerifier verifier;
  TICKETING_ASSERT(!verifier.verify(token, kNow));
  verifier.set_keys(keys());
  TICKETING_ASSERT(same(verifier.verify(token, kNow), expected));
  TICKETING_ASSERT(verifier.cached() == (expected ? 1 : 0));
  TICKETING_ASSERT(same(verifier.verify(token, kNow), expected));
  if (!expected) return;
  TICKETING_ASSERT(!verifier.verify(token, expected->expires_at));
  verifier.revoke_before(expected->user_id, expected->issued_at + milliseconds{1});
  TICKETING_ASSERT(!verifier.verify(token, kNow));
}

void check_accepted(const Identity& identity) {
  TICKETING_ASSERT(!identity.user_id.empty() && identity.expires_at > kNow);
  TICKETING_ASSERT(identity.issued_at <= kNow + std::chrono::minutes{1});
  // As the SDK would have issued it, unless that came out longer.
  std::string token;
  if (error_of([&] { token = key().issue(identity); })) return;
  TICKETING_ASSERT(same(verify_token(token, keys(), kNow), identity));
}

void check_foreign(std::string_view token) {
  static const std::string issued = key().issue(testing::ann());
  TICKETING_ASSERT(verify_token(token, keys(), kNow).has_value() == (token == issued));
}

void check_signed(std::string_view lines) {
  const std::string header{take_until(lines, '\n')};
  const std::string text = testing::base64url(header) + '.' + testing::base64url(lines);
  const std::string token = Forgery::signed_by(1, text);
  const auto identity = verify_token(token, keys(), kNow);
  check_verifier(token, identity);
  if (!identity) return;
  TICKETING_ASSERT(!verify_token(Forgery::signed_by(2, text), keys(), kNow));
  TICKETING_ASSERT(header.find("alg") != header.npos || header.find('\\') != header.npos);
  check_accepted(*identity);
}

void check_issued(std::string_view lines) {
  Identity identity = testing::ann();
  identity.issued_at -= milliseconds{take_byte(lines)};
  identity.expires_at += milliseconds{take_byte(lines)};
  identity.user_id = take_until(lines, '\n');
  identity.email = lines;
  if (identity.user_id.empty() || !is_utf8(identity.user_id) || !is_utf8(identity.email)) return;
  std::string token;
  if (error_of([&] { token = key().issue(identity); })) return;
  identity.expires_at = std::chrono::ceil<std::chrono::seconds>(identity.expires_at);
  TICKETING_ASSERT(same(verify_token(token, keys(), kNow), identity));
}

void check_key_set(std::string_view json) {
  const auto error = error_of([&] { KeySet::from_jwks(json); });
  TICKETING_ASSERT(!error || error->code() == ErrorCode::invalid);
}

constexpr void (*kChecks[])(std::string_view) = {&check_foreign, &check_signed, &check_issued,
                                                 &check_key_set};

}  // namespace

void check(std::string_view input) {
  const std::size_t kind = take_byte(input);
  kChecks[kind % std::size(kChecks)](input);
}

}  // namespace ticketing::fuzz
