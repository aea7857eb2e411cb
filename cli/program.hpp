#pragma once
// The program: finds the verb, runs it, and turns whatever goes wrong into one line and an exit
// status.

#include <string>
#include <vector>

#include "ticketing/core/error.hpp"
#include "verb.hpp"
#include "world.hpp"

namespace ticketing::cli {

/// Runs ticketctl with `words` (argv without the program's name) and returns its exit status:
/// 0 done, 1 failed, 2 usage, 3 not found, 4 not authorized, 5 refused, 6 unavailable.
int run(const std::vector<std::string>& words, World& world);

/// A command line taken apart.
struct Command {
  const Verb* verb = nullptr;      ///< nullptr: none was named.
  std::vector<std::string> words;  ///< The rest, flags from before the verb included.
};
/// Throws Error(invalid) for an unknown verb, with the one that was probably meant.
Command command_of(const std::vector<std::string>& words);

/// What to print about `error`: what is wrong and what to do next, on one line.
std::string message_of(const Error& error, const Verb* verb);

}  // namespace ticketing::cli
