#pragma once
// Members: JSON objects that no described record stands for, written member by member.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "ticketing/core/json.hpp"

namespace ticketing::json {

class Members {
 public:
  /// `json` is a complete value.
  Members& add(std::string_view name, std::string_view json) {
    out_ += out_.empty() ? '{' : ',';
    append_json_string(out_, name);
    out_ += ':';
    out_ += json;
    return *this;
  }
  Members& text(std::string_view name, std::string_view value) {
    std::string json;
    append_json_string(json, value);
    return add(name, json);
  }
  Members& number(std::string_view name, std::int64_t value) {
    return add(name, std::to_string(value));
  }
  std::string done() const { return out_.empty() ? "{}" : out_ + "}"; }

 private:
  std::string out_;
};

inline std::string array_of_texts(std::span<const std::string_view> texts) {
  std::string list = "[";
  for (const std::string_view text : texts) {
    if (list.size() > 1) list += ',';
    append_json_string(list, text);
  }
  return list += ']';
}

}  // namespace ticketing::json
