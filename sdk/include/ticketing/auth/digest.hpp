#pragma once
// Keyed digests: BLAKE2b through libsodium. Pure: any thread.

#include <string>
#include <string_view>

#include "ticketing/core/random.hpp"

namespace ticketing {

/// 64 hex digits that nobody without `key` (1 to 64 bytes) can make or test guesses against.
std::string keyed_digest(std::string_view key, std::string_view text);

/// The 32 secret bytes kept in the file at `path`, made with mode 0600 when it is missing.
/// Throws Error(corrupt) when it is unreadable, of another form, or open to other users.
std::string load_or_create_secret(const std::string& path, Random& random);

}  // namespace ticketing
