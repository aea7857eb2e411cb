#include "client/headers.hpp"

#include <algorithm>
#include <charconv>

namespace ticketing {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

/// The value of the query parameter `name` in `url`, decoded; empty when it has none.
std::string query_value(std::string_view url, std::string_view name) {
  const auto question = url.find('?');
  if (question == std::string_view::npos) return {};
  std::string_view rest = url.substr(question + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return url_decoded(pair.substr(equals + 1));
    }
  }
  return {};
}

}  // namespace

std::optional<std::string_view> header_of(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

std::optional<std::string> session_cookie(const Response& response) {
  constexpr std::string_view kStart = "session=";
  for (const auto& [key, value] : response.headers) {
    if (same_name(key, "set-cookie") && value.starts_with(kStart)) {
      return value.substr(kStart.size(), value.find(';') - kStart.size());
    }
  }
  return std::nullopt;
}

std::optional<milliseconds> retry_after(const Response& response) {
  const auto text = header_of(response, "retry-after");
  if (!text) return std::nullopt;
  std::uint32_t seconds = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, seconds);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return std::chrono::seconds{seconds};
}

std::string next_page(const Response& response) {
  const auto link = header_of(response, "link");
  if (!link) return {};
  const auto relation = link->find("rel=\"next\"");
  const auto open = link->rfind('<', relation);  // There may be other links before and behind.
  const auto close = link->find('>', open);
  if (relation == std::string_view::npos) return {};
  if (open == std::string_view::npos || close == std::string_view::npos) return {};
  return query_value(link->substr(open + 1, close - open - 1), "after");
}

std::string url_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

std::string url_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace ticketing
