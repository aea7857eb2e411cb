#pragma once
// Process: a program started by a test, with its output at hand, that never outlives the test.
//
// Only ever signals the process that it has started itself and that it has not waited for yet. The
// kernel kills it, too, when the thread that started it ends: start processes on the test's main
// thread. One thread at a time, but for out() and err().

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ticketing::test {

struct Command {
  std::string program;
  std::vector<std::string> arguments;
  /// Added to the test's own environment, or put in place of what is there.
  std::vector<std::pair<std::string, std::string>> variables;
  /// Run as this user, where the test runs as root: root may write everywhere.
  std::optional<uid_t> user;
};

class Process {
 public:
  explicit Process(const Command& command);
  /// Kills it, unless it has ended.
  ~Process();
  Process(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  /// kill -9, and gone on return.
  void kill();
  void send_signal(int number);
  /// What it exited with, or minus the signal that ended it; nullopt: it runs on at the deadline.
  std::optional<int> wait(std::chrono::milliseconds deadline);
  /// SIGTERM, then wait().
  std::optional<int> terminate(std::chrono::milliseconds deadline);

  /// That its threads have used so far, while it runs.
  std::chrono::nanoseconds processor_time() const;

  std::string out() const;
  std::string err() const;

 private:
  pid_t pid_ = -1;
  int watch_ = -1;  ///< Readable when the process has ended.
  int out_ = -1;
  int err_ = -1;
  std::optional<int> status_;
};

/// How a program ended that was expected to end by itself.
struct Outcome {
  std::optional<int> status;
  std::string out;
  std::string err;
};
Outcome run_to_end(const Command& command,
                   std::chrono::milliseconds deadline = std::chrono::seconds{20});

/// A TCP port of the loopback that nobody listens on, and that no other test program is given while
/// this one lives. Below those that the kernel hands out for outgoing connections: a server that is
/// down for a moment finds its port free again.
std::uint16_t free_port();

}  // namespace ticketing::test
