#pragma once
// What a field's rule demands of its value, and the complaints when it does not get it.
// Not shared between threads: one reading owns its Complaints.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/core/error.hpp"
#include "ticketing/core/record.hpp"

namespace ticketing::json {

/// Where a value stands, as a chain on the stack: spelled out (`ticket.id`, `seats[3].row`) only
/// when there is something to complain about.
struct Path {
  static constexpr std::size_t kNoIndex = SIZE_MAX;

  const Path* parent = nullptr;
  std::string_view name = {};
  std::size_t index = kNoIndex;

  std::string to_text() const;
};

/// Collects at most one complaint per field, and at most kCountMax, so that a hostile body cannot
/// make the answer much larger than itself.
class Complaints {
 public:
  static constexpr std::size_t kCountMax = 32;

  /// Complains that the field at `path` `what`, as in `is required`, unless `rule` words it itself.
  void add(const Path& path, const Rule& rule, std::string_view code, std::string_view what);
  bool empty() const { return fields_.empty(); }
  /// Throws Error(invalid) when there is any.
  void throw_if_any();

 private:
  std::vector<FieldError> fields_;
};

/// Trims and lowers `text` as `rule` says.
void normalise(const Rule& rule, std::string& text);
void check_text(const Rule& rule, std::string_view text, const Path& path, Complaints& complaints);
/// `money`: the bounds are cents.
void check_amount(const Rule& rule, std::int64_t value, bool money, const Path& path,
                  Complaints& complaints);

/// One `@`; 1 to 64 bytes before it; a domain of two or more non-empty labels; no blanks or control
/// characters; 254 bytes at most (RFC 5321 section 4.5.3.1).
bool is_email(std::string_view text) noexcept;

}  // namespace ticketing::json
