#include "faulty_vfs.hpp"

#include <sqlite3.h>

#include <cstring>
#include <string_view>

namespace ticketing::test {

namespace {

constexpr const char* kName = "faulty";

/// What SQLite allocates per file: ours first, the system's behind it.
struct File {
  sqlite3_file base;
  const char* path;
  sqlite3_file* real;
};

File* own(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return own(file)->real; }
const sqlite3_io_methods& methods(sqlite3_file* file) { return *real(file)->pMethods; }
sqlite3_vfs* system_vfs() { return sqlite3_vfs_find("unix"); }

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
  if (FaultyVfs::room.fetch_sub(count) < count) {
    FaultyVfs::room = 0;
    return SQLITE_FULL;
  }
  return methods(file).xWrite(real(file), bytes, count, at);
}

int sync(sqlite3_file* file, int flags) {
  const std::string_view path = own(file)->path == nullptr ? "" : own(file)->path;
  const std::string_view failing = FaultyVfs::failing_sync.load();
  if (!failing.empty() && path.ends_with(failing)) return SQLITE_IOERR_FSYNC;
  ++FaultyVfs::syncs;
  return methods(file).xSync(real(file), flags);
}

const sqlite3_io_methods kMethods{
    .iVersion = 2,  // Without memory-mapped reading, which is off anyway.
    .xClose = [](sqlite3_file* f) { return methods(f).xClose(real(f)); },
    .xRead = [](sqlite3_file* f, void* to, int n,
                sqlite3_int64 at) { return methods(f).xRead(real(f), to, n, at); },
    .xWrite = write,
    .xTruncate = [](sqlite3_file* f,
                    sqlite3_int64 size) { return methods(f).xTruncate(real(f), size); },
    .xSync = sync,
    .xFileSize = [](sqlite3_file* f,
                    sqlite3_int64* size) { return methods(f).xFileSize(real(f), size); },
    .xLock = [](sqlite3_file* f, int level) { return methods(f).xLock(real(f), level); },
    .xUnlock = [](sqlite3_file* f, int level) { return methods(f).xUnlock(real(f), level); },
    .xCheckReservedLock = [](sqlite3_file* f,
                             int* is) { return methods(f).xCheckReservedLock(real(f), is); },
    .xFileControl = [](sqlite3_file* f, int what,
                       void* with) { return methods(f).xFileControl(real(f), what, with); },
    .xSectorSize = [](sqlite3_file* f) { return methods(f).xSectorSize(real(f)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* f) { return methods(f).xDeviceCharacteristics(real(f)); },
    .xShmMap =
        [](sqlite3_file* f, int page, int size, int extend, void volatile** at) {
          return methods(f).xShmMap(real(f), page, size, extend, at);
        },
    .xShmLock = [](sqlite3_file* f, int offset, int n,
                   int flags) { return methods(f).xShmLock(real(f), offset, n, flags); },
    .xShmBarrier = [](sqlite3_file* f) { methods(f).xShmBarrier(real(f)); },
    .xShmUnmap = [](sqlite3_file* f, int remove) { return methods(f).xShmUnmap(real(f), remove); },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* flags_out) {
  File* const opened = own(file);
  opened->path = path;  // SQLite keeps it for as long as the file is open.
  opened->real = reinterpret_cast<sqlite3_file*>(opened + 1);
  const int code = system_vfs()->xOpen(system_vfs(), path, opened->real, flags, flags_out);
  opened->base.pMethods = opened->real->pMethods == nullptr ? nullptr : &kMethods;
  return code;
}

sqlite3_vfs make_vfs() {
  sqlite3_vfs vfs = *system_vfs();
  vfs.szOsFile += static_cast<int>(sizeof(File));
  vfs.pNext = nullptr;
  vfs.zName = kName;
  vfs.xOpen = open;
  return vfs;
}

}  // namespace

std::string FaultyVfs::name() {
  sqlite3_initialize();
  static sqlite3_vfs vfs = make_vfs();
  sqlite3_vfs_register(&vfs, 0);
  room = 1LL << 40;
  failing_sync = "";
  syncs = 0;
  return kName;
}

}  // namespace ticketing::test
