#pragma once
// Arguments: the words of one command line, merged with the environment, by name.
//
// Parsing throws Error(invalid, word `usage`) with one line that says what to write instead; the
// readers throw it too when a value is not of the kind that is asked for. Immutable after parsing.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/core/error.hpp"
#include "ticketing/core/time.hpp"
#include "verb.hpp"
#include "world.hpp"

namespace ticketing::cli {

/// The error for a command line that cannot be understood: exit status 2.
Error usage_error(const std::string& message);
bool is_usage_error(const Error& error);

class Arguments {
 public:
  /// Reads `words`, which stand after the verb's name, as `verb` and the global flags describe.
  static Arguments parse(const Verb& verb, const std::vector<std::string>& words,
                         const Variables& variable);

  /// A flag's or an operand's value (operands by their name in the usage line); empty when absent.
  std::string text(std::string_view name) const;
  std::optional<std::string> optional_text(std::string_view name) const;
  std::vector<std::string> list(std::string_view name) const;
  bool is_set(std::string_view name) const;  ///< Of a switch.
  /// Whether the flag is on the command line or in the environment: not a fallback.
  bool is_given(std::string_view name) const { return given_.contains(name); }
  /// Whether its value can be seen by others.
  bool is_on_command_line(std::string_view name) const { return written_.contains(name); }
  /// A whole number from `min` up.
  std::optional<std::int64_t> number(std::string_view name, std::int64_t min) const;
  std::optional<milliseconds> duration(std::string_view name) const;

  bool wants_help() const { return wants_help_; }
  bool wants_version() const { return wants_version_; }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::set<std::string, std::less<>> given_;
  std::set<std::string, std::less<>> written_;  ///< Of these, on the command line.
  bool wants_help_ = false;
  bool wants_version_ = false;
};

/// One operand of a usage line.
struct Operand {
  std::string name;
  bool optional = false;
  bool repeatable = false;
};
std::vector<Operand> operands_of(const Verb& verb);

}  // namespace ticketing::cli
