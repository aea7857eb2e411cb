#pragma once
// If-Match (RFC 9110 section 13.1.1): the version that a caller believes a ticket to have.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tickets {

class IfMatch {
 public:
  /// Reads the header's value: `*` or quoted tags, separated by commas. No header accepts every
  /// version. Throws Error(invalid) when it is malformed.
  explicit IfMatch(std::optional<std::string_view> header);

  bool accepts(std::int64_t version) const;

 private:
  bool any_ = false;
  std::vector<std::string> tags_;  ///< Quotes included.
};

/// The ETag of a ticket at `version`.
std::string etag(std::int64_t version);

}  // namespace tickets
