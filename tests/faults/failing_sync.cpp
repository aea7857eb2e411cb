// A library to preload: once the file TICKETING_FAULT_TRIGGER exists, every sync of a file whose
// name ends with TICKETING_FAULT_SUFFIX fails with EIO, and is counted by a byte in that file.

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::string path_of(int file) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t length = ::readlink(link.c_str(), path, sizeof path);
  return length < 0 ? std::string{} : std::string(path, static_cast<std::size_t>(length));
}

bool must_fail(int file) {
  const char* suffix = std::getenv("TICKETING_FAULT_SUFFIX");
  const char* trigger = std::getenv("TICKETING_FAULT_TRIGGER");
  if (suffix == nullptr || trigger == nullptr) return false;
  if (!std::string_view{path_of(file)}.ends_with(suffix)) return false;
  const int count = ::open(trigger, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (count < 0) return false;
  const bool counted = ::write(count, "x", 1) == 1;
  ::close(count);
  return counted;
}

int sync_or_fail(const char* function, int file) {
  if (must_fail(file)) {
    errno = EIO;
    return -1;
  }
  const auto next = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, function));
  return next(file);
}

}  // namespace

extern "C" int fsync(int file) { return sync_or_fail("fsync", file); }
extern "C" int fdatasync(int file) { return sync_or_fail("fdatasync", file); }
