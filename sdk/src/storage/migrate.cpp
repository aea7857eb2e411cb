#include "storage/migrate.hpp"

#include "ticketing/core/error.hpp"

namespace ticketing::storage {

namespace {

void apply_missing(Connection& connection, const Migrations& component) {
  const auto row = connection.first<std::int64_t>(
      "SELECT version FROM ticketing_schema WHERE component = :component", component.component);
  const auto stored = static_cast<std::size_t>(row ? std::get<0>(*row) : 0);
  if (stored > component.steps.size()) {
    throw Error(ErrorCode::corrupt, "the database was written by a newer version: component " +
                                        std::string{component.component} + " is at step " +
                                        std::to_string(stored) + ", this program knows " +
                                        std::to_string(component.steps.size()) +
                                        "; start the newer program, or choose another database");
  }
  for (std::size_t step = stored; step < component.steps.size(); ++step) {
    connection.run_script(component.steps[step]);
  }
  if (stored == component.steps.size()) return;
  connection.execute(
      "INSERT INTO ticketing_schema (component, version) VALUES (:component, :version)"
      " ON CONFLICT (component) DO UPDATE SET version = excluded.version",
      component.component, static_cast<std::int64_t>(component.steps.size()));
}

}  // namespace

void migrate(Connection& connection, std::span<const Migrations> migrations) {
  connection.begin_write();
  try {
    connection.run_script(
        "CREATE TABLE IF NOT EXISTS ticketing_schema"
        " (component TEXT PRIMARY KEY, version BIGINT NOT NULL)");
    for (const Migrations& component : migrations) apply_missing(connection, component);
    connection.run_script("COMMIT");
  } catch (...) {
    if (connection.in_transaction()) connection.run_script("ROLLBACK");
    throw;
  }
}

}  // namespace ticketing::storage
