// ticketctl: the command-line client. Here the real world is handed to the program.

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "program.hpp"
#include "terminal.hpp"

namespace {

std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

}  // namespace

int main(int argc, char** argv) {
  // A closed pipe shall be an error of the write, not a silent death in the middle of a request.
  std::signal(SIGPIPE, SIG_IGN);
  ticketing::cli::World world{
      .in = std::cin,
      .out = std::cout,
      .err = std::cerr,
      .in_is_terminal = ::isatty(STDIN_FILENO) != 0,
      .out_is_terminal = ::isatty(STDOUT_FILENO) != 0,
      .err_is_terminal = ::isatty(STDERR_FILENO) != 0,
      .variable = &environment_variable,
      .ask_secret = &ticketing::cli::ask_secret_on_terminal,
      .follow = &ticketing::cli::follow_publishers,
  };
  return ticketing::cli::run({argv + 1, argv + argc}, world);
}
