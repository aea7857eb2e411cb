// Opening a database of PostgreSQL: schemas, migrations, and what must be refused, in one line.

#include <gtest/gtest.h>

#include <array>

#include "support/error_of.hpp"
#include "support/postgres_server.hpp"
#include "ticketing/postgres/postgres.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing {
namespace {

using namespace test;

constexpr std::array<std::string_view, 1> kOneStep{"CREATE TABLE a (id INTEGER)"};
constexpr std::array<std::string_view, 2> kTwoSteps{
    "CREATE TABLE a (id INTEGER)", "CREATE TABLE b (id INTEGER); INSERT INTO b VALUES (1)"};
constexpr std::array<std::string_view, 2> kBrokenSteps{"CREATE TABLE a (id INTEGER)",
                                                       "CREATE TABLE b (id INTEGER); NONSENSE"};

class PostgresOpening : public ::testing::Test {
 protected:
  PostgresOpening() {
    use_postgres();
    url_ = postgres_server().create_database();
  }

  std::unique_ptr<Database> open(std::span<const std::string_view> steps,
                                 const std::string& schema = "tickets") const {
    const std::array<Migrations, 1> all{Migrations{"a", steps}};
    DatabaseOptions options;
    options.url = url_;
    options.schema = schema;
    options.exclusive = exclusive_;
    return Database::open(options, all);
  }
  static std::int64_t count(Database& database, std::string_view sql) {
    std::int64_t found = -1;
    database.read([&](Transaction& tx) { found = std::get<0>(*tx.first<std::int64_t>(sql)); });
    return found;
  }
  /// What open() says, in one line.
  std::string refusal(ErrorCode code) const {
    const auto error = error_of([&] { open(kOneStep); });
    if (!error) return "nothing";
    EXPECT_EQ(error->code(), code);
    const std::string text = error->what();
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    return text;
  }

  std::string url_;
  bool exclusive_ = true;
};

TEST_F(PostgresOpening, a_new_schema_gets_every_step_and_an_older_one_the_missing_ones) {
  EXPECT_EQ(count(*open(kOneStep), "SELECT count(*) FROM a"), 0);
  EXPECT_EQ(count(*open(kTwoSteps), "SELECT count(*) FROM b"), 1);
  EXPECT_EQ(count(*open(kTwoSteps), "SELECT count(*) FROM b"), 1);
}

TEST_F(PostgresOpening, services_share_a_database_but_no_table) {
  const auto tickets = open(kTwoSteps, "tickets");
  const auto orders = open(kTwoSteps, "orders");
  tickets->write_and_step([](Transaction& tx) { tx.execute("DELETE FROM b"); });
  EXPECT_EQ(count(*tickets, "SELECT count(*) FROM b"), 0);
  EXPECT_EQ(count(*orders, "SELECT count(*) FROM b"), 1);
}

TEST_F(PostgresOpening, a_second_process_is_refused_and_takes_over_when_the_first_is_gone) {
  auto first = open(kTwoSteps);
  EXPECT_NE(refusal(ErrorCode::unavailable).find("another process serves the schema \"tickets\""),
            std::string::npos);
  first.reset();
  EXPECT_NO_THROW(open(kTwoSteps));
}

TEST_F(PostgresOpening, whoever_has_lost_the_schema_writes_no_more) {
  const auto first = open(kTwoSteps);
  postgres_server().query(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype ="
      " 'advisory'");
  const auto second = open(kTwoSteps);
  for (int i = 0; i < 2; ++i) {
    EXPECT_ERROR(ErrorCode::unavailable, first->write_and_step([](Transaction& tx) {
      tx.execute("INSERT INTO b VALUES (2)");
    }));
  }
  second->write_and_step([](Transaction& tx) { tx.execute("INSERT INTO b VALUES (3)"); });
  EXPECT_EQ(count(*second, "SELECT max(id) - count(*) FROM b"), 1);
}

int fatal_calls = 0;

// What it has in memory of the time before, revoked tokens among it, is not what is stored.
TEST_F(PostgresOpening, whoever_has_lost_the_schema_does_not_get_it_back) {
  const auto first = open(kTwoSteps);
  postgres_server().query(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype ="
      " 'advisory'");
  open(kTwoSteps);  // And gone again.
  fatal_calls = 0;
  set_fatal_handler([](std::string_view) { ++fatal_calls; });
  for (int i = 0; i < 2; ++i) {
    EXPECT_ERROR(ErrorCode::unavailable, first->write_and_step([](Transaction& tx) {
      tx.execute("INSERT INTO b VALUES (2)");
    }));
  }
  set_fatal_handler(nullptr);
  EXPECT_GT(fatal_calls, 0);
}

TEST_F(PostgresOpening, instances_that_share_may_open_the_same_schema) {
  exclusive_ = false;
  const auto one = open(kTwoSteps);
  const auto other = open(kTwoSteps);
  one->write_and_step([](Transaction& tx) { tx.execute("INSERT INTO b VALUES (2)"); });
  other->write_and_step([](Transaction& tx) { tx.execute("INSERT INTO b VALUES (3)"); });
  EXPECT_EQ(count(*one, "SELECT count(*) FROM b"), 3);
}

TEST_F(PostgresOpening, a_newer_schema_is_refused) {
  open(kTwoSteps);
  EXPECT_NE(refusal(ErrorCode::corrupt).find("written by a newer version"), std::string::npos);
  EXPECT_NO_THROW(open(kTwoSteps));
}

TEST_F(PostgresOpening, a_step_that_fails_leaves_nothing_behind) {
  EXPECT_ERROR(ErrorCode::corrupt, open(kBrokenSteps));
  EXPECT_NO_THROW(open(kTwoSteps));
}

TEST_F(PostgresOpening, a_database_that_is_not_there_is_named) {
  url_ = postgres_server().url("no_such");
  const std::string said = refusal(ErrorCode::unavailable);
  EXPECT_NE(said.find("no_such"), std::string::npos) << said;
  EXPECT_NE(said.find("does not exist"), std::string::npos) << said;
}

TEST_F(PostgresOpening, a_server_that_is_not_there_is_named) {
  url_ = "postgresql://127.0.0.1:1/tickets";
  const std::string said = refusal(ErrorCode::unavailable);
  EXPECT_NE(said.find("tickets at 127.0.0.1:1"), std::string::npos) << said;
}

TEST_F(PostgresOpening, a_wrong_url_is_invalid_and_its_password_is_not_told) {
  for (const char* url : {"postgresql://host:port/x", "postgresql://h/x?no_such_option=1",
                          "postgresql://user:hunter2@h:x/d", "postgresql://ann:hunter2%off@h/d",
                          "postgresql://ann:hunter2@[::1/d", "postgresql://ann:hunter2@[::1]x/d",
                          "postgresql:ann:hunter2@h/d", "postgresql://ann:1/hunter2@h"}) {
    url_ = url;
    const std::string said = refusal(ErrorCode::invalid);
    EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
  }
}

TEST_F(PostgresOpening, a_password_never_appears) {
  url_ = "postgresql://user:hunter2@127.0.0.1:1/tickets";
  EXPECT_EQ(refusal(ErrorCode::unavailable).find("hunter2"), std::string::npos);
}

TEST_F(PostgresOpening, a_database_of_another_encoding_is_refused) {
  postgres_server().query("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  url_ = postgres_server().url("latin");
  EXPECT_NE(refusal(ErrorCode::unavailable).find("ENCODING 'UTF8'"), std::string::npos);
}

TEST_F(PostgresOpening, a_role_that_may_not_make_a_schema_is_told_so) {
  postgres_server().query("CREATE ROLE guest LOGIN");
  url_.replace(url_.find("user=postgres"), 13, "user=guest");
  EXPECT_NE(refusal(ErrorCode::unavailable).find("permission denied"), std::string::npos);
}

}  // namespace
}  // namespace ticketing
