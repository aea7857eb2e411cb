#pragma once
// FaultyVfs: an SQLite VFS that passes everything on to the system's, but for a disk that can be
// made full or made to fail its syncs. Registered for ever; one per process, faults are shared.

#include <atomic>
#include <string>

namespace ticketing::test {

class FaultyVfs {
 public:
  /// The name to open with; all is well again from here on.
  static std::string name();

  /// Bytes that the disk still takes; what is over is refused as on a full disk.
  static inline std::atomic<long long> room{1LL << 40};
  /// Syncs of files whose name ends like this fail. Empty: none does.
  static inline std::atomic<const char*> failing_sync{""};
  /// Syncs that went through.
  static inline std::atomic<int> syncs{0};
};

}  // namespace ticketing::test
