#include "core/json_walk.hpp"

#include <cstring>

#include "core/json_token.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::json {

using simdjson::ondemand::array;
using simdjson::ondemand::document;
using simdjson::ondemand::field;
using simdjson::ondemand::object;
using simdjson::ondemand::value;

Walker::Walker(Workspace& workspace, document& document, std::size_t depth_max)
    : document_(document),
      end_(workspace.end()),
      has_escapes_(workspace.has_escapes()),
      depth_max_(depth_max) {}

std::string_view Walker::token_of(Value& value) const {
  const std::string_view token = without_trailing_blanks(value.raw_json_token());
  if (token.empty()) malformed();
  return token;
}

std::string_view Walker::key_of(const char* after_quote) {
  const std::string_view content = string_content(after_quote, end_);
  if (!has_escapes_) return content;
  if (!unescape(content, scratch_)) malformed();
  return scratch_;
}

bool Walker::key_is(const char* after_quote, std::string_view name) const {
  const std::string_view rest{after_quote, end_};
  return rest.size() > name.size() && rest[name.size()] == '"' &&
         std::memcmp(rest.data(), name.data(), name.size()) == 0;
}

std::string_view Walker::content_of(Value& value, std::string_view token) const {
  // Takes it: left untaken, simdjson would let `"a":"b":1]` pass as one member.
  if (value.get_raw_json_string().error() != simdjson::SUCCESS) malformed();
  if (token.size() < 2 || token.back() != '"') malformed();
  return token.substr(1, token.size() - 2);
}

std::string_view Walker::take_string(Value& value, std::string_view token) {
  const std::string_view content = content_of(value, token);
  if (!has_escapes_) return content;
  if (!unescape(content, scratch_)) malformed();
  return scratch_;
}

void Walker::take_string(Value& value, std::string_view token, std::string& out) {
  const std::string_view content = content_of(value, token);
  if (!has_escapes_) {
    out.assign(content);
  } else if (!unescape(content, out)) {
    malformed();
  }
}

void Walker::enter() {
  if (++depth_ > depth_max_) malformed("body is nested too deeply");
}

void Walker::finish() {
  // This is how simdjson says that no token is left.
  if (document_.current_location().error() != simdjson::OUT_OF_BOUNDS) malformed();
}

void Walker::check(Value& value) {
  const std::string_view token = token_of(value);
  switch (token.front()) {
    case '{':
      return check_object(value_or_malformed(value.get_object()));
    case '[':
      return check_array(value_or_malformed(value.get_array()));
    case '"':
      take_string(value, token);
      return;
    default:
      if (!is_number(token) && !is_literal(token)) malformed();
  }
}

void Walker::check_object(object object) {
  enter();
  for (auto entry : object) {
    field member = value_or_malformed(std::move(entry));
    if (has_escapes_) key_of(member.key().raw());
    check(member.value());
  }
  leave();
}

void Walker::check_array(array array) {
  enter();
  for (auto entry : array) {
    value element = value_or_malformed(std::move(entry));
    check(element);
  }
  leave();
}

std::string_view Walker::raw(Value& value) {
  const std::string_view token = token_of(value);
  check(value);
  if (token.front() != '{' && token.front() != '[') return token;
  // The walk has stopped at the token that follows the closing bracket.
  const char* next = value_or_malformed(document_.current_location());
  return without_trailing_blanks({token.data(), next});
}

}  // namespace ticketing::json
