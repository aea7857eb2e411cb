#pragma once
// MemoryDisk: the disk of a simulated machine, as a VFS of SQLite's, with everything that can
// happen to a disk: calls that fail, no room, power that goes with writes not yet synced.
//
// A file knows what is synced and what is not. After lose_power() each write since the last sync
// is there, or not, or torn: its beginning there, garbage up to the end of that sector, the rest
// not. Bytes that were not written stay whole (SQLITE_IOCAP_POWERSAFE_OVERWRITE, as SQLite's own
// VFS promises it). A file's name is durable once the file has been synced.
//
// Each disk is a VFS with a name of its own. One thread. See www.sqlite.org/vfs.html, and
// www.sqlite.org/atomiccommit.html for what SQLite asks of a disk.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "ticketing/testing/seeded_random.hpp"

struct sqlite3_vfs;

namespace ticketing::testing {

enum class DiskCall { open, read, write, truncate, sync };
/// What comes of a call: `fail` is an I/O error, `full` (of a write) no room. Of a write, some
/// first part is there all the same.
enum class DiskFault { none, fail, full };

class MemoryDisk {
 public:
  explicit MemoryDisk(std::uint64_t seed = 1);
  ~MemoryDisk();
  MemoryDisk(const MemoryDisk&) = delete;
  MemoryDisk& operator=(const MemoryDisk&) = delete;

  /// The name to open databases with.
  const std::string& vfs_name() const { return name_; }

  /// Asked before every such call; empty: nothing fails. Deleting a file, asking for its size and
  /// what is only in memory (locks, the index of the log) always succeed.
  std::function<DiskFault(DiskCall call, std::string_view path)> on_call;

  /// Whether `path` may be deleted: a file is deleted by name, also by a process that is gone.
  std::function<bool(std::string_view path)> on_delete;

  /// The process that had the files under `prefix` open is gone: what it wrote stays, and what its
  /// open handles write from now on goes nowhere.
  void detach(std::string_view prefix);
  /// All such processes are gone for good: nobody reads again what they wrote.
  void abandon();
  /// As detach(), and what was not synced is lost in part.
  void lose_power(std::string_view prefix);

  struct File;
  using Files = std::map<std::string, std::shared_ptr<File>, std::less<>>;
  Files& files() { return files_; }
  SeededRandom& random() { return random_; }

 private:
  SeededRandom random_;
  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  Files files_;
};

}  // namespace ticketing::testing
