#pragma once
// The one error type of the SDK, and the table that says what follows from each code.
//
// Codes are few, and each names what the caller does next. A bug is not an Error: it is an
// assertion (see TICKETING_ASSERT), and assertions stay on in release builds.
// Everything here is a value: any thread may use it.

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ticketing {

enum class ErrorCode {
  invalid,       ///< The input is wrong: fix it, then call again.
  unauthorized,  ///< No, bad or expired credentials, or someone else's object.
  not_found,     ///< It names nothing.
  refused,       ///< The input is right, the state of things says no.
  conflict,      ///< The caller's view is old: reload, then redo.
  exhausted,     ///< A limit of the caller is used up: slow down.
  unavailable,   ///< Not now: call again later.
  corrupt,       ///< Stored or received data contradicts itself: stop.
};

/// One complaint about a request; `field` is empty unless one field is to blame.
struct FieldError {
  std::string message;
  std::string field;
  std::string code;  ///< Stable machine word, such as `required`.
};

/// What a listener does with an event whose handler threw this code.
enum class ListenerAction { retry, dead_letter, stop };

struct ErrorPolicy {
  std::string_view word;  ///< Stable machine word; the default `code` in answers.
  int http_status;
  int exit_status;  ///< Of a command-line program.
  ListenerAction action;
};

/// The single table that maps a code to what each edge of the system does with it.
const ErrorPolicy& policy_of(ErrorCode code) noexcept;

class Error : public std::runtime_error {
 public:
  /// `word` overrides the machine word of the code, as in `ticket_reserved`.
  Error(ErrorCode code, const std::string& message, std::string word = {});
  /// An `invalid` error with one complaint per bad field. Requires: `fields` is not empty.
  explicit Error(std::vector<FieldError> fields);

  ErrorCode code() const noexcept { return code_; }
  const std::string& word() const noexcept { return word_; }
  /// The complaints to show; always at least one.
  const std::vector<FieldError>& fields() const noexcept { return fields_; }

 private:
  ErrorCode code_;
  std::string word_;
  std::vector<FieldError> fields_;
};

/// Whether what was thrown is an Error with that word.
bool has_word(const std::exception_ptr& failure, std::string_view word);

/// Prints what was violated to stderr and aborts.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace ticketing

/// Checks an invariant of the program itself, in every build type.
#define TICKETING_ASSERT(expression)   \
  ((expression) ? static_cast<void>(0) \
                : ::ticketing::assertion_failed(#expression, __FILE__, __LINE__))
