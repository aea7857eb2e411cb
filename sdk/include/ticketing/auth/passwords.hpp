#pragma once
// Password hashes: Argon2id through libsodium (RFC 9106; OWASP's minimum of 19 MiB, t = 2).
//
// hash() and verify() are slow by design (tens of milliseconds): never call them on a thread
// that serves requests or writes; a route hands them to Context::offload. Thread-safe.

#include <cstddef>
#include <string>
#include <string_view>

namespace ticketing {

struct PasswordCost {
  std::size_t memory_bytes = 19 << 20;
  unsigned passes = 2;
};

/// The encoded hash (`$argon2id$v=19$m=…`), salt and cost inside.
/// Throws Error(unavailable) when there is not memory enough.
std::string hash_password(std::string_view password, const PasswordCost& cost = {});
/// True when `password` matches. An unreadable hash is false.
bool verify_password(std::string_view password, const std::string& hash);
/// True when `hash` was made with another cost than `cost` and should be made anew at sign-in.
bool needs_rehash(const std::string& hash, const PasswordCost& cost = {});

}  // namespace ticketing
