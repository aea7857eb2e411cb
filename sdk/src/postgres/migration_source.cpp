#include "postgres/migration_source.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <numeric>

#include "postgres/copy.hpp"

namespace ticketing::postgres {

namespace {

/// One commit's worth: large enough that its sync does not show, small enough to be lost.
constexpr std::int64_t kChunkRows = 5'000;
constexpr std::size_t kChunkBytes = 4 << 20;

[[noreturn]] void fail(sqlite3* database) {
  const int code = sqlite3_errcode(database);
  const bool passing = code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_CANTOPEN ||
                       code == SQLITE_IOERR || code == SQLITE_NOMEM || code == SQLITE_PERM;
  throw Error(passing ? ErrorCode::unavailable : ErrorCode::corrupt,
              std::string{"the file cannot be read: "} + sqlite3_errmsg(database));
}

sqlite3_stmt* prepare(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    fail(database);
  }
  return statement;
}

/// True: there is a row.
bool step(sqlite3* database, sqlite3_stmt* statement) {
  const int code = sqlite3_step(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail(database);
  return code == SQLITE_ROW;
}

std::string_view text_at(sqlite3_stmt* statement, int column) {
  const void* const bytes = sqlite3_column_blob(statement, column);
  const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return {static_cast<const char*>(bytes), length};
}

void for_each(sqlite3* database, const std::string& sql,
              const std::function<void(sqlite3_stmt*)>& visit) {
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement{prepare(database, sql),
                                                                             &sqlite3_finalize};
  while (step(database, statement.get())) visit(statement.get());
}

std::int64_t number(sqlite3* database, const std::string& sql) {
  std::int64_t found = 0;
  for_each(database, sql, [&](sqlite3_stmt* row) { found = sqlite3_column_int64(row, 0); });
  return found;
}

std::vector<std::string> order_of(const SourceTable& table) {
  if (table.key.empty()) return table.columns;
  std::vector<std::string> names;
  for (const std::size_t place : table.key) names.push_back(table.columns[place]);
  return names;
}

}  // namespace

// ---- rows ----

SourceRows::SourceRows(sqlite3* database, const SourceTable& table,
                       const std::vector<bool>& is_text, std::int64_t skipped)
    : database_(database),
      table_(table),
      is_text_(is_text),
      row_(skipped),
      statement_(prepare(database, "SELECT " + list_of(table.columns) + " FROM " +
                                       postgres::quoted(table.name, '"') + " ORDER BY " +
                                       list_of(order_of(table)) + " LIMIT -1 OFFSET " +
                                       std::to_string(skipped))) {}

SourceRows::~SourceRows() { sqlite3_finalize(statement_); }

std::int64_t SourceRows::read(std::string& lines) {
  lines.clear();
  std::int64_t count = 0;
  // Stepped once more behind the last row, it would begin again.
  while (statement_ != nullptr && count < kChunkRows && lines.size() < kChunkBytes) {
    if (step(database_, statement_)) {
      ++row_;
      ++count;
      append_row(lines);
    } else {
      sqlite3_finalize(statement_);
      statement_ = nullptr;
    }
  }
  return count;
}

void SourceRows::append_row(std::string& lines) const {
  const int columns = sqlite3_column_count(statement_);
  for (int column = 0; column < columns; ++column) {
    if (column > 0) lines += '\t';
    append_value(lines, column);
  }
  lines += '\n';
}

void SourceRows::append_value(std::string& lines, int column) const {
  const bool is_text = is_text_[static_cast<std::size_t>(column)];
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_NULL:
      return append_null(lines);
    case SQLITE_INTEGER:
      if (is_text) refuse(column, "an integer in place of text");
      return append_integer(lines, sqlite3_column_int64(statement_, column));
    case SQLITE_TEXT: {
      if (!is_text) refuse(column, "text in place of an integer");
      const std::string_view text = text_at(statement_, column);
      if (text.find('\0') != std::string_view::npos) {
        refuse(column, "text with the character U+0000");
      }
      return append_text(lines, text);
    }
    case SQLITE_FLOAT:
      refuse(column, "a fraction");
    default:
      refuse(column, "a blob");
  }
}

/// Names the place and not the value, which may be a secret.
void SourceRows::refuse(int column, const std::string& what) const {
  throw Error(ErrorCode::invalid, "row " + std::to_string(row_) + " of the table " + table_.name +
                                      ", by its key: the" + " column " +
                                      table_.columns[static_cast<std::size_t>(column)] + " holds " +
                                      what + ", which cannot be carried over; change that row");
}

// ---- the file ----

void MigrationSource::Close::operator()(sqlite3* handle) const { sqlite3_close(handle); }

MigrationSource::MigrationSource(const std::string& path) {
  if (!std::filesystem::exists(path)) {
    throw Error(ErrorCode::not_found, "there is no file " + path);
  }
  lock_.emplace(path + ".lock");
  try {
    open(path);
    read_schema();
  } catch (const Error& error) {
    throw Error(error.code(), path + ": " + error.what(), error.word());
  }
}

MigrationSource::~MigrationSource() = default;

/// Not read-only in SQLite's sense: then it could not read what a killed process has left behind.
void MigrationSource::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(handle);
  int is_off = 0;
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &is_off);
  for (const char* sql : {"PRAGMA query_only = 1", "BEGIN"}) for_each(handle, sql, [](auto*) {});
}

void MigrationSource::read_schema() {
  sqlite3* const handle = handle_.get();
  std::vector<std::pair<std::string, std::string>> indexes;  // Of which table.
  for_each(handle,
           "SELECT type, name, tbl_name, sql FROM sqlite_master"
           " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql IS NOT NULL ORDER BY rowid",
           [&](sqlite3_stmt* row) {
             const std::string_view type = text_at(row, 0);
             const std::string name{text_at(row, 1)};
             const std::string sql{text_at(row, 3)};
             if (type == "table") tables_.push_back(table_of(name, sql));
             if (type == "index") indexes.emplace_back(text_at(row, 2), sql);
             if (type == "view") views_.push_back(sql);
             if (type == "trigger") {
               throw Error(ErrorCode::invalid, "the trigger " + name +
                                                   " cannot be carried over; drop it, and write it"
                                                   " anew for PostgreSQL");
             }
           });
  for (const auto& [name, sql] : indexes) {
    for (SourceTable& table : tables_) {
      if (sqlite3_stricmp(table.name.c_str(), name.c_str()) == 0) table.indexes.push_back(sql);
    }
  }
  if (tables_.empty()) throw Error(ErrorCode::refused, "it holds no tables: nothing was moved");
}

SourceTable MigrationSource::table_of(const std::string& name, const std::string& sql) const {
  sqlite3* const handle = handle_.get();
  const std::string literal = postgres::quoted(name, '\'');
  SourceTable table{name, sql, {}, {}, {}, 0, 0};
  std::vector<std::pair<int, std::size_t>> key;
  for_each(handle, "SELECT name, pk FROM pragma_table_info(" + literal + ")",
           [&](sqlite3_stmt* row) {
             const int place = sqlite3_column_int(row, 1);
             if (place > 0) key.emplace_back(place, table.columns.size());
             table.columns.emplace_back(text_at(row, 0));
           });
  std::sort(key.begin(), key.end());
  for (const auto& [place, column] : key) table.key.push_back(column);
  table.rows = number(handle, "SELECT count(*) FROM " + postgres::quoted(name, '"'));
  if (number(handle, "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_sequence'") > 0) {
    table.last_id = number(handle, "SELECT seq FROM sqlite_sequence WHERE name = " + literal);
  }
  return table;
}

std::int64_t MigrationSource::rows_total() const {
  return std::accumulate(tables_.begin(), tables_.end(), std::int64_t{0},
                         [](std::int64_t sum, const SourceTable& t) { return sum + t.rows; });
}

}  // namespace ticketing::postgres
