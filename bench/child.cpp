#include "child.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace bench {

namespace {

pid_t fork_tied() {
  const pid_t id = ::fork();
  if (id < 0) throw std::runtime_error("cannot fork");
  if (id == 0) ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // No orphan outlives an interrupted benchmark.
  return id;
}

}  // namespace

Folder::Folder() {
  const char* base = std::getenv("BENCH_DIR");
  std::string name = (base ? std::string{base} : program_folder()) + "/bench-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;  // What is left behind is in a build folder.
  std::filesystem::remove_all(path_, ignored);
}

Child::Child(const std::function<void()>& body) : id_(fork_tied()) {
  if (id_ != 0) return;
  try {
    body();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    std::_Exit(1);
  }
  std::_Exit(0);
}

Child::Child(const std::vector<std::string>& arguments) : id_(fork_tied()) {
  if (id_ != 0) return;
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const int null = ::open("/dev/null", O_WRONLY);
  ::dup2(null, STDOUT_FILENO);
  if (std::getenv("BENCH_VERBOSE") == nullptr) ::dup2(null, STDERR_FILENO);
  ::execv(argv[0], argv.data());
  std::_Exit(127);
}

Child::~Child() {
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

std::string program_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
}

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

void* shared_memory(std::size_t count) {
  void* memory = ::mmap(nullptr, count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("cannot map shared memory");
  return memory;
}

}  // namespace bench
