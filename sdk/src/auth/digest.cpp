#include "ticketing/auth/digest.hpp"

#include <array>

#include "auth/key_file.hpp"
#include "auth/sodium.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing {

std::string keyed_digest(std::string_view key, std::string_view text) {
  TICKETING_ASSERT(!key.empty() && key.size() <= crypto_generichash_KEYBYTES_MAX);
  auth::ensure_sodium();
  std::array<unsigned char, crypto_generichash_BYTES> digest{};
  crypto_generichash(digest.data(), digest.size(), auth::bytes_of(text), text.size(),
                     auth::bytes_of(key), key.size());
  std::string hex(2 * digest.size() + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
  hex.pop_back();
  return hex;
}

std::string load_or_create_secret(const std::string& path, Random& random) {
  SigningKey::Seed seed{};
  if (!auth::read_key_file(path, seed)) {
    random.fill(seed);
    auth::create_key_file(path, seed);
    auth::read_key_file(path, seed);  // What another process may have put there first.
  }
  return {reinterpret_cast<const char*>(seed.data()), seed.size()};
}

}  // namespace ticketing
