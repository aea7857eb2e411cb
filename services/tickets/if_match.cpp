#include "tickets/if_match.hpp"

#include <algorithm>

#include "ticketing/core/error.hpp"

namespace tickets {
namespace {

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool is_entity_tag(std::string_view text) {
  if (text.starts_with("W/")) text.remove_prefix(2);
  return text.size() >= 2 && text.front() == '"' && text.find('"', 1) == text.size() - 1;
}

ticketing::Error malformed() {
  return {ticketing::ErrorCode::invalid, "If-Match must be a quoted version, as in \"3\"",
          "bad_if_match"};
}

}  // namespace

IfMatch::IfMatch(std::optional<std::string_view> header) {
  any_ = !header || without_blanks(*header) == "*";
  if (any_) return;
  // A comma inside a tag is legal, but no tag of ours has one: its halves count as malformed.
  for (std::string_view rest = *header; !rest.empty();) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view tag = without_blanks(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (tag.empty()) continue;  // Empty list elements are legal.
    if (!is_entity_tag(tag)) throw malformed();
    tags_.emplace_back(tag);
  }
  if (tags_.empty()) throw malformed();
}

bool IfMatch::accepts(std::int64_t version) const {
  // Weak tags (W/"3") never match: If-Match compares strongly.
  return any_ || std::find(tags_.begin(), tags_.end(), etag(version)) != tags_.end();
}

std::string etag(std::int64_t version) { return '"' + std::to_string(version) + '"'; }

}  // namespace tickets
