#include "support/process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <map>
#include <stdexcept>
#include <system_error>

namespace ticketing::test {

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int memory_file(const char* name) {
  const int file = ::memfd_create(name, MFD_CLOEXEC);
  if (file < 0) fail("memfd_create");
  return file;
}

std::string text_of(int file) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (true) {
    const auto at = static_cast<off_t>(text.size());
    const ssize_t count = ::pread(file, buffer.data(), buffer.size(), at);
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

std::vector<std::string> environment_with(const Command& command) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text{*entry};
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : command.variables) variables[name] = value;
  std::vector<std::string> entries;
  for (const auto& [name, value] : variables) entries.push_back(name + "=" + value);
  return entries;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Process::Process(const Command& command) : out_(memory_file("out")), err_(memory_file("err")) {
  // All memory is taken before the fork: the child of a program with threads may take none.
  std::vector<std::string> words{command.program};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> variables = environment_with(command);
  const std::vector<char*> argv = pointers_to(words);
  const std::vector<char*> envp = pointers_to(variables);
  const bool drop = command.user.has_value() && ::geteuid() == 0;
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    ::dup2(out_, STDOUT_FILENO);
    ::dup2(err_, STDERR_FILENO);
    // Opened before the user changes: the program's folder may be closed to the other user.
    const int program = ::open(argv.front(), O_PATH | O_CLOEXEC);
    if (drop && (::setgid(*command.user) != 0 || ::setuid(*command.user) != 0)) ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::fexecve(program, argv.data(), envp.data());
    ::_exit(127);
  }
  watch_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (watch_ < 0) {
    kill();
    throw std::runtime_error("pidfd_open");
  }
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      watch_(std::exchange(other.watch_, -1)),
      out_(std::exchange(other.out_, -1)),
      err_(std::exchange(other.err_, -1)),
      status_(other.status_) {}

Process::~Process() {
  kill();
  for (const int file : {watch_, out_, err_}) {
    if (file >= 0) ::close(file);
  }
}

bool Process::running() { return !wait(std::chrono::milliseconds{0}); }

void Process::send_signal(int number) {
  // Until it has been waited for, its id is nobody else's.
  if (pid_ > 0 && !status_) ::kill(pid_, number);
}

void Process::kill() {
  if (pid_ <= 0 || status_) return;
  send_signal(SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  status_ = -SIGKILL;
}

std::optional<int> Process::wait(std::chrono::milliseconds deadline) {
  if (status_ || pid_ <= 0) return status_;
  pollfd ended{watch_, POLLIN, 0};
  if (::poll(&ended, 1, static_cast<int>(deadline.count())) != 1) return std::nullopt;
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) fail("waitpid");
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return status_;
}

std::optional<int> Process::terminate(std::chrono::milliseconds deadline) {
  send_signal(SIGTERM);
  return wait(deadline);
}

std::chrono::nanoseconds Process::processor_time() const {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &used) != 0) {
    throw std::runtime_error("no processor time of process " + std::to_string(pid_));
  }
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

std::string Process::out() const { return text_of(out_); }
std::string Process::err() const { return text_of(err_); }

Outcome run_to_end(const Command& command, std::chrono::milliseconds deadline) {
  Process process{command};
  const auto status = process.wait(deadline);
  return {status, process.out(), process.err()};
}

namespace {

/// Whether no test program that runs beside this one has claimed the port; claims it if so. Between
/// looking and listening a port is free to all who look: an abstract name is not, and goes with us.
bool claim(std::uint16_t port) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string text = "ticketing-test-port-" + std::to_string(port);
  text.copy(name.sun_path + 1, text.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  const int held = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (held < 0) fail("socket");
  if (::bind(held, reinterpret_cast<sockaddr*>(&name), length) == 0) return true;
  ::close(held);
  return false;
}

bool nobody_listens(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) fail("socket");
  const bool bound = ::bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return bound;
}

}  // namespace

std::uint16_t free_port() {
  constexpr int kFirst = 10'000;
  constexpr int kCount = 10'000;  // From there on they are deploy/local's.
  // Programs of tests that run side by side start far from each other.
  static int next = (::getpid() * 61) % kCount;
  for (int tries = 0; tries < kCount; ++tries) {
    next = (next + 1) % kCount;
    const auto port = static_cast<std::uint16_t>(kFirst + next);
    if (claim(port) && nobody_listens(port)) return port;
  }
  throw std::runtime_error("no free port");
}

}  // namespace ticketing::test
