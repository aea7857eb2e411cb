#pragma once
// A file of a MemoryDisk: its bytes, which of its writes are synced, its locks and shared memory.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "testing/memory_disk.hpp"

namespace ticketing::testing {

struct MemoryDisk::File {
  /// A write or truncation that is not synced yet.
  struct Change {
    std::size_t at = 0;  ///< For a truncation, the new size.
    std::string bytes = {};
    bool truncates = false;
  };

  std::string now;     ///< As every reader sees it.
  std::string synced;  ///< As it is after the power was gone, at the least.
  std::vector<Change> unsynced;
  bool durable = false;  ///< Synced at least once.
  bool is_left = false;  ///< By a process that is gone: no power cut concerns it any more.

  // Locks of the rollback protocol, of which a database in WAL mode only holds the shared one.
  int shared = 0;
  bool reserved = false;
  bool exclusive = false;

  static constexpr int kShmSlots = 8;  // SQLITE_SHM_NLOCK
  std::vector<std::unique_ptr<char[]>> shm;
  std::array<int, kShmSlots> shm_shared{};
  std::array<bool, kShmSlots> shm_exclusive{};

  void write(std::size_t at, std::string_view bytes);
  void truncate(std::size_t size);
  void sync();
  /// What the disk may hold if the power goes now.
  std::string after_power_loss(SeededRandom& random) const;
};

}  // namespace ticketing::testing
