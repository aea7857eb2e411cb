#pragma once
// What the client reads from an answer's headers. Pure: any thread. Nothing throws but bad_alloc;
// a header that is missing or malformed is nullopt or empty.

#include <optional>
#include <string>
#include <string_view>

#include "ticketing/core/time.hpp"
#include "ticketing/http/message.hpp"

namespace ticketing {

/// The first header of that name; case does not matter.
std::optional<std::string_view> header_of(const Response& response, std::string_view name);
/// The value that the answer gives to the cookie `session`; empty when it clears it.
std::optional<std::string> session_cookie(const Response& response);
/// Retry-After in its form of whole seconds (RFC 9110 section 10.2.3).
std::optional<milliseconds> retry_after(const Response& response);
/// The value of `after` in the Link header's `rel="next"` (RFC 8288); empty on the last page.
std::string next_page(const Response& response);

/// Percent-encodes all but unreserved characters (RFC 3986 section 2.3).
std::string url_encoded(std::string_view text);
std::string url_decoded(std::string_view text);

}  // namespace ticketing
