#pragma once
// Walks JSON values token by token and checks all of it. simdjson's own skipping does not look at
// what it skips, so values that nobody wants are walked as well.
// One walk belongs to one thread.

#include <simdjson.h>

#include <string>
#include <string_view>

#include "core/json_workspace.hpp"

namespace ticketing::json {

class Walker {
 public:
  using Value = simdjson::ondemand::value;

  /// Borrows both. `depth_max`: containers that may stand inside each other.
  Walker(Workspace& workspace, simdjson::ondemand::document& document, std::size_t depth_max);

  /// The text of the scalar that `value` is, or the bracket that opens it.
  std::string_view token_of(Value& value) const;
  /// What a member's key stands for. Good until the next call of a function of this walk.
  std::string_view key_of(const char* after_quote);
  /// True when the member's key is `name`, spelled without escapes.
  bool key_is(const char* after_quote, std::string_view name) const;

  /// Checks `value` whole.
  void check(Value& value);
  /// Checks `value` whole and returns its text.
  std::string_view raw(Value& value);
  /// Takes the string `value`. The view is good until the next call of a function of this walk.
  std::string_view take_string(Value& value, std::string_view token);
  /// Takes the string `value` into `out`.
  void take_string(Value& value, std::string_view token, std::string& out);

  /// To be called around the members of a container.
  void enter();
  void leave() { --depth_; }
  /// Nothing may follow the root.
  void finish();

 private:
  std::string_view content_of(Value& value, std::string_view token) const;
  void check_object(simdjson::ondemand::object object);
  void check_array(simdjson::ondemand::array array);

  simdjson::ondemand::document& document_;
  const char* end_;
  bool has_escapes_;
  std::size_t depth_max_;
  std::size_t depth_ = 0;
  std::string scratch_;
};

/// The value of `result`, or `malformed_json`.
template <class T>
T value_or_malformed(simdjson::simdjson_result<T>&& result) {
  T value;
  if (std::move(result).get(value) != simdjson::SUCCESS) malformed();
  return value;
}

}  // namespace ticketing::json
