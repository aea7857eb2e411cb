#pragma once
// JSON codec for described records (core/record.hpp). Compiled once; no third-party type shows.
//
// Reading is strict: one value, nothing behind it, well-formed UTF-8, bounded depth and size, no
// duplicate field, integers without fraction, money and numbers never through floating point.
// Unknown fields are checked for being JSON and ignored. `null` for an optional field means absent.
// Functions keep a parser per thread and may be called from any thread.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/core/error.hpp"
#include "ticketing/core/record.hpp"

namespace ticketing {

struct JsonLimits {
  std::size_t bytes_max = 1 << 20;
  std::size_t depth_max = 32;
};

/// Fills the record at `object`, which must be fresh: an absent optional field is left as it is.
/// Throws Error(invalid): malformed or over-large text gives one complaint without a field (words
/// `malformed_json`, `too_large`), otherwise one complaint per bad field, 32 at most.
void read_json(RecordInfo info, void* object, std::string_view text, const JsonLimits& limits = {});
/// Appends the record at `object`; absent optionals and empty JsonTexts are left out. Fields stand
/// in their described order. Requires: well-formed UTF-8 and JsonTexts.
void append_json(std::string& out, RecordInfo info, const void* object);
/// Appends `text` as a JSON string, quotes included. Requires: well-formed UTF-8.
void append_json_string(std::string& out, std::string_view text);

template <Record T>
T from_json(std::string_view text, const JsonLimits& limits = {}) {
  T value;
  read_json(record_of<T>(), &value, text, limits);
  return value;
}

/// Reads a bare array of records.
void read_json_list(RecordInfo info, void* (*push)(void* list), void* list, std::string_view text,
                    const JsonLimits& limits);
template <Record T>
std::vector<T> list_from_json(std::string_view text, const JsonLimits& limits = {64 << 20, 32}) {
  std::vector<T> list;
  read_json_list(
      record_of<T>(),
      [](void* list_of) -> void* { return &static_cast<std::vector<T>*>(list_of)->emplace_back(); },
      &list, text, limits);
  return list;
}

template <Record T>
std::string to_json(const T& value) {
  std::string out;
  append_json(out, record_of<T>(), &value);
  return out;
}

template <Record T>
std::string list_to_json(const std::vector<T>& values) {
  std::string out = "[";
  for (const T& value : values) {
    if (out.size() > 1) out += ',';
    append_json(out, record_of<T>(), &value);
  }
  return out += ']';
}

/// The same JSON for people: in lines, but for what fits in one. Requires: `json` has no blanks
/// outside of strings, as all that is written here.
std::string indented_json(std::string_view json);

/// True when `text` is well-formed UTF-8.
bool is_utf8(std::string_view text) noexcept;

}  // namespace ticketing
