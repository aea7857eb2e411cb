#pragma once
// How far the migration of a schema is, in a table of that schema: a row for each table that is
// moved. It stays when all is done, as a record of where the rows came from.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "postgres/connection.hpp"

namespace ticketing::postgres {

enum class TableState {
  copying,   ///< Rows are being stored.
  copied,    ///< All are, and its indexes are made.
  compared,  ///< All tables become so at once: the migration is complete.
};

struct StoredTable {
  std::int64_t rows = 0;
  TableState state = TableState::copying;
};
using StoredTables = std::map<std::string, StoredTable>;

/// Throws Error(unavailable, word `database_lost`) in a schema whose migration is not complete.
/// Requires: a transaction of begin_alone().
void refuse_unfinished_migration(PostgresConnection& connection, const std::string& schema);

/// Makes the table, with a row for each of `names`.
void begin_migration_state(PostgresConnection& connection, const std::vector<std::string>& names);
/// What is there; empty: no migration has begun.
StoredTables read_migration_state(PostgresConnection& connection);
/// Throws Error(refused) unless `before` is what is there.
void set_rows(PostgresConnection& connection, const std::string& table, std::int64_t before,
              std::int64_t rows);
void set_copied(PostgresConnection& connection, const std::string& table);
void set_complete(PostgresConnection& connection);

/// Its name.
inline constexpr const char* kMigrationTable = "ticketing_migration";

}  // namespace ticketing::postgres
