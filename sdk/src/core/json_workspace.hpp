#pragma once
// The parser and the padded copy of the text that a thread keeps between readings, so that a
// reading allocates nothing but what it returns. Belongs to one thread.

#include <simdjson.h>

#include <memory>
#include <string_view>

#include "core/json_seats.hpp"

namespace ticketing::json {

class Workspace {
 public:
  /// The calling thread's own.
  static Workspace& of_thread();

  /// Finds the tokens of `text`, which it copies. The document is good until the next call.
  /// Takes six times the text's size: of large ones two are read at a time, and others wait.
  /// Throws Error(invalid): over `bytes_max` (word `too_large`), or `malformed_json`.
  simdjson::ondemand::document open(std::string_view text, std::size_t bytes_max);
  /// The end of the copied text; padding that may be read follows.
  const char* end() const { return buffer_.get() + size_; }
  /// True when the text has a backslash: without one, no string needs a look inside.
  bool has_escapes() const { return has_escapes_; }
  /// Gives memory back that one large text has made this thread hold, and lets the next one in.
  void shrink() noexcept;

 private:
  void grow(std::size_t size);

  simdjson::ondemand::parser parser_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  bool has_escapes_ = false;
  std::unique_ptr<Seats::Seat> seat_;  ///< While it has a large text.
};

/// Throws Error(invalid) with the word `malformed_json`.
[[noreturn]] void malformed(const char* message = "body must be well-formed JSON");

}  // namespace ticketing::json
