// What a migration does not touch, and what it cannot carry: each in one line that says what to do.

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "unit/postgres/migrating.hpp"

namespace ticketing {
namespace {

using namespace test;
namespace fs = std::filesystem;

TEST_F(PostgresMigration, a_file_that_is_served_is_refused) {
  make_file(options_.file, "");
  DatabaseOptions live;
  live.url = "sqlite:" + options_.file;
  const auto migrations = migrations_of_file();
  const auto database = Database::open(live, migrations);
  EXPECT_NE(refusal(ErrorCode::unavailable).find("another process serves"), std::string::npos);
}

TEST_F(PostgresMigration, a_schema_that_holds_something_is_not_touched) {
  make_file(options_.file, kOddRows);
  serve()->write_and_step(
      [](Transaction& tx) { tx.execute("INSERT INTO item (title) VALUES ('theirs')"); });
  EXPECT_NE(refusal(ErrorCode::refused).find("nothing is overwritten"), std::string::npos);
  EXPECT_EQ(query("SELECT title FROM item"), "theirs");
  EXPECT_NO_THROW(serve());
}

TEST_F(PostgresMigration, a_schema_that_is_served_is_not_touched) {
  make_file(options_.file, kOddRows);
  const auto served = serve();
  EXPECT_NE(refusal(ErrorCode::unavailable).find("another process serves"), std::string::npos);
}

TEST_F(PostgresMigration, two_at_once_do_not_mix) {
  make_file(options_.file, many_rows(100));
  fs::copy_file(options_.file, folder_.file("copy.db"));
  MigrationOptions other = options_;
  other.file = folder_.file("copy.db");
  int refusals = 0;
  migrate([&](const MigrationProgress&) {
    if (refusals > 0) return;
    refusals += error_of([&] { migrate_to_postgres(other); }) ? 1 : 0;
  });
  EXPECT_EQ(refusals, 1);
}

TEST_F(PostgresMigration, no_service_comes_in_between_not_even_one_of_several) {
  make_file(options_.file, many_rows(100));
  int calls = 0;
  migrate([&](const MigrationProgress&) {
    if (++calls > 3) return;
    const auto refused = error_of([&] { open_schema(options_.url, "tickets", false); });
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->word(), kDatabaseLost);
    EXPECT_NE(std::string{refused->what()}.find("another process serves"), std::string::npos);
  });
  EXPECT_GT(calls, 3);
  EXPECT_NO_THROW(open_schema(options_.url, "tickets", false));
}

TEST_F(PostgresMigration, another_file_does_not_go_on_with_what_was_begun) {
  make_file(options_.file, many_rows(6'000));
  EXPECT_THROW(migrate(interrupt_after(3)), Interrupted);
  options_.file = folder_.file("other.db");
  make_file(options_.file, many_rows(10));
  EXPECT_NE(refusal(ErrorCode::refused).find("another file"), std::string::npos);
}

TEST_F(PostgresMigration, what_postgresql_cannot_hold_is_named_and_can_be_mended) {
  make_file(options_.file, many_rows(6'000));
  for (const auto& [value, said] : std::array<std::array<std::string, 2>, 4>{
           {{"'a' || char(0) || 'secret'", "text with the character U+0000"},
            {"x'00ff'", "a blob"},
            {"CAST(x'c328' AS TEXT)", "invalid byte sequence"},
            {"CAST(x'eda080' AS TEXT)", "invalid byte sequence"}}}) {
    execute(options_.file, "UPDATE item SET note = " + value + " WHERE id = 5600");
    const std::string refused = refusal(ErrorCode::invalid);
    EXPECT_NE(refused.find(said), std::string::npos) << refused;
    EXPECT_NE(refused.find("of the table item"), std::string::npos) << refused;
    EXPECT_EQ(refused.find("secret"), std::string::npos) << refused;
  }
  for (const auto& [value, said] : std::array<std::array<std::string, 2>, 2>{
           {{"0.5", "a fraction"}, {"'five'", "text in place of an integer"}}}) {
    execute(options_.file, "UPDATE item SET note = NULL, cents = " + value + " WHERE id = 5600");
    const std::string refused = refusal(ErrorCode::invalid);
    EXPECT_NE(refused.find(said), std::string::npos) << refused;
    EXPECT_NE(refused.find("row 5500 of the table item, by its key: the column cents"),
              std::string::npos)
        << refused;
  }
  execute(options_.file, "UPDATE item SET cents = 5000 WHERE id = 5600");
  EXPECT_LT(migrate().rows_copied, 6'002) << "it has begun from the start";
}

TEST_F(PostgresMigration, what_cannot_be_made_is_refused_before_anything_is_stored) {
  for (const auto& [statement, said] : std::array<std::array<std::string, 2>, 4>{
           {{"CREATE TABLE odd (a REAL)", "the column a of the table odd is of the type float4"},
            {"CREATE TABLE odd (a)", "the table odd cannot be made on PostgreSQL"},
            {"CREATE TABLE odd (a BLOB)", "the table odd cannot be made on PostgreSQL"},
            {"CREATE TABLE odd (a TEXT); CREATE TRIGGER later AFTER INSERT ON odd BEGIN"
             " DELETE FROM odd; END",
             "the trigger later"}}}) {
    fs::remove(options_.file);
    make_file(options_.file, statement);
    const std::string refused = refusal(ErrorCode::invalid);
    EXPECT_NE(refused.find(said), std::string::npos) << refused;
  }
  EXPECT_EQ(query("SELECT count(*) FROM pg_namespace WHERE nspname = 'tickets'"), "0");
}

TEST_F(PostgresMigration, what_is_no_database_or_holds_nothing_is_told) {
  EXPECT_NE(refusal(ErrorCode::not_found).find("there is no file"), std::string::npos);
  std::ofstream{options_.file} << "These are not the bytes of a database at all.";
  EXPECT_NE(refusal(ErrorCode::corrupt).find("tickets.db"), std::string::npos);
  fs::remove(options_.file);
  std::ofstream{options_.file} << "";  // What SQLite takes for an empty database.
  EXPECT_NE(refusal(ErrorCode::refused).find("holds no tables"), std::string::npos);
}

}  // namespace
}  // namespace ticketing
