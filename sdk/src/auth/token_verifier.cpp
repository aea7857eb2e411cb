#include <utility>

#include "ticketing/auth/tokens.hpp"

namespace ticketing {

void TokenVerifier::set_keys(KeySet keys) {
  auto fresh = std::make_shared<const KeySet>(std::move(keys));
  const std::lock_guard lock(mutex_);
  keys_ = std::move(fresh);
  verified_.clear();
}

bool TokenVerifier::has_keys() const {
  const std::lock_guard lock(mutex_);
  return keys_ && !keys_->empty();
}

std::size_t TokenVerifier::cached() const {
  const std::lock_guard lock(mutex_);
  return verified_.size();
}

void TokenVerifier::revoke_before(const std::string& user_id, Timestamp valid_from) {
  const std::lock_guard lock(mutex_);
  const auto [place, is_new] = valid_from_.try_emplace(user_id, valid_from);
  // Events may come again or late: an older one must not bring dead tokens back to life.
  if (!is_new && place->second < valid_from) place->second = valid_from;
}

std::optional<Identity> TokenVerifier::verify(std::string_view token, Timestamp now) {
  if (token.size() > kTokenBytesMax) return std::nullopt;
  std::string key(token);
  std::unique_lock lock(mutex_);
  if (const auto hit = verified_.find(key); hit != verified_.end()) {
    return current(hit->second, now);
  }
  const std::shared_ptr<const KeySet> keys = keys_;
  lock.unlock();  // Signatures are checked side by side.
  if (!keys) return std::nullopt;
  std::optional<Identity> identity = verify_token(token, *keys, now);
  if (!identity) return std::nullopt;
  lock.lock();
  // If the keys changed meanwhile, this answer may be told once but must not be kept.
  if (keys == keys_) remember(std::move(key), *identity, now);
  return current(*identity, now);
}

void TokenVerifier::remember(std::string token, const Identity& identity, Timestamp now) {
  if (verified_.size() >= kCachedMax) {
    std::erase_if(verified_, [now](const auto& entry) { return entry.second.expires_at <= now; });
    // Not only when it is still full: then every further token would search all of it again.
    if (verified_.size() > kCachedMax / 2) verified_.clear();
  }
  verified_.insert_or_assign(std::move(token), identity);
}

std::optional<Identity> TokenVerifier::current(const Identity& identity, Timestamp now) const {
  if (identity.expires_at <= now) return std::nullopt;
  const auto limit = valid_from_.find(identity.user_id);
  if (limit != valid_from_.end() && identity.issued_at < limit->second) return std::nullopt;
  return identity;
}

}  // namespace ticketing
