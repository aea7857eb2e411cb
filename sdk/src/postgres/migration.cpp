#include "ticketing/postgres/migration.hpp"

#include <sodium.h>

#include <array>
#include <utility>

#include "postgres/migration_source.hpp"
#include "postgres/migration_target.hpp"

namespace ticketing {

namespace {

using postgres::MigrationSource;
using postgres::MigrationTarget;
using postgres::SourceRows;
using postgres::SourceTable;
using postgres::StoredTables;
using postgres::TableState;
using postgres::TargetTable;

constexpr std::int64_t kTellEvery = 5'000;  ///< Rows that PostgreSQL hands out.

/// Of rows, as they come.
class RowsHash {
 public:
  RowsHash() { crypto_hash_sha256_init(&state_); }
  void add(std::string_view lines, std::int64_t rows) {
    rows_ += rows;
    crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(lines.data()),
                              lines.size());
  }
  std::int64_t rows() const { return rows_; }
  std::string hex() {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    std::array<char, 2 * crypto_hash_sha256_BYTES + 1> text{};
    crypto_hash_sha256_final(&state_, hash.data());
    return sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
  }

 private:
  crypto_hash_sha256_state state_{};
  std::int64_t rows_ = 0;
};

class Migration {
 public:
  Migration(const MigrationOptions& options, const OnMigrationProgress& on_progress)
      : source_(options.file),
        target_(options.url, options.schema, true),
        on_progress_(on_progress),
        stored_(target_.stored(source_)) {}

  MigrationResult run();

 private:
  void copy(const SourceTable& table);
  MigratedTable compare(const SourceTable& table);
  void begin(MigrationStep step, std::int64_t rows_total);
  void tell(const SourceTable& table, std::int64_t rows);

  MigrationSource source_;
  MigrationTarget target_;
  const OnMigrationProgress& on_progress_;
  StoredTables stored_;  ///< Before this began.
  MigrationResult result_;
  MigrationProgress progress_;
};

MigrationResult Migration::run() {
  result_.was_complete = !stored_.empty() && stored_.begin()->second.state == TableState::compared;
  if (stored_.empty()) target_.begin(source_.tables());
  begin(MigrationStep::copying, source_.rows_total());
  for (const SourceTable& table : source_.tables()) copy(table);
  begin(MigrationStep::comparing, 2 * source_.rows_total());
  for (const SourceTable& table : source_.tables()) result_.tables.push_back(compare(table));
  if (!result_.was_complete) target_.complete(source_.views());
  return std::move(result_);
}

void Migration::begin(MigrationStep step, std::int64_t rows_total) {
  progress_ = {step, {}, 0, rows_total};
}

void Migration::tell(const SourceTable& table, std::int64_t rows) {
  progress_.table = table.name;
  progress_.rows += rows;
  if (on_progress_) on_progress_(progress_);
}

void Migration::copy(const SourceTable& table) {
  const auto [before, state] = stored_[table.name];
  if (before > 0) tell(table, before);
  if (state != TableState::copying) return;
  const TargetTable target = target_.describe(table);
  SourceRows rows = source_.rows(table, target.is_text, before);
  std::int64_t stored = before;
  std::string lines;
  while (const std::int64_t count = rows.read(lines)) {
    target_.store(table, target, lines, stored, stored + count);
    stored += count;
    result_.rows_copied += count;
    tell(table, count);
  }
  target_.finish(table, target);
}

MigratedTable Migration::compare(const SourceTable& table) {
  const TargetTable target = target_.describe(table);
  RowsHash here;
  RowsHash there;
  SourceRows rows = source_.rows(table, target.is_text, 0);
  std::string lines;
  while (const std::int64_t count = rows.read(lines)) {
    here.add(lines, count);
    tell(table, count);
  }
  target_.read(table, target, [&](std::string_view line) {
    there.add(line, 1);
    if (there.rows() % kTellEvery == 0) tell(table, kTellEvery);
  });
  tell(table, there.rows() % kTellEvery);
  const std::string hash = here.hex();
  if (here.rows() == there.rows() && hash == there.hex()) return {table.name, here.rows(), hash};
  throw Error(ErrorCode::corrupt,
              "the table " + table.name + " differs: the file has " + std::to_string(here.rows()) +
                  " rows, the " + target_.place() + " has " + std::to_string(there.rows()) +
                  (here.rows() == there.rows() ? ", which are not the same" : "") +
                  "; one of them was changed meanwhile: " + target_.advice());
}

}  // namespace

MigrationResult migrate_to_postgres(const MigrationOptions& options,
                                    const OnMigrationProgress& on_progress) {
  return Migration{options, on_progress}.run();
}

std::vector<PlannedTable> plan_migration(const MigrationOptions& options) {
  const MigrationSource source{options.file};
  MigrationTarget target{options.url, options.schema, false};
  StoredTables stored = target.stored(source);
  std::vector<PlannedTable> plan;
  for (const SourceTable& table : source.tables()) {
    plan.push_back({table.name, table.rows, stored[table.name].rows});
  }
  return plan;
}

}  // namespace ticketing
