#pragma once
// Verb: one thing that ticketctl does, as the table in verbs.cpp lists it. Dispatch, parsing, help
// and suggestions all come from that table.

#include <span>
#include <string>
#include <string_view>

namespace ticketing::cli {

class Arguments;
class Invocation;

/// One flag: `--name VALUE`, with the variable TICKETING_NAME. Flag beats variable beats fallback.
struct Flag {
  std::string_view name;
  std::string_view value;  ///< What the help calls the value; empty: a switch.
  std::string_view fallback;
  std::string_view help;
  bool repeatable = false;  ///< In the variable: separated by commas.
};

struct Verb {
  std::string_view name;      ///< `sell`, or of two words: `events tail`.
  std::string_view operands;  ///< As in the usage line: `TITLE PRICE`, `[SUBJECT...]`.
  std::string_view help;      ///< One line.
  std::span<const Flag> flags;
  void (*run)(const Arguments& arguments, Invocation& invocation);
};

/// All verbs, in the order of the help.
std::span<const Verb> verbs();
/// The flags that every verb takes.
std::span<const Flag> global_flags();

/// `--password-file` → `TICKETING_PASSWORD_FILE`.
std::string variable_of(const Flag& flag);

}  // namespace ticketing::cli
