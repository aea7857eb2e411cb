#pragma once
// Small pieces of HTTP syntax on text. Pure functions: any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ticketing::http {

/// ASCII only, as HTTP's names are.
bool same_ignoring_case(std::string_view a, std::string_view b) noexcept;
/// Without blanks and tabs at both ends.
std::string_view trimmed(std::string_view text) noexcept;
/// Cuts the part before `separator` off the front of `rest`, and the separator with it.
std::string_view take_until(std::string_view& rest, char separator) noexcept;

/// A field name of RFC 9110 section 5.1: one or more token characters.
bool is_token(std::string_view text) noexcept;
/// True when `list`, separated by commas, has `word` in it, whatever its case.
bool list_has(std::string_view list, std::string_view word) noexcept;

/// True for `application/json`, with parameters or without.
bool is_json_type(std::string_view content_type) noexcept;

/// `a=1&b=2` decoded, in order. A broken escape stays as it is written.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view text);

}  // namespace ticketing::http
