// From a file of SQLite's to a schema of PostgreSQL's: all of it, whatever interrupts, and nothing
// that is not compared.

#include "ticketing/postgres/migration.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "ticketing/core/random.hpp"
#include "unit/postgres/migrating.hpp"

namespace ticketing {
namespace {

using namespace test;
namespace fs = std::filesystem;

std::string bytes_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path, std::ios::binary}.rdbuf();
  return text.str();
}

std::int64_t count(const Database& database, std::string_view sql) {
  std::int64_t found = -1;
  database.read([&](Transaction& tx) { found = std::get<0>(*tx.first<std::int64_t>(sql)); });
  return found;
}

TEST_F(PostgresMigration, every_table_of_the_sdk_and_of_the_service_arrives_as_it_was) {
  make_file(options_.file, std::string{kOddRows} + std::string{kSdkRows} + many_rows(10));
  const MigrationResult result = migrate();
  EXPECT_FALSE(result.was_complete);
  for (const MigratedTable& table : result.tables) {
    const bool may_be_empty = table.name == "empty";
    EXPECT_EQ(table.rows > 0, !may_be_empty) << table.name;
    EXPECT_EQ(std::to_string(table.rows), query("SELECT count(*) FROM " + table.name));
  }
  EXPECT_EQ(rows_of(result, "pair"), 20);
  EXPECT_EQ(rows_of(result, "loose"), 6);
  EXPECT_EQ(rows_of(result, "ticketing_timers"), 1);
  EXPECT_EQ(query("SELECT title FROM item WHERE id = 2"), "\\N");
  EXPECT_EQ(query("SELECT title FROM item WHERE id = 1"), "two\nlines\r");
  EXPECT_EQ(query("SELECT cents FROM item WHERE id = 3"), "-9223372036854775808");
  EXPECT_EQ(query("SELECT coalesce(note, 'none') FROM item WHERE id = -5"), "none");
  EXPECT_EQ(query("SELECT note FROM noted WHERE id = 4"), "zürich");
}

TEST_F(PostgresMigration, the_hash_is_that_of_what_copy_prints) {
  make_file(options_.file, "");
  const MigrationResult result = migrate();
  const auto schema = std::find_if(result.tables.begin(), result.tables.end(),
                                   [](auto& table) { return table.name == "ticketing_schema"; });
  ASSERT_NE(schema, result.tables.end());
  EXPECT_EQ(schema->sha256, query("SELECT encode(sha256(convert_to(string_agg(component || E'\\t'"
                                  " || version || E'\\n', '' ORDER BY component), 'UTF8')), 'hex')"
                                  " FROM ticketing_schema"));
}

TEST_F(PostgresMigration, a_service_goes_on_where_it_was) {
  make_file(options_.file, std::string{kOddRows} + many_rows(10));
  migrate();
  const auto database = serve();
  EXPECT_EQ(count(*database, "SELECT count(*) FROM ticketing_log"), 10);
  database->write_and_step([](Transaction& tx) {
    tx.execute("INSERT INTO item (title) VALUES ('new')");
    tx.execute("INSERT INTO receipt (text) VALUES ('new')");
    EventLog log{"tickets", tx, system_random(), system_clock().now()};
    const std::array<StagedEvent, 1> event{StagedEvent{"ticket:created", "new", 0, "{}"}};
    log.append(tx, event, {"c", {}, {}}, system_clock().now());
  });
  EXPECT_EQ(count(*database, "SELECT id FROM item WHERE title = 'new'"), 111);
  EXPECT_EQ(count(*database, "SELECT max(number) FROM receipt"), 4) << "a number was given twice";
  EXPECT_EQ(count(*database, "SELECT max(log_offset) FROM ticketing_log"), 11);
  EXPECT_ERROR(ErrorCode::conflict, database->write_and_step([](Transaction& tx) {
    tx.execute("INSERT INTO item (title) VALUES ('new')");
  })) << "an index is missing";
}

TEST_F(PostgresMigration, the_file_stays_as_it_is_and_what_a_killed_process_left_is_read) {
  make_file(folder_.file("live.db"), kSdkRows);
  {
    DatabaseOptions live;
    live.url = "sqlite:" + folder_.file("live.db");
    const auto migrations = migrations_of_file();
    const auto database = Database::open(live, migrations);
    database->write_and_step(
        [](Transaction& tx) { tx.execute("INSERT INTO item (title) VALUES ('in the log')"); });
    for (const char* end : {"", "-wal"}) {
      fs::copy_file(folder_.file("live.db") + end, options_.file + end);
    }
  }
  const std::string file = bytes_of(options_.file);
  const std::string log = bytes_of(options_.file + "-wal");
  ASSERT_FALSE(log.empty());
  migrate();
  EXPECT_EQ(query("SELECT title FROM item"), "in the log");
  EXPECT_EQ(bytes_of(options_.file), file);
  EXPECT_EQ(bytes_of(options_.file + "-wal"), log);
}

/// Throws behind the first chunk that `seen` has not seen, and has it seen.
OnMigrationProgress interrupt_behind(MigrationProgress& seen) {
  return [&seen](const MigrationProgress& now) {
    if (std::pair{now.step, now.rows} <= std::pair{seen.step, seen.rows}) return;
    seen = now;
    throw Interrupted{};
  };
}

// In tables with each kind of key, of two chunks each.
TEST_F(PostgresMigration,
       interrupted_behind_every_chunk_it_goes_on_and_no_service_opens_it_before) {
  constexpr std::string_view kOthers = R"sql(;
    INSERT INTO Named SELECT title, id FROM item;
    INSERT INTO pair SELECT substr(title, 1, 4), id, title FROM item;
    INSERT INTO loose SELECT substr(title, 1, 4), CASE WHEN id % 2 = 0 THEN id END FROM item)sql";
  make_file(options_.file, many_rows(5'500) + std::string{kOthers});
  MigrationProgress seen;
  int interruptions = 0;
  constexpr int kComparisons = 3;  // Each begins anew: nothing to be lost.
  for (int comparisons = 0; comparisons < kComparisons;) {
    ASSERT_THROW(migrate(interrupt_behind(seen)), Interrupted);
    ++interruptions;
    comparisons += seen.step == MigrationStep::comparing ? 1 : 0;
    const auto refused = error_of([&] { serve(); });
    ASSERT_TRUE(refused) << "a service has opened what is not complete";
    EXPECT_EQ(refused->word(), kDatabaseLost);
    EXPECT_NE(std::string{refused->what()}.find("not complete"), std::string::npos);
  }
  EXPECT_EQ(interruptions, kComparisons + 5 * 2 + 1);
  const MigrationResult result = migrate();
  EXPECT_EQ(result.rows_copied, 0) << "all was there";
  for (const char* name : {"item", "Named", "pair", "loose", "ticketing_log"}) {
    EXPECT_EQ(rows_of(result, name), 5'500) << name;
  }
  EXPECT_NO_THROW(serve());
}

TEST_F(PostgresMigration, each_row_is_stored_once_and_progress_goes_on_where_it_was) {
  make_file(options_.file, many_rows(12'000));
  std::int64_t before = 0;
  EXPECT_THROW(migrate([&](const MigrationProgress& now) {
                 before = now.rows;
                 if (now.rows > 5'000) throw Interrupted{};
               }),
               Interrupted);
  std::int64_t last = 0;
  const MigrationResult result = migrate([&](const MigrationProgress& now) {
    EXPECT_LE(now.rows, now.rows_total);
    if (now.step == MigrationStep::copying) last = now.rows;
  });
  EXPECT_EQ(before + result.rows_copied, last);
  EXPECT_EQ(last, 24'002) << "with the versions of the schema";
}

TEST_F(PostgresMigration, a_server_that_dies_in_the_middle_costs_nothing_but_another_call) {
  make_file(options_.file, many_rows(12'000));
  PostgresServer server;
  options_.url = server.create_database();
  int calls = 0;
  const auto failure = error_of([&] {
    migrate([&](const MigrationProgress&) {
      if (++calls == 3) server.kill();
    });
  });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->word(), kDatabaseLost);
  server.start();
  EXPECT_EQ(rows_of(migrate(), "item"), 12'000);
}

class PostgresComparison : public PostgresMigration {
 protected:
  PostgresComparison() {
    make_file(options_.file, std::string{kOddRows} + std::string{kSdkRows} + many_rows(100));
    EXPECT_THROW(migrate(interrupt_comparing), Interrupted);
  }
};

TEST_F(PostgresComparison, what_was_changed_in_one_row_is_found) {
  for (const auto& [table, change, undo] : std::array<std::array<std::string, 3>, 5>{
           {{"item", "UPDATE item SET cents = 5001 WHERE id = 150",
             "UPDATE item SET cents = 5000 WHERE id = 150"},
            {"item", "UPDATE item SET note = '' WHERE id = 150",
             "UPDATE item SET note = NULL WHERE id = 150"},
            {"ticketing_log", "DELETE FROM ticketing_log WHERE log_offset = 100", ""},
            {"loose", "UPDATE loose SET a = 'c' WHERE b IS NULL AND a = 'b'", ""},
            {"ticketing_timers", "UPDATE ticketing_timers SET causation_id = '\\N'", ""}}}) {
    query("CREATE TABLE public.kept AS SELECT * FROM " + table);
    query(change);
    EXPECT_NE(refusal(ErrorCode::corrupt).find("the table " + table + " differs"),
              std::string::npos);
    EXPECT_ERROR(ErrorCode::unavailable, serve()) << "it was let in after " << change;
    query("DELETE FROM " + table + "; INSERT INTO " + table +
          " SELECT * FROM public.kept; DROP TABLE public.kept");
  }
  EXPECT_FALSE(migrate().was_complete);
  EXPECT_NO_THROW(serve());
}

TEST_F(PostgresComparison, what_was_changed_in_the_file_meanwhile_is_found) {
  execute(options_.file, "UPDATE item SET title = 'changed' WHERE id = 150");
  EXPECT_NE(refusal(ErrorCode::corrupt).find("the table item differs"), std::string::npos);
}

TEST_F(PostgresComparison, what_is_complete_is_compared_again_until_it_is_served) {
  EXPECT_EQ(migrate().rows_copied, 0);
  const MigrationResult again = migrate();
  EXPECT_TRUE(again.was_complete);
  EXPECT_EQ(rows_of(again, "item"), 110);
  query("UPDATE item SET cents = 1 WHERE id = 150");
  EXPECT_NE(refusal(ErrorCode::corrupt).find("the table item differs"), std::string::npos);
  serve();
  EXPECT_NE(refusal(ErrorCode::refused).find("has been served since"), std::string::npos);
}

TEST_F(PostgresMigration, a_plan_tells_what_would_be_moved_and_changes_nothing) {
  make_file(options_.file, many_rows(6'000));
  const auto item = [this] {
    const std::vector<PlannedTable> plan = plan_migration(options_);
    const auto found = std::find_if(plan.begin(), plan.end(),
                                    [](const PlannedTable& table) { return table.name == "item"; });
    return std::pair{found->rows, found->stored};
  };
  EXPECT_EQ(item(), (std::pair<std::int64_t, std::int64_t>{6'000, 0}));
  EXPECT_EQ(query("SELECT count(*) FROM pg_namespace WHERE nspname = 'tickets'"), "0");
  EXPECT_THROW(migrate([](const MigrationProgress& now) {
                 if (now.table == "item") throw Interrupted{};
               }),
               Interrupted);
  EXPECT_EQ(item(), (std::pair<std::int64_t, std::int64_t>{6'000, 5'000}));
}

}  // namespace
}  // namespace ticketing
