#include "ticketing/http/router.hpp"

#include <algorithm>

#include "http/text.hpp"

namespace ticketing {
namespace {

bool is_parameter(std::string_view segment) { return segment.starts_with(':'); }

/// Literal segments come before parameters, so that `/orders/mine` wins over `/orders/:id`.
bool more_literal(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(),
      [](const std::string& x, const std::string& y) { return is_parameter(x) < is_parameter(y); });
}

bool same_shape(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return (is_parameter(x) && is_parameter(y)) || x == y;
  });
}

bool matches(const std::vector<std::string>& segments, std::string_view path) {
  for (const std::string& segment : segments) {
    if (!path.starts_with('/')) return false;
    path.remove_prefix(1);
    const std::string_view part = path.substr(0, path.find('/'));
    if (is_parameter(segment) ? part.empty() : part != segment) return false;
    path.remove_prefix(part.size());
  }
  return path.empty();
}

void fill_params(const std::vector<std::string>& segments, Request& request) {
  std::string_view rest = std::string_view{request.path}.substr(1);
  request.params.clear();
  for (const std::string& segment : segments) {
    const std::string_view part = http::take_until(rest, '/');
    if (is_parameter(segment)) request.params.emplace(segment.substr(1), part);
  }
}

}  // namespace

void Router::add(std::string method, std::string_view pattern, std::size_t route) {
  TICKETING_ASSERT(pattern.starts_with('/'));
  Entry entry{std::move(method), std::string{pattern}, {}, route};
  // The first segment comes after the first slash; `/` alone is one empty segment.
  for (std::size_t slash = 0; slash != std::string_view::npos;) {
    const std::size_t next = pattern.find('/', slash + 1);
    entry.segments.emplace_back(pattern.substr(slash + 1, next - slash - 1));
    slash = next;
  }
  for (const Entry& other : entries_) {
    TICKETING_ASSERT(other.method != entry.method || !same_shape(other.segments, entry.segments));
  }
  const auto place = std::upper_bound(
      entries_.begin(), entries_.end(), entry,
      [](const Entry& a, const Entry& b) { return more_literal(a.segments, b.segments); });
  entries_.insert(place, std::move(entry));
}

std::optional<Router::Match> Router::find(Request& request) const {
  const auto find_for = [&](std::string_view method) -> std::optional<Match> {
    for (const Entry& entry : entries_) {
      if (entry.method != method || !matches(entry.segments, request.path)) continue;
      fill_params(entry.segments, request);
      return Match{entry.route, entry.pattern};
    }
    return std::nullopt;
  };
  auto match = find_for(request.method);
  if (!match && request.method == "HEAD") match = find_for("GET");
  return match;
}

}  // namespace ticketing
