#include "postgres/migration_state.hpp"

#include <array>
#include <string_view>

namespace ticketing::postgres {

namespace {

constexpr std::array<std::string_view, 3> kStates{"copying", "copied", "compared"};

TableState state_named(std::string_view name) {
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (kStates[i] == name) return static_cast<TableState>(i);
  }
  throw Error(ErrorCode::corrupt, "the table ticketing_migration holds the unknown state " +
                                      std::string{name} + "; run a newer version");
}

bool has_state(PostgresConnection& connection) {
  const auto found = connection.first<std::int64_t>(
      "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
      " WHERE n.nspname = current_schema() AND c.relname = 'ticketing_migration'");
  return std::get<0>(*found) > 0;
}

}  // namespace

void refuse_unfinished_migration(PostgresConnection& connection, const std::string& schema) {
  for (const auto& [name, table] : read_migration_state(connection)) {
    if (table.state == TableState::compared) continue;
    throw Error(ErrorCode::unavailable,
                "the migration to the schema \"" + schema +
                    "\" is not complete; let it end, or run the same ticketctl migrate again",
                kLost);
  }
}

void begin_migration_state(PostgresConnection& connection, const std::vector<std::string>& names) {
  connection.run_script(
      "CREATE TABLE ticketing_migration (name TEXT PRIMARY KEY, rows BIGINT NOT NULL,"
      " state TEXT NOT NULL, began_at TIMESTAMPTZ NOT NULL DEFAULT now(),"
      " ended_at TIMESTAMPTZ)");
  for (const std::string& name : names) {
    connection.execute(
        "INSERT INTO ticketing_migration (name, rows, state) VALUES (:name, 0, 'copying')", name);
  }
}

StoredTables read_migration_state(PostgresConnection& connection) {
  StoredTables tables;
  if (!has_state(connection)) return tables;
  connection.for_each<std::string, std::int64_t, std::string>(
      "SELECT name, rows, state FROM ticketing_migration",
      [&](std::string name, std::int64_t rows, const std::string& state) {
        tables[std::move(name)] = {rows, state_named(state)};
      });
  return tables;
}

void set_rows(PostgresConnection& connection, const std::string& table, std::int64_t before,
              std::int64_t rows) {
  const std::int64_t changed = connection.execute(
      "UPDATE ticketing_migration SET rows = :rows WHERE name = :name AND rows = :before", rows,
      table, before);
  if (changed == 1) return;
  throw Error(ErrorCode::refused, "another migration has written to the table " + table);
}

void set_copied(PostgresConnection& connection, const std::string& table) {
  connection.execute("UPDATE ticketing_migration SET state = 'copied' WHERE name = :name", table);
}

void set_complete(PostgresConnection& connection) {
  connection.execute("UPDATE ticketing_migration SET state = 'compared', ended_at = now()");
}

}  // namespace ticketing::postgres
