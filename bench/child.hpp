#pragma once
// Child processes and temporary folders, for benchmarks that need real ones.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// A folder that is gone with the object. On the disk that is measured: beside the program, unless
/// BENCH_DIR names another place.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A child that is killed and reaped with the object, if it has not ended by then.
class Child {
 public:
  /// Runs `body` in a fork of this process. Requires: this process has one thread.
  explicit Child(const std::function<void()>& body);
  /// Runs a program; its output goes to /dev/null.
  explicit Child(const std::vector<std::string>& arguments);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  pid_t id() const { return id_; }

 private:
  pid_t id_ = -1;
};

/// The folder that this program stands in, with the programs it measures.
std::string program_folder();
/// A port of 127.0.0.1 that nobody listened on a moment ago.
std::uint16_t free_port();
/// `count` bytes that this process and its forks share, zeroed.
void* shared_memory(std::size_t count);

}  // namespace bench
