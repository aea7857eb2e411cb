#include "terminal.hpp"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "arguments.hpp"

namespace ticketing::cli {
namespace {

// A signal handler can reach nothing but globals.
termios g_with_echo;

extern "C" void restore_echo_and_die(int signal_number) {
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &g_with_echo);
  ::signal(signal_number, SIG_DFL);
  ::raise(signal_number);
}

/// While it lives, what is typed does not show.
class EchoOff {
 public:
  EchoOff() {
    if (::tcgetattr(STDIN_FILENO, &g_with_echo) != 0) {
      throw usage_error("cannot prompt here; pass --password-stdin or --password-file");
    }
    interrupt_ = ::signal(SIGINT, &restore_echo_and_die);
    terminate_ = ::signal(SIGTERM, &restore_echo_and_die);
    termios silent = g_with_echo;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~EchoOff() {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &g_with_echo);
    ::signal(SIGINT, interrupt_);
    ::signal(SIGTERM, terminate_);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  using Handler = void (*)(int);
  Handler interrupt_ = SIG_DFL;
  Handler terminate_ = SIG_DFL;
};

}  // namespace

std::string ask_secret_on_terminal(std::string_view prompt) {
  const EchoOff echo_off;
  std::cerr << prompt << std::flush;
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  std::cerr << '\n';
  if (!read) throw usage_error("no password was typed");
  return line;
}

}  // namespace ticketing::cli
