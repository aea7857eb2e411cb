#include "postgres/migration_target.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "postgres/copy.hpp"

namespace ticketing::postgres {

namespace {

constexpr std::string_view kWriterTable =
    "ticketing_writers";  ///< Each service that opens makes it.

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// As SQLite orders: text by its bytes, NULL first. (A key has none, and its index the other
/// order.)
std::string order_of(const SourceTable& table, const TargetTable& target) {
  std::string order;
  const auto add = [&](std::size_t place) {
    order += (order.empty() ? "" : ", ") + quoted(target.columns[place], '"');
    if (target.is_text[place]) order += " COLLATE \"C\"";
    if (table.key.empty()) order += " NULLS FIRST";
  };
  for (const std::size_t place : table.key) add(place);
  for (std::size_t place = 0; table.key.empty() && place < target.columns.size(); ++place) {
    add(place);
  }
  return order;
}

}  // namespace

MigrationTarget::MigrationTarget(const std::string& url, const std::string& schema, bool owns)
    : schema_(schema),
      place_("schema " + quoted(schema, '"') + " of the database " + place_of(url)),
      connection_({url, schema, owns ? Claim::exclusive : Claim::none}) {}

std::string MigrationTarget::advice() const {
  return "drop it with DROP SCHEMA " + quoted(schema_, '"') +
         " CASCADE and migrate again, or name" + " another database";
}

std::vector<std::string> MigrationTarget::names() {
  std::vector<std::string> found;
  connection_.for_each<std::string>(
      "SELECT CAST(c.relname AS text) FROM pg_class c JOIN pg_namespace n ON n.oid ="
      " c.relnamespace WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'f')"
      " ORDER BY 1",
      [&](std::string name) { found.push_back(std::move(name)); });
  return found;
}

StoredTables MigrationTarget::stored(const MigrationSource& source) {
  connection_.begin_read();
  const StoredTables stored = read_migration_state(connection_);
  const std::vector<std::string> found = names();
  connection_.commit();
  std::set<std::string> own{kMigrationTable};
  for (const auto& [name, table] : stored) own.insert(lower(name));
  const bool is_complete = !stored.empty() && stored.begin()->second.state == TableState::compared;
  for (const std::string& name : found) {
    if (own.contains(lower(name))) continue;
    if (is_complete && name == kWriterTable) {
      throw Error(ErrorCode::refused, "the " + place_ +
                                          " was migrated completely and has been served since:"
                                          " nothing is left to be done");
    }
    throw Error(ErrorCode::refused,
                "the " + place_ + " holds the table " + name +
                    ", which no migration has made; nothing is overwritten: " + advice());
  }
  if (stored.empty()) return stored;
  const bool same_number = stored.size() == source.tables().size();
  for (const SourceTable& table : source.tables()) {
    const auto known = stored.find(table.name);
    if (same_number && known != stored.end() && known->second.rows <= table.rows) continue;
    throw Error(ErrorCode::refused,
                "the migration to the " + place_ +
                    " was begun from another file, or that has changed since: " + advice());
  }
  return stored;
}

void MigrationTarget::make(const SourceTable& table) {
  try {
    connection_.run_script(table.sql);
  } catch (const Error& error) {
    if (is_about_the_database(error)) throw;
    throw Error(ErrorCode::invalid,
                "the table " + table.name +
                    " cannot be made on PostgreSQL, so nothing was moved: " + error.what());
  }
}

void MigrationTarget::begin(const std::vector<SourceTable>& tables) {
  connection_.begin_alone();
  connection_.run_script("CREATE SCHEMA IF NOT EXISTS " + quoted(schema_, '"'));
  if (!names().empty()) {
    throw Error(ErrorCode::unavailable, "another process has begun to use the " + place_);
  }
  std::vector<std::string> all;
  for (const SourceTable& table : tables) {
    make(table);
    describe(table);  // Refuses what cannot be carried before anything is.
    all.push_back(table.name);
  }
  begin_migration_state(connection_, all);
  connection_.commit();
}

TargetTable MigrationTarget::describe(const SourceTable& table) {
  TargetTable target;
  connection_.for_each<std::string, std::string, std::string, bool>(
      "SELECT CAST(c.relname AS text), CAST(a.attname AS text), CAST(t.typname AS text),"
      " CAST(a.attidentity <> '' AS integer)"
      " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
      " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid"
      " WHERE n.nspname = current_schema() AND c.relkind = 'r' AND lower(c.relname) = :name"
      " AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum",
      [&](std::string name, std::string column, const std::string& type, bool is_counted) {
        const bool is_text = type == "text" || type == "varchar";
        if (!is_text && type != "int2" && type != "int4" && type != "int8") {
          throw Error(ErrorCode::invalid, "the column " + column + " of the table " + table.name +
                                              " is of the type " + type +
                                              "; only integers and text can be carried over");
        }
        if (is_counted) target.counted = column;
        target.name = std::move(name);
        target.columns.push_back(std::move(column));
        target.is_text.push_back(is_text);
      },
      lower(table.name));
  if (target.columns.size() != table.columns.size()) {
    throw Error(ErrorCode::corrupt, "the table " + table.name + " of the " + place_ +
                                        " has other columns than the file's: " + advice());
  }
  return target;
}

void MigrationTarget::store(const SourceTable& table, const TargetTable& target,
                            std::string_view lines, std::int64_t before, std::int64_t after) {
  const std::string copy =
      "COPY " + quoted(target.name, '"') + " (" + list_of(target.columns) + ") FROM STDIN";
  connection_.begin_alone();
  try {
    copy_in(connection_, copy, lines);
  } catch (const Error& error) {
    if (is_about_the_database(error)) throw;
    throw Error(ErrorCode::invalid, "rows " + std::to_string(before + 1) + " to " +
                                        std::to_string(after) + " of the table " + table.name +
                                        ", by its key: " + error.what());
  }
  set_rows(connection_, table.name, before, after);
  connection_.commit();
}

void MigrationTarget::finish(const SourceTable& table, const TargetTable& target) {
  const std::string name = quoted(target.name, '"');
  connection_.begin_alone();
  for (const std::string& index : table.indexes) {
    try {
      connection_.run_script(index);
    } catch (const Error& error) {
      if (is_about_the_database(error)) throw;
      throw Error(ErrorCode::invalid, "an index of the table " + table.name +
                                          " cannot be made on PostgreSQL: " + error.what());
    }
  }
  if (target.counted) {
    connection_.run_script("SELECT setval(pg_get_serial_sequence(" + quoted(name, '\'') + ", " +
                           quoted(*target.counted, '\'') +
                           "), greatest(last, 1), last >= 1) FROM (SELECT greatest(" +
                           "coalesce(max(" + quoted(*target.counted, '"') + "), 0), " +
                           std::to_string(table.last_id) + ") AS last FROM " + name + ") AS found");
  }
  connection_.run_script("ANALYZE " + name);
  set_copied(connection_, table.name);
  connection_.commit();
}

void MigrationTarget::read(const SourceTable& table, const TargetTable& target,
                           const std::function<void(std::string_view line)>& visit) {
  connection_.begin_read();
  copy_out(connection_,
           "COPY (SELECT " + list_of(target.columns) + " FROM " + quoted(target.name, '"') +
               " ORDER BY " + order_of(table, target) + ") TO STDOUT",
           visit);
  connection_.commit();
}

void MigrationTarget::complete(const std::vector<std::string>& views) {
  connection_.begin_alone();
  for (const std::string& view : views) connection_.run_script(view);
  set_complete(connection_);
  connection_.commit();
}

}  // namespace ticketing::postgres
