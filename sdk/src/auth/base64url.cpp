#include "auth/base64url.hpp"

#include "auth/sodium.hpp"

namespace ticketing::auth {

constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

std::string encode_base64url(std::string_view bytes) {
  // The length counts a final NUL, which libsodium insists on writing.
  std::string text(::sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  ::sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), kVariant);
  text.pop_back();
  return text;
}

std::optional<std::string> decode_base64url(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  if (::sodium_base642bin(bytes_of(bytes), bytes.size(), text.data(), text.size(), nullptr, &size,
                          nullptr, kVariant) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  // libsodium (1.0.18) reads some bytes over 127 as if they were digits: only a comparison tells.
  if (encode_base64url(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace ticketing::auth
