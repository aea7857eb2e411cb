// Found by storms: a process was killed between the write of a commit and its sync. The next one
// found the rows, told others of them, and lost them with the power.

#include <gtest/gtest.h>

#include "testing/memory_disk.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing::test {
namespace {

using testing::DiskCall;
using testing::DiskFault;
using testing::MemoryDisk;

constexpr std::string_view kFile = "a.db";
constexpr std::array<std::string_view, 1> kSteps{"CREATE TABLE rows (n INTEGER NOT NULL)"};
constexpr std::array<Migrations, 1> kMigrations{Migrations{"test", kSteps}};

std::unique_ptr<Database> open(const MemoryDisk& disk) {
  DatabaseOptions options;
  options.url = "sqlite:" + std::string{kFile};
  options.vfs = disk.vfs_name();
  return Database::open(options, kMigrations);
}

std::int64_t rows_in(Database& database) {
  std::int64_t rows = 0;
  database.read([&](Transaction& tx) {
    std::tie(rows) = *tx.first<std::int64_t>("SELECT count(*) FROM rows");
  });
  return rows;
}

void write(Database& database) {
  database.submit([](Transaction& tx) { tx.execute("INSERT INTO rows VALUES (1)"); },
                  [](const std::exception_ptr&) {});
  database.step();
}

/// Writes a row, and another, before whose sync it is gone.
void write_and_die(MemoryDisk& disk) {
  const auto database = open(disk);
  write(*database);
  disk.on_call = [&](DiskCall call, std::string_view) {
    if (call == DiskCall::sync) disk.detach(kFile);
    return DiskFault::none;
  };
  write(*database);
  disk.on_call = nullptr;
  disk.on_delete = [](std::string_view) { return false; };  // The dead tidy nothing up.
}

TEST(RecoveredRows, that_somebody_has_seen_survive_a_power_cut) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    MemoryDisk disk{seed};
    write_and_die(disk);
    {
      const auto next = open(disk);
      ASSERT_EQ(rows_in(*next), 2);
      disk.lose_power(kFile);
    }
    EXPECT_EQ(rows_in(*open(disk)), 2) << "seed " << seed;
  }
}

}  // namespace
}  // namespace ticketing::test
