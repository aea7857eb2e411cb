#pragma once
// Tokens: JWTs (RFC 7519) signed with Ed25519 (alg EdDSA, RFC 8037), and the JWKS that verifies
// them.
//
// One pinned algorithm; a token that names another, or `none`, is refused before its signature is
// looked at. Issuer, audience, type, issue time and expiry are checked; over 8 KiB is refused.
// Only the holder of a SigningKey can issue. All of it is pure but TokenVerifier, which caches
// verified tokens under a mutex. Thread-safe.

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ticketing/core/random.hpp"
#include "ticketing/core/time.hpp"

namespace ticketing {

inline constexpr std::size_t kTokenBytesMax = 8 << 10;
inline constexpr std::string_view kTokenIssuer = "ticketing";
inline constexpr std::string_view kTokenAudience = "ticketing";

/// Who is calling, as the token says.
struct Identity {
  std::string user_id;
  std::string email;
  Timestamp issued_at;  ///< Milliseconds: claim `itm`, of which `iat` is the whole seconds.
  Timestamp expires_at;
};

/// An Ed25519 key pair. Its key id is the RFC 7638 thumbprint of the public key.
class SigningKey {
 public:
  static constexpr std::size_t kSeedBytes = 32;
  using Seed = std::array<std::byte, kSeedBytes>;
  explicit SigningKey(const Seed& seed);
  ~SigningKey();
  SigningKey(SigningKey&&) noexcept;

  /// Reads the key file at `path` (64 hex digits), or makes it with mode 0600 when it is missing.
  /// Throws Error: corrupt – it is unreadable, of another form, or open to other users;
  /// unavailable – it cannot be written.
  static SigningKey load_or_create(const std::string& path, Random& random);

  const std::string& key_id() const;
  /// The public half as a JWK Set (RFC 7517).
  std::string jwks() const;
  /// A signed token for `identity`; issued_at and expires_at (rounded up to whole seconds) are
  /// taken from it. Throws Error(invalid) when the token would be over kTokenBytesMax.
  std::string issue(const Identity& identity) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Public keys by key id, read from a JWK Set. Immutable.
class KeySet {
 public:
  KeySet() = default;
  /// Throws Error(invalid). Keys of other types or uses, or without a key id, are passed over.
  static KeySet from_jwks(std::string_view json);
  bool empty() const { return keys_.empty(); }
  /// The 32 raw bytes, or nullptr.
  const std::string* find(std::string_view key_id) const;

 private:
  std::unordered_map<std::string, std::string> keys_;
};

/// Checks everything about `token` but revocation. nullopt: refused, for whatever reason. An issue
/// time of up to a minute ahead of `now` is taken for a difference of clocks.
std::optional<Identity> verify_token(std::string_view token, const KeySet& keys, Timestamp now);

/// verify_token with a cache (checking a signature costs more than all the rest of a request) and
/// revocation. The cache is bounded and keyed by the whole token.
class TokenVerifier {
 public:
  static constexpr std::size_t kCachedMax = 10'000;

  /// Takes the place of the keys so far; what they verified is verified again.
  void set_keys(KeySet keys);
  bool has_keys() const;
  /// How many tokens the cache holds: never over kCachedMax.
  std::size_t cached() const;
  /// Tokens of `user_id` issued before `valid_from` are refused from now on. Never goes back.
  void revoke_before(const std::string& user_id, Timestamp valid_from);
  /// nullopt: refused, for whatever reason; also before the first set_keys().
  std::optional<Identity> verify(std::string_view token, Timestamp now);

 private:
  /// Both require: mutex_ is held.
  void remember(std::string token, const Identity& identity, Timestamp now);
  std::optional<Identity> current(const Identity& identity, Timestamp now) const;

  mutable std::mutex mutex_;
  std::shared_ptr<const KeySet> keys_;
  std::unordered_map<std::string, Identity> verified_;
  std::unordered_map<std::string, Timestamp> valid_from_;
};

}  // namespace ticketing
