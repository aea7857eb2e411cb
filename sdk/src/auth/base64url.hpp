#pragma once
// Base64url without padding (RFC 4648 section 5), as JOSE wants it (RFC 7515 section 2).
//
// One text per value: decoding refuses padding, blanks and stray bits, so that no second spelling
// of a token exists. Pure: any thread.

#include <optional>
#include <string>
#include <string_view>

namespace ticketing::auth {

std::string encode_base64url(std::string_view bytes);
/// nullopt unless `text` is exactly what encode_base64url() makes of the result.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace ticketing::auth
