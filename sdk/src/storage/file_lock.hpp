#pragma once
// FileLock: keeps a second process away from a database file. Two writers of one SQLite file in
// WAL mode, each with its own idea of the log's head, would be a lost guarantee.

#include <string>

namespace ticketing::storage {

class FileLock {
 public:
  /// Locks `path` until destruction or the process's end, however it ends.
  /// Throws Error(unavailable) when another process holds it, or it cannot be made.
  explicit FileLock(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace ticketing::storage
