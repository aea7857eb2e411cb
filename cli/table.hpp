#pragma once
// Table: rows for people, aligned; and records turned into rows by their description.
//
// Text from elsewhere is made harmless first: a ticket's title must not be able to steer the
// reader's terminal. Pure: any thread.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/core/record.hpp"

namespace ticketing::cli {

struct Column {
  std::string title;
  bool right_aligned = false;  ///< Numbers.
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  ///< Each as long as `columns`.
};

/// One line a row under a heading line; columns two blanks apart; no blanks at the end.
std::string aligned(const Table& table, bool colour);

/// `text` with every control character replaced, so that it stays on its line.
std::string printable(std::string_view text);
/// Code points, which is what a terminal shows for most scripts.
std::size_t width_of(std::string_view text);

/// The field at `path` (`price`, `ticket.title`) of the record at `object`; empty when absent.
/// Requires: the description has that path.
std::string cell_of(RecordInfo info, const void* object, std::string_view path);
/// A column's heading and alignment, from the description.
Column column_of(RecordInfo info, std::string_view path);
/// The paths of all fields, inner records flattened.
std::vector<std::string> paths_of(RecordInfo info);

template <Record T>
Table table_of(const std::vector<T>& items, std::span<const std::string_view> paths) {
  Table table;
  for (const std::string_view path : paths)
    table.columns.push_back(column_of(record_of<T>(), path));
  for (const T& item : items) {
    auto& row = table.rows.emplace_back();
    for (const std::string_view path : paths) row.push_back(cell_of(record_of<T>(), &item, path));
  }
  return table;
}

}  // namespace ticketing::cli
