#pragma once
// What tests of a migration share: a file, an empty database to move it to, and what is asked of
// both.

#include <gtest/gtest.h>

#include <string>

#include "support/error_of.hpp"
#include "support/postgres_server.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/postgres/migration.hpp"
#include "ticketing/postgres/postgres.hpp"
#include "unit/postgres/file_to_move.hpp"

namespace ticketing::test {

/// What the callback of a test throws.
struct Interrupted {};

class PostgresMigration : public ::testing::Test {
 protected:
  PostgresMigration() {
    use_postgres();
    options_ = {folder_.file("tickets.db"), postgres_server().create_database(), "tickets"};
  }

  MigrationResult migrate(const OnMigrationProgress& on_progress = {}) const {
    return migrate_to_postgres(options_, on_progress);
  }
  /// Throws when it is told for the `count`th time.
  static OnMigrationProgress interrupt_after(int count) {
    return [count](const MigrationProgress&) mutable {
      if (--count == 0) throw Interrupted{};
    };
  }
  static void interrupt_comparing(const MigrationProgress& progress) {
    if (progress.step == MigrationStep::comparing) throw Interrupted{};
  }
  std::string query(const std::string& sql) const {
    const auto start = options_.url.find("test_");
    return postgres_server().query("SET search_path = tickets; " + sql,
                                   options_.url.substr(start, options_.url.find('?') - start));
  }
  std::unique_ptr<Database> serve() const { return open_schema(options_.url, "tickets"); }
  /// What a migration says that cannot succeed.
  std::string refusal(ErrorCode code) const {
    const auto error = error_of([&] { migrate(); });
    if (!error) return "nothing";
    EXPECT_EQ(error->code(), code) << error->what();
    EXPECT_EQ(std::string{error->what()}.find('\n'), std::string::npos) << error->what();
    return error->what();
  }

  TempFolder folder_;
  MigrationOptions options_;
};

inline std::int64_t rows_of(const MigrationResult& result, const std::string& name) {
  for (const MigratedTable& table : result.tables) {
    if (table.name == name) return table.rows;
  }
  return -1;
}

}  // namespace ticketing::test
