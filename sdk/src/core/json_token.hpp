#pragma once
// The grammar of single JSON tokens. simdjson finds where tokens start; what stands in one is
// checked here, because its On-Demand reader checks a number or an escape only when asked for it
// as a double or a string, and money must never become a double.
// Pure functions: any thread may use them.

#include <string>
#include <string_view>

namespace ticketing::json {

/// `text` without the JSON blanks at its end.
std::string_view without_trailing_blanks(std::string_view text) noexcept;

/// True for a JSON number in any form.
bool is_number(std::string_view token) noexcept;
/// True for a JSON number without fraction and exponent.
bool is_whole_number(std::string_view token) noexcept;
/// True for `true`, `false` or `null`.
bool is_literal(std::string_view token) noexcept;

/// Replaces `out` by what the inside of a JSON string stands for. False when an escape is wrong,
/// also for a surrogate without its partner.
bool unescape(std::string_view content, std::string& out);

/// The inside of the JSON string whose opening quote is right before `start`. Requires: it ends
/// before `end`.
std::string_view string_content(const char* start, const char* end) noexcept;

}  // namespace ticketing::json
