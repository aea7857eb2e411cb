#include "storage/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "ticketing/core/error.hpp"

namespace ticketing::storage {

FileLock::FileLock(const std::string& path)
    : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0) {
    throw Error(ErrorCode::unavailable, "cannot write " + path + ": " + std::strerror(errno));
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor_);
    throw Error(ErrorCode::unavailable,
                path +
                    " is locked: another process serves this data folder; stop it, or choose "
                    "another with --data-dir");
  }
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace ticketing::storage
