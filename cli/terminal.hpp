#pragma once
// The real terminal: a line read without echo. One thread, one prompt at a time.

#include <string>
#include <string_view>

namespace ticketing::cli {

/// Shows `prompt` on stderr and reads a line from the terminal at standard input without echo. The
/// echo comes back however this ends, Ctrl-C included. Throws Error(invalid) at end of input.
std::string ask_secret_on_terminal(std::string_view prompt);

}  // namespace ticketing::cli
