#include "core/json_token.hpp"

#include <cstdint>
#include <cstring>

namespace ticketing::json {
namespace {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Cuts the digits off the front of `text` and returns how many there were.
std::size_t skip_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  text.remove_prefix(count);
  return count;
}

bool skip_whole_part(std::string_view& text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool zero_first = text.starts_with('0');
  const std::size_t count = skip_digits(text);
  return count == 1 || (count > 1 && !zero_first);
}

// Reads the four hex digits after `\u`, or -1.
std::int32_t take_hex(std::string_view& text) {
  if (text.size() < 4) return -1;
  std::int32_t number = 0;
  for (const char c : text.substr(0, 4)) {
    const char lower = static_cast<char>(c | 0x20);
    if (is_digit(c)) {
      number = number * 16 + (c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      number = number * 16 + (lower - 'a' + 10);
    } else {
      return -1;
    }
  }
  text.remove_prefix(4);
  return number;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
    return;
  }
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xE0 | point >> 12);
    } else {
      put(0xF0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3F));
    }
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

// Reads what follows `\u`: one code point, for which a surrogate needs its partner.
bool unescape_code_point(std::string_view& text, std::string& out) {
  const std::int32_t first = take_hex(text);
  if (first < 0 || (first >= 0xDC00 && first <= 0xDFFF)) return false;
  if (first < 0xD800 || first > 0xDBFF) {
    append_utf8(out, static_cast<std::uint32_t>(first));
    return true;
  }
  if (!text.starts_with("\\u")) return false;
  text.remove_prefix(2);
  const std::int32_t second = take_hex(text);
  if (second < 0xDC00 || second > 0xDFFF) return false;
  append_utf8(out,
              static_cast<std::uint32_t>(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)));
  return true;
}

}  // namespace

std::string_view without_trailing_blanks(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_number(std::string_view token) noexcept {
  if (!skip_whole_part(token)) return false;
  if (token.starts_with('.')) {
    token.remove_prefix(1);
    if (skip_digits(token) == 0) return false;
  }
  if (token.starts_with('e') || token.starts_with('E')) {
    token.remove_prefix(1);
    if (token.starts_with('-') || token.starts_with('+')) token.remove_prefix(1);
    if (skip_digits(token) == 0) return false;
  }
  return token.empty();
}

bool is_whole_number(std::string_view token) noexcept {
  return skip_whole_part(token) && token.empty();
}

bool is_literal(std::string_view token) noexcept {
  return token == "true" || token == "false" || token == "null";
}

bool unescape(std::string_view content, std::string& out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  out.clear();
  while (true) {
    const std::size_t plain = content.find('\\');
    out.append(content.substr(0, plain));
    if (plain == std::string_view::npos) return true;
    content.remove_prefix(plain + 1);
    if (content.empty()) return false;
    const char letter = content.front();
    content.remove_prefix(1);
    if (letter == 'u') {
      if (!unescape_code_point(content, out)) return false;
      continue;
    }
    const std::size_t index = kLetters.find(letter);
    if (index == std::string_view::npos) return false;
    out += kMeanings[index];
  }
}

std::string_view string_content(const char* start, const char* end) noexcept {
  const char* at = start;
  while (true) {
    at = static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
    if (at == nullptr) return {start, end};
    const char* back = at;
    while (back > start && back[-1] == '\\') --back;
    // An even number of backslashes escapes itself, and not the quote.
    if ((at - back) % 2 == 0) return {start, at};
    ++at;
  }
}

}  // namespace ticketing::json
