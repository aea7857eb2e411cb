#pragma once
// MigrationTarget: the schema that a migration fills. Nobody else writes to it meanwhile: the
// session owns the schema as that of a service does, and what is unfinished no service opens.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/migration_source.hpp"
#include "postgres/migration_state.hpp"

namespace ticketing::postgres {

/// A table as PostgreSQL has it: names may be in other case there.
struct TargetTable {
  std::string name;
  std::vector<std::string> columns;    ///< In the order of the source's.
  std::vector<bool> is_text;           ///< Of each; the others hold integers.
  std::optional<std::string> counted;  ///< The column that PostgreSQL counts up, if one.
};

class MigrationTarget {
 public:
  /// `owns`: nobody else may serve the schema while this lives.
  MigrationTarget(const std::string& url, const std::string& schema, bool owns);

  /// How far a migration of these tables is; empty: it has not begun. Throws Error(refused) when
  /// the schema holds anything else.
  StoredTables stored(const MigrationSource& source);
  /// Makes all tables, empty.
  void begin(const std::vector<SourceTable>& tables);
  TargetTable describe(const SourceTable& table);

  /// Stores `lines`, the next rows of `table`: as many as lie between `before` and `after`.
  void store(const SourceTable& table, const TargetTable& target, std::string_view lines,
             std::int64_t before, std::int64_t after);
  /// When all its rows are there: indexes, and where its counting goes on.
  void finish(const SourceTable& table, const TargetTable& target);
  /// Calls `visit` with each row, as a line of COPY, in the order of the source's.
  void read(const SourceTable& table, const TargetTable& target,
            const std::function<void(std::string_view line)>& visit);
  /// When all was compared: services may open it.
  void complete(const std::vector<std::string>& views);

  /// For messages: `schema "tickets" of DATABASE at HOST:PORT`.
  std::string place() const { return place_; }
  /// What to do about a schema that cannot be used.
  std::string advice() const;

 private:
  std::vector<std::string> names();
  void make(const SourceTable& table);

  const std::string schema_;
  const std::string place_;
  PostgresConnection connection_;
};

}  // namespace ticketing::postgres
