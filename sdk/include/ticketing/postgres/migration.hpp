#pragma once
// Migration: moves a service's SQLite file into a schema of PostgreSQL, table by table.
//
// The file is locked as a running service locks it, read as it is at one moment, and never changed.
// Rows are stored in the order of their primary key, a chunk a commit, together with how far that
// is: whoever is interrupted, however that comes, calls again and goes on behind the last chunk.
// Until all of it is there and has been compared, a service that opens the schema is refused with
// Error(unavailable, word `database_lost`), and so waits.
//
// Compared are, for each table, the number of rows and a SHA-256 of them all, worked out once from
// the file and once from what PostgreSQL hands out. The hash is that of PostgreSQL's own
// `COPY (SELECT columns FROM table ORDER BY key COLLATE "C") TO STDOUT`.
//
// Any thread, one migration of a schema at a time. Memory is bounded by the chunk, and the largest
// row. Both functions throw Error: not_found – there is no such file; unavailable – the file is
// served, the schema is, or the server cannot be reached: call again later; refused – the schema
// holds what did not come from here; invalid – the file holds what PostgreSQL cannot: a row, type
// or statement, which is named; corrupt – file and schema differ.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ticketing {

struct MigrationOptions {
  std::string file;    ///< Of a service that is stopped: `data/tickets.db`.
  std::string url;     ///< `postgresql://USER@HOST:5432/DATABASE`
  std::string schema;  ///< The service's name: that of the file, without `.db`.
};

enum class MigrationStep { copying, comparing };

/// Told after each chunk of rows; in `comparing` each row counts twice, once for each side.
struct MigrationProgress {
  MigrationStep step = MigrationStep::copying;
  std::string table;
  std::int64_t rows = 0;  ///< Of all tables, so far; with those of earlier calls.
  std::int64_t rows_total = 0;
};

/// What it throws ends the migration behind a chunk, and goes on to the caller.
using OnMigrationProgress = std::function<void(const MigrationProgress&)>;

struct MigratedTable {
  std::string name;
  std::int64_t rows = 0;
  std::string sha256;  ///< The same on both sides; in hexadecimal digits.
};

struct MigrationResult {
  std::vector<MigratedTable> tables;
  std::int64_t rows_copied = 0;  ///< By this call.
  bool was_complete = false;     ///< All was there before: it has only been compared again.
};

/// Moves what is not there yet, compares, and lets services open the schema. Requires: the file's
/// tables have integers and text, in statements that PostgreSQL understands once INTEGER is BIGINT
/// there: those of Migrations do.
MigrationResult migrate_to_postgres(const MigrationOptions& options,
                                    const OnMigrationProgress& on_progress = {});

struct PlannedTable {
  std::string name;
  std::int64_t rows = 0;
  std::int64_t stored = 0;  ///< Of these, by an earlier migration that was interrupted.
};

/// What migrate_to_postgres() would move. Changes nothing, and refuses what that would refuse at
/// its start.
std::vector<PlannedTable> plan_migration(const MigrationOptions& options);

}  // namespace ticketing
