#pragma once
// The file that keeps a signing key's seed: 64 hex digits, for its owner's eyes only.

#include <string>

#include "ticketing/auth/tokens.hpp"

namespace ticketing::auth {

/// Fills `seed` from the file at `path`; false when there is none. Into the caller's own place, so
/// that no copy is left behind.
/// Throws Error(corrupt) when it is unreadable, of another form, or open to other users.
bool read_key_file(const std::string& path, SigningKey::Seed& seed);

/// Writes `seed` to `path`, which then holds all of it or does not exist. A file that came to be
/// there in the meantime stays as it is. Throws Error(unavailable) when it cannot be written.
void create_key_file(const std::string& path, const SigningKey::Seed& seed);

}  // namespace ticketing::auth
