#pragma once
// Room: what a service's database file may grow in. It runs out of it, and gets it back. Two kinds:
// a small disk, where the test may mount one, and a limit on the size of the process's files.

#include <memory>
#include <string>

#include "support/marketplace.hpp"

namespace ticketing::test {

class Room {
 public:
  virtual ~Room() = default;
  /// The database file will be at `path`. Before it is there.
  virtual void prepare(const std::string& path) = 0;
  /// Leaves the process and its database hardly any more than they have.
  virtual void take(pid_t process, const std::string& path) = 0;
  virtual void give_back(pid_t process, const std::string& path) = 0;
};

/// A tmpfs of 1 MiB, or of what is stored if that is more, for each database. In a mount namespace
/// of this thread and of what it starts. Throws std::system_error where it may not be mounted.
std::unique_ptr<Room> small_disks();
/// RLIMIT_FSIZE, anywhere.
std::unique_ptr<Room> size_limits();

}  // namespace ticketing::test
