#include "room.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <system_error>

namespace ticketing::test {

namespace {

constexpr std::uint64_t kSmallDisk = 1ULL << 20;
constexpr std::uint64_t kLeft = 64ULL << 10;
const std::string kPlenty = "size=64m";

void check(int result, const char* what) {
  if (result != 0) throw std::system_error(errno, std::generic_category(), what);
}

class SmallDisks : public Room {
 public:
  SmallDisks() {
    check(::unshare(CLONE_NEWNS), "unshare");
    check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount --make-rprivate");
    const TempFolder trial;
    check(::mount("tmpfs", trial.path().c_str(), "tmpfs", 0, kPlenty.c_str()), "mount");
    check(::umount(trial.path().c_str()), "umount");
  }
  ~SmallDisks() override {
    for (const auto& [path, disk] : disks_) ::umount2(disk.path().c_str(), MNT_DETACH);
  }

  // SQLite follows the link, and puts its log beside the file on the disk.
  void prepare(const std::string& path) override {
    const auto [entry, is_new] = disks_.try_emplace(path);
    if (!is_new) return;
    const TempFolder& disk = entry->second;
    check(::mount("tmpfs", disk.path().c_str(), "tmpfs", 0, kPlenty.c_str()), "mount");
    std::filesystem::create_symlink(disk.file("file.db"), path);
  }
  void take(pid_t, const std::string& path) override {
    struct statvfs status {};
    check(::statvfs(disks_.at(path).path().c_str(), &status), "statvfs");
    const std::uint64_t used = (status.f_blocks - status.f_bfree) * status.f_frsize;
    resize(path, "size=" + std::to_string(std::max(kSmallDisk, used + kLeft)));
  }
  void give_back(pid_t, const std::string& path) override { resize(path, kPlenty); }

 private:
  void resize(const std::string& path, const std::string& size) {
    const std::string& disk = disks_.at(path).path();
    check(::mount("tmpfs", disk.c_str(), "tmpfs", MS_REMOUNT, size.c_str()), "mount -o remount");
  }

  std::map<std::string, TempFolder> disks_;  ///< By the database's path.
};

class SizeLimits : public Room {
 public:
  void prepare(const std::string&) override {}
  void take(pid_t process, const std::string& path) override {
    std::uint64_t largest = 0;
    for (const char* suffix : {"", "-wal", "-shm"}) {
      largest = std::max<std::uint64_t>(largest, std::filesystem::file_size(path + suffix));
    }
    limit(process, largest + kLeft);
  }
  void give_back(pid_t process, const std::string&) override { limit(process, RLIM_INFINITY); }

 private:
  static void limit(pid_t process, rlim_t size) {
    rlimit limits{};
    check(::prlimit(process, RLIMIT_FSIZE, nullptr, &limits), "prlimit");
    limits.rlim_cur = std::min(size, limits.rlim_max);
    check(::prlimit(process, RLIMIT_FSIZE, &limits, nullptr), "prlimit");
  }
};

}  // namespace

std::unique_ptr<Room> small_disks() { return std::make_unique<SmallDisks>(); }
std::unique_ptr<Room> size_limits() { return std::make_unique<SizeLimits>(); }

}  // namespace ticketing::test
