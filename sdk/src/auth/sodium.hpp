#pragma once
// libsodium, made ready, with the casts it needs in one place. Any thread.

#include <sodium.h>

#include <string>
#include <string_view>

namespace ticketing::auth {

/// Makes the library ready on first use; every entry to this layer that uses a key calls it.
void ensure_sodium();

inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace ticketing::auth
