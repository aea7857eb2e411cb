#pragma once
// MigrationSource: the SQLite file that a migration reads. One snapshot, nothing written: a write-
// ahead log that was left behind is read with it, and stays.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/file_lock.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace ticketing::postgres {

struct SourceTable {
  std::string name;
  std::string sql;                   ///< The statement that makes it.
  std::vector<std::string> columns;  ///< Without those that are computed.
  std::vector<std::size_t> key;      ///< The primary key's places in `columns`; empty: it has none.
  std::vector<std::string> indexes;  ///< The statements that make them.
  std::int64_t rows = 0;
  std::int64_t last_id = 0;  ///< The highest that AUTOINCREMENT has given out.
};

/// The rows of a table in the order of its key (or of all columns, without one), each as a line of
/// COPY. Throws Error(invalid) at a value that cannot be carried.
class SourceRows {
 public:
  /// Leaves out the first `skipped`. `is_text`: of each column; the others hold integers.
  SourceRows(sqlite3* database, const SourceTable& table, const std::vector<bool>& is_text,
             std::int64_t skipped);
  ~SourceRows();
  SourceRows(const SourceRows&) = delete;
  SourceRows& operator=(const SourceRows&) = delete;

  /// Puts the next rows, a chunk at most, in place of what `lines` holds; returns how many.
  std::int64_t read(std::string& lines);

 private:
  void append_row(std::string& lines) const;
  void append_value(std::string& lines, int column) const;
  [[noreturn]] void refuse(int column, const std::string& what) const;

  sqlite3* database_;
  const SourceTable& table_;
  const std::vector<bool>& is_text_;
  std::int64_t row_;
  sqlite3_stmt* statement_ = nullptr;
};

class MigrationSource {
 public:
  /// Throws Error: not_found – there is no such file; unavailable – another process has it;
  /// corrupt – it is no database; refused – it holds no tables.
  explicit MigrationSource(const std::string& path);
  ~MigrationSource();
  MigrationSource(const MigrationSource&) = delete;
  MigrationSource& operator=(const MigrationSource&) = delete;

  /// In the order in which they were made.
  const std::vector<SourceTable>& tables() const { return tables_; }
  /// Statements that make them.
  const std::vector<std::string>& views() const { return views_; }
  std::int64_t rows_total() const;
  SourceRows rows(const SourceTable& table, const std::vector<bool>& is_text,
                  std::int64_t skipped) const {
    return {handle_.get(), table, is_text, skipped};
  }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  void open(const std::string& path);
  void read_schema();
  SourceTable table_of(const std::string& name, const std::string& sql) const;

  std::optional<storage::FileLock> lock_;
  std::unique_ptr<sqlite3, Close> handle_;
  std::vector<SourceTable> tables_;
  std::vector<std::string> views_;
};

}  // namespace ticketing::postgres
