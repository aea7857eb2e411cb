#include "testing/memory_disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "testing/memory_disk_file.hpp"

namespace ticketing::testing {

namespace {

/// What SQLite allocates for each open file; zeroed before open() is called.
struct Handle {
  sqlite3_file base;
  MemoryDisk* disk;
  std::shared_ptr<MemoryDisk::File>* file;  ///< Owned.
  const char* path;                         ///< Kept by SQLite for as long as the file is open.
  int level;
  unsigned shm_shared;     ///< Bit by slot.
  unsigned shm_exclusive;  ///< Bit by slot.
};

Handle& own(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
MemoryDisk::File& file_of(sqlite3_file* file) { return **own(file).file; }

DiskFault fault_of(sqlite3_file* file, DiskCall call) {
  const Handle& handle = own(file);
  if (!handle.disk->on_call) return DiskFault::none;
  return handle.disk->on_call(call, handle.path == nullptr ? "" : handle.path);
}

int close(sqlite3_file* file) {
  Handle& handle = own(file);
  MemoryDisk::File& inode = **handle.file;
  if (handle.level >= SQLITE_LOCK_SHARED) --inode.shared;
  if (handle.level >= SQLITE_LOCK_RESERVED) inode.reserved = false;
  if (handle.level >= SQLITE_LOCK_EXCLUSIVE) inode.exclusive = false;
  delete handle.file;
  return SQLITE_OK;
}

int read(sqlite3_file* file, void* to, int count, sqlite3_int64 at) {
  if (fault_of(file, DiskCall::read) != DiskFault::none) return SQLITE_IOERR_READ;
  const std::string& bytes = file_of(file).now;
  const auto wanted = static_cast<std::size_t>(count);
  const auto start = std::min(static_cast<std::size_t>(at), bytes.size());
  const std::size_t there = std::min(wanted, bytes.size() - start);
  std::memcpy(to, bytes.data() + start, there);
  if (there == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + there, 0, wanted - there);
  return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
  const DiskFault fault = fault_of(file, DiskCall::write);
  auto length = static_cast<std::size_t>(count);
  if (fault != DiskFault::none) length = own(file).disk->random().below(length);
  file_of(file).write(static_cast<std::size_t>(at), {static_cast<const char*>(bytes), length});
  if (fault == DiskFault::full) return SQLITE_FULL;
  return fault == DiskFault::fail ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (fault_of(file, DiskCall::truncate) != DiskFault::none) return SQLITE_IOERR_TRUNCATE;
  file_of(file).truncate(static_cast<std::size_t>(size));
  return SQLITE_OK;
}

int sync(sqlite3_file* file, int) {
  if (fault_of(file, DiskCall::sync) != DiskFault::none) return SQLITE_IOERR_FSYNC;
  file_of(file).sync();
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(file_of(file).now.size());
  return SQLITE_OK;
}

int lock(sqlite3_file* file, int level) {
  Handle& handle = own(file);
  MemoryDisk::File& inode = **handle.file;
  if (handle.level >= level) return SQLITE_OK;
  const bool ours = handle.level >= SQLITE_LOCK_SHARED;
  if (level == SQLITE_LOCK_SHARED) {
    if (inode.exclusive) return SQLITE_BUSY;
    ++inode.shared;
  } else if (level == SQLITE_LOCK_RESERVED) {
    if (inode.reserved) return SQLITE_BUSY;
    inode.reserved = true;
  } else {
    if (inode.shared > (ours ? 1 : 0)) return SQLITE_BUSY;
    inode.exclusive = true;
  }
  handle.level = level;
  return SQLITE_OK;
}

int unlock(sqlite3_file* file, int level) {
  Handle& handle = own(file);
  MemoryDisk::File& inode = **handle.file;
  if (handle.level <= level) return SQLITE_OK;
  if (handle.level >= SQLITE_LOCK_EXCLUSIVE) inode.exclusive = false;
  if (handle.level >= SQLITE_LOCK_RESERVED) inode.reserved = false;
  if (level == SQLITE_LOCK_NONE) --inode.shared;
  handle.level = level;
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* file, int* is_reserved) {
  *is_reserved = file_of(file).reserved ? 1 : 0;
  return SQLITE_OK;
}

int shm_map(sqlite3_file* file, int region, int bytes, int extend, void volatile** at) {
  auto& shm = file_of(file).shm;
  const auto index = static_cast<std::size_t>(region);
  *at = nullptr;
  while (shm.size() <= index) {
    if (extend == 0) return SQLITE_OK;
    shm.push_back(std::make_unique<char[]>(static_cast<std::size_t>(bytes)));
  }
  *at = shm[index].get();
  return SQLITE_OK;
}

int shm_lock_slot(Handle& handle, MemoryDisk::File& inode, unsigned slot, int flags) {
  const unsigned bit = 1U << slot;
  const bool shared = (flags & SQLITE_SHM_SHARED) != 0;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    if (shared && (handle.shm_shared & bit) != 0) --inode.shm_shared[slot];
    if (!shared && (handle.shm_exclusive & bit) != 0) inode.shm_exclusive[slot] = false;
    (shared ? handle.shm_shared : handle.shm_exclusive) &= ~bit;
    return SQLITE_OK;
  }
  if (inode.shm_exclusive[slot] && (handle.shm_exclusive & bit) == 0) return SQLITE_BUSY;
  const int others = inode.shm_shared[slot] - ((handle.shm_shared & bit) != 0 ? 1 : 0);
  if (!shared && others > 0) return SQLITE_BUSY;
  if (shared && (handle.shm_shared & bit) == 0) ++inode.shm_shared[slot];
  if (!shared) inode.shm_exclusive[slot] = true;
  (shared ? handle.shm_shared : handle.shm_exclusive) |= bit;
  return SQLITE_OK;
}

int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  Handle& handle = own(file);
  for (int i = 0; i < count; ++i) {
    const int code = shm_lock_slot(handle, **handle.file, static_cast<unsigned>(offset + i), flags);
    if (code == SQLITE_OK) continue;
    const int undo = (flags & ~SQLITE_SHM_LOCK) | SQLITE_SHM_UNLOCK;
    while (i-- > 0) shm_lock_slot(handle, **handle.file, static_cast<unsigned>(offset + i), undo);
    return code;
  }
  return SQLITE_OK;
}

int shm_unmap(sqlite3_file* file, int remove) {
  if (remove != 0) file_of(file).shm.clear();
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods{
    .iVersion = 2,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; },
    .xSectorSize = [](sqlite3_file*) { return 4096; },
    .xDeviceCharacteristics = [](sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; },
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = [](sqlite3_file*) {},
    .xShmUnmap = shm_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

MemoryDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<MemoryDisk*>(vfs->pAppData); }

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* flags_out) {
  MemoryDisk& disk = disk_of(vfs);
  Handle& handle = own(file);
  handle.base.pMethods = nullptr;
  if (path != nullptr && disk.on_call && disk.on_call(DiskCall::open, path) != DiskFault::none) {
    return SQLITE_CANTOPEN;
  }
  std::shared_ptr<MemoryDisk::File> inode;
  if (path == nullptr) {
    inode = std::make_shared<MemoryDisk::File>();  // A temporary file.
  } else if (const auto found = disk.files().find(path); found != disk.files().end()) {
    inode = found->second;
  } else if ((flags & SQLITE_OPEN_CREATE) != 0) {
    inode = disk.files()[path] = std::make_shared<MemoryDisk::File>();
  } else {
    return SQLITE_CANTOPEN;
  }
  handle = {{&kMethods}, &disk, new auto(std::move(inode)), path, SQLITE_LOCK_NONE, 0, 0};
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* path, int) {
  MemoryDisk& disk = disk_of(vfs);
  if (!disk.on_delete || disk.on_delete(path)) disk.files().erase(path);
  return SQLITE_OK;
}

int access(sqlite3_vfs* vfs, const char* path, int, int* is_there) {
  *is_there = disk_of(vfs).files().contains(path) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", path);
  return SQLITE_OK;
}

std::string next_name() {
  static int count = 0;
  return "memory-disk-" + std::to_string(++count);
}

}  // namespace

MemoryDisk::MemoryDisk(std::uint64_t seed) : random_(seed), name_(next_name()) {
  sqlite3_initialize();
  vfs_ = std::make_unique<sqlite3_vfs>(*sqlite3_vfs_find(nullptr));
  vfs_->szOsFile = sizeof(Handle);
  vfs_->pNext = nullptr;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = open;
  vfs_->xDelete = remove;
  vfs_->xAccess = access;
  vfs_->xFullPathname = full_path;
  vfs_->xSleep = [](sqlite3_vfs*, int micros) { return micros; };  // Nobody else could go on.
  sqlite3_vfs_register(vfs_.get(), 0);
}

MemoryDisk::~MemoryDisk() { sqlite3_vfs_unregister(vfs_.get()); }

void MemoryDisk::detach(std::string_view prefix) {
  for (auto& [path, file] : files_) {
    if (!path.starts_with(prefix)) continue;
    auto left = std::make_shared<File>();
    left->now = file->now;
    left->synced = file->synced;
    left->unsynced = file->unsynced;
    left->durable = file->durable;
    std::exchange(file, std::move(left))->is_left = true;
  }
}

void MemoryDisk::abandon() {
  for (auto& [path, file] : files_) file->is_left = true;
  files_.clear();
}

void MemoryDisk::lose_power(std::string_view prefix) {
  for (auto at = files_.begin(); at != files_.end();) {
    if (!at->first.starts_with(prefix)) {
      ++at;
      continue;
    }
    const File& file = *at->second;
    if (!file.durable && random_.chance(500)) {
      at = files_.erase(at);
      continue;
    }
    auto left = std::make_shared<File>();
    left->now = left->synced = file.after_power_loss(random_);
    left->durable = true;
    std::exchange(at->second, std::move(left))->is_left = true;
    ++at;
  }
}

}  // namespace ticketing::testing
