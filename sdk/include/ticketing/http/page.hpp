#pragma once
// Pages of a list: reads `limit` and `after`, and answers with a bare array and a `Link` header
// (RFC 8288) to the next page. Pure: any thread. Throws Error(invalid) for a bad parameter.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/core/json.hpp"
#include "ticketing/http/message.hpp"

namespace ticketing {

struct PageQuery {
  static constexpr std::int64_t kLimitDefault = 100;
  static constexpr std::int64_t kLimitMax = 1000;

  std::int64_t limit = kLimitDefault;
  std::optional<std::string> after;  ///< The id of the last element of the page before.

  /// What a service asks its table for: one more than is shown tells whether more follow.
  std::int64_t fetch_count() const { return limit + 1; }
};

/// The complaint about one query parameter.
inline Error bad_parameter(std::string_view name, std::string message) {
  return Error{std::vector<FieldError>{{std::move(message), std::string{name}, "invalid"}}};
}

inline PageQuery read_page(const Request& request) {
  PageQuery page;
  if (const auto text = request.query_value("limit")) {
    const auto [end, failure] =
        std::from_chars(text->data(), text->data() + text->size(), page.limit);
    const bool whole = failure == std::errc{} && end == text->data() + text->size();
    if (!whole || page.limit < 1 || page.limit > PageQuery::kLimitMax) {
      throw bad_parameter("limit", "limit must be between 1 and 1000");
    }
  }
  if (const auto text = request.query_value("after")) page.after = std::string{*text};
  return page;
}

/// Where the page begins: behind 0, or behind the element that `after` names. `place_of(id)` yields
/// an element's place in the list's order, or nullopt.
template <class PlaceOf>
std::int64_t page_start(const PageQuery& page, PlaceOf place_of) {
  if (!page.after) return 0;
  const std::optional<std::int64_t> place = place_of(*page.after);
  if (!place) throw bad_parameter("after", "after must be the id of an element of this list");
  return *place;
}

/// Percent-encodes all but RFC 3986's unreserved characters.
inline std::string url_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

/// `found` as a bare array, cut to the page's limit; with a link to what follows `found`, if any.
/// Requires: `found` was fetched with PageQuery::fetch_count(), and its records have an `id`.
template <Record T>
Response page_response(const Request& request, const PageQuery& page, std::vector<T> found) {
  const auto limit = static_cast<std::size_t>(page.limit);
  const bool more = found.size() > limit;
  if (more) found.resize(limit);
  Response response = Response::json(200, list_to_json(found));
  if (!more) return response;
  std::string next = request.path + "?limit=" + std::to_string(page.limit) +
                     "&after=" + url_encoded(found.back().id);
  for (const auto& [name, value] : request.query) {
    if (name == "limit" || name == "after") continue;
    next += '&' + url_encoded(name) + '=' + url_encoded(value);
  }
  return response.with("Link", '<' + next + ">; rel=\"next\"");
}

}  // namespace ticketing
