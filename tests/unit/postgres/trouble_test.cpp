// A server that goes away, at any moment: what was answered is there, what failed is not, and
// everything comes back by itself.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <set>
#include <thread>

#include "support/error_of.hpp"
#include "support/eventually.hpp"
#include "support/postgres_server.hpp"
#include "support/scratch_database.hpp"
#include "ticketing/postgres/postgres.hpp"

namespace ticketing {
namespace {

using namespace test;
using namespace std::chrono_literals;

constexpr std::array<std::string_view, 1> kSteps{
    "CREATE TABLE item (name TEXT NOT NULL UNIQUE, place INTEGER NOT NULL UNIQUE)"};

void add(Transaction& tx, const std::string& name) {
  tx.execute(
      "INSERT INTO item (name, place) VALUES (:name,"
      " (SELECT coalesce(max(place), 0) + 1 FROM item))",
      name);
}

class PostgresTrouble : public ::testing::Test {
 protected:
  std::unique_ptr<Database> open(bool exclusive = true) const {
    const std::array<Migrations, 1> all{Migrations{"a", kSteps}};
    DatabaseOptions options;
    options.url = url_;
    options.schema = "trouble";
    options.exclusive = exclusive;
    return Database::open(options, all);
  }
  std::int64_t count(std::string_view sql = "SELECT count(*) FROM item") const {
    std::int64_t found = -1;
    database_->read([&](Transaction& tx) { found = std::get<0>(*tx.first<std::int64_t>(sql)); });
    return found;
  }
  /// Ends the sessions that run, or ran last, a statement that starts like this.
  void end_sessions(const std::string& statement) const {
    server_.query(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <>"
        " pg_backend_pid() AND application_name = 'ticketing' AND query LIKE '" +
        statement + "%'");
  }

  /// By the time that a database is opened.
  const bool is_known_ = (use_postgres(), true);
  PostgresServer server_;
  const std::string url_ = server_.create_database();
  std::unique_ptr<Database> database_ = open();
};

TEST_F(PostgresTrouble, reads_survive_a_restart_of_the_server) {
  EXPECT_EQ(count(), 0);
  server_.stop();
  EXPECT_ERROR(ErrorCode::unavailable, count());
  EXPECT_FALSE(database_->healthy());
  server_.start();
  // Nobody knocks at once again where nobody has just answered.
  EXPECT_TRUE(eventually([&] { return !error_of([&] { EXPECT_EQ(count(), 0); }); }));
}

TEST_F(PostgresTrouble, a_write_that_meets_no_server_fails_and_the_next_one_works) {
  database_->write_and_step([](Transaction& tx) { add(tx, "before"); });
  server_.kill();
  const auto failure =
      error_of([&] { database_->write_and_step([](Transaction& tx) { add(tx, "lost"); }); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code(), ErrorCode::unavailable);
  EXPECT_EQ(failure->word(), "database_lost");
  EXPECT_FALSE(database_->healthy());
  server_.start();
  database_->write_and_step([](Transaction& tx) { add(tx, "after"); });
  EXPECT_TRUE(database_->healthy());
  EXPECT_EQ(count(), 2);
}

TEST_F(PostgresTrouble, a_session_that_ends_in_the_middle_of_a_job_stores_nothing_of_its_commit) {
  std::vector<std::exception_ptr> failures;
  for (const char* name : {"a", "b", "c"}) {
    database_->submit(
        [this, name](Transaction& tx) {
          add(tx, name);
          if (*name == 'b') end_sessions("");
        },
        [&](std::exception_ptr failure) { failures.push_back(failure); });
  }
  database_->step();
  ASSERT_EQ(failures.size(), 3U);
  for (const auto& failure : failures) EXPECT_EQ(error_in(failure)->word(), "database_lost");
  EXPECT_EQ(count(), 0);
}

TEST_F(PostgresTrouble, a_job_that_passes_over_a_lost_connection_has_failed_all_the_same) {
  EXPECT_ERROR(ErrorCode::unavailable, database_->write_and_step([this](Transaction& tx) {
    add(tx, "a");
    end_sessions("");
    try {
      add(tx, "b");
    } catch (const Error&) {  // As if nothing were.
    }
  }));
  EXPECT_EQ(count(), 0);
}

/// A deferred trigger holds the commit up: long enough for the session to be cut off in the middle.
class PostgresCommit : public PostgresTrouble {
 protected:
  void make_commits_slow(const std::string& then) const {
    server_.query(
        "CREATE FUNCTION trouble.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM pg_sleep(0.5); " +
            then +
            " RETURN NULL; END $$;"
            "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON trouble.item DEFERRABLE INITIALLY"
            " DEFERRED FOR EACH ROW EXECUTE FUNCTION trouble.wait()",
        url_.substr(url_.find("test_"), url_.find('?') - url_.find("test_")));
  }
  /// Commits on another thread, and does `harm` once the commit is under way: on this one, since a
  /// server ends with the thread that has started it.
  std::optional<Error> commit_under(const std::function<void()>& harm) const {
    std::optional<Error> failure;
    std::thread other{[&] {
      failure = error_of([&] { database_->write_and_step([](Transaction& tx) { add(tx, "a"); }); });
    }};
    eventually([&] {
      return server_.query(
                 "SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND"
                 " state = 'active'") != "0";
    });
    harm();
    other.join();
    return failure;
  }
};

TEST_F(PostgresCommit, one_that_was_cut_off_and_undone_has_failed) {
  make_commits_slow("");
  const auto failure = commit_under([&] { end_sessions("COMMIT"); });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->word(), "database_lost");
  EXPECT_EQ(count(), 0);
}

TEST_F(PostgresCommit, one_that_the_server_refuses_has_failed) {
  make_commits_slow("RAISE EXCEPTION 'no' USING ERRCODE = '23514';");
  const auto failure = commit_under([] {});
  ASSERT_TRUE(failure);
  EXPECT_EQ(count(), 0);
  server_.query("DROP TRIGGER slow ON trouble.item", "test_1");
  database_->write_and_step([](Transaction& tx) { add(tx, "b"); });
  EXPECT_EQ(count(), 1);
}

TEST_F(PostgresCommit, a_killed_server_is_waited_for_and_asked_what_became_of_it) {
  make_commits_slow("");
  const auto failure = commit_under([&] {
    server_.kill();
    server_.start();
  });
  ASSERT_TRUE(failure) << "it never got to the end";
  EXPECT_EQ(count(), 0);
}

// It waits for a standby that there is none of: stored here, and its answer never comes.
TEST_F(PostgresCommit, one_that_was_stored_before_the_connection_was_lost_has_succeeded) {
  server_.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  server_.query("SELECT pg_reload_conf()");
  const auto failure = commit_under([&] {
    server_.query("ALTER SYSTEM RESET synchronous_standby_names");
    end_sessions("COMMIT");
  });
  EXPECT_FALSE(failure) << failure->what();
  EXPECT_EQ(count(), 1);
}

TEST_F(PostgresCommit, whoever_stops_while_one_is_in_doubt_is_not_kept_waiting) {
  make_commits_slow("");
  std::optional<Error> failure = commit_under([&] {
    server_.kill();
    database_->give_up();
  });
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->word(), "database_in_doubt");
  EXPECT_FALSE(database_->healthy());
}

TEST_F(PostgresTrouble, every_answered_write_is_there_however_often_the_server_dies) {
  constexpr int kRounds = 5;
  std::atomic<bool> stop{false};
  std::set<std::string> answered;
  std::set<std::string> refused;
  std::thread driver{[&] {
    for (int i = 0; !stop; ++i) {
      std::vector<std::string> names;
      for (int k = 0; k < 5; ++k) {
        const std::string name = std::to_string(i) + "-" + std::to_string(k);
        database_->submit(
            [name](Transaction& tx) { add(tx, name); },
            [&, name](std::exception_ptr failure) { (failure ? refused : answered).insert(name); });
      }
      database_->step();
    }
  }};
  for (int round = 0; round < kRounds; ++round) {
    const auto commits = database_->commits();
    EXPECT_TRUE(eventually([&] { return database_->commits() > commits + 20; }));
    if (round % 2 == 0) {
      server_.kill();
    } else {
      server_.stop();
    }
    server_.start();
  }
  stop = true;
  driver.join();
  std::set<std::string> stored;
  database_->read([&](Transaction& tx) {
    tx.for_each<std::string>("SELECT name FROM item",
                             [&](std::string name) { stored.insert(std::move(name)); });
  });
  EXPECT_EQ(stored, answered) << "answered and lost, or refused and stored";
  EXPECT_EQ(count("SELECT max(place) - count(*) FROM item"), 0) << "places have gaps";
  EXPECT_FALSE(refused.empty()) << "no trouble was met";
}

TEST_F(PostgresTrouble, an_instance_that_stands_still_in_a_commit_lets_the_others_go_on) {
  constexpr auto kStandsStill = 30s;
  database_.reset();
  database_ = open(false);
  const auto other = open(false);
  std::atomic<bool> stands{false};
  std::atomic<bool> may_go{false};
  std::optional<Error> failure;
  std::thread frozen{[&] {
    failure = error_of([&] {
      other->write_and_step([&](Transaction& tx) {
        add(tx, "frozen");
        stands = true;
        eventually([&] { return may_go.load(); }, kStandsStill);
      });
    });
  }};
  eventually([&] { return stands.load(); });
  const auto start = std::chrono::steady_clock::now();
  database_->write_and_step([](Transaction& tx) { add(tx, "goes on"); });
  EXPECT_LT(std::chrono::steady_clock::now() - start, kStandsStill / 2);
  may_go = true;
  frozen.join();
  ASSERT_TRUE(failure) << "it was taken for dead";
  EXPECT_EQ(count(), 1);
}

TEST_F(PostgresTrouble, a_deadlock_with_somebody_from_outside_is_run_again) {
  database_->write_and_step([](Transaction& tx) {
    add(tx, "a");
    add(tx, "b");
  });
  int runs = 0;
  std::thread outside;
  database_->write_and_step([&](Transaction& tx) {
    // Whoever waits for a row may be overtaken when it is free, and there is another deadlock.
    if (++runs == 2) outside.join();
    tx.execute("UPDATE item SET place = place WHERE name = 'a'");
    if (runs == 1) {
      outside = std::thread{[this] {
        server_.query(
            "BEGIN; SET LOCAL deadlock_timeout = '60s';"
            "UPDATE trouble.item SET place = place WHERE name = 'b';"
            "UPDATE trouble.item SET place = place WHERE name = 'a'; COMMIT",
            "test_1");
      }};
      eventually([this] {
        return server_.query("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0";
      });
    }
    tx.execute("UPDATE item SET place = place WHERE name = 'b'");
  });
  if (outside.joinable()) outside.join();
  EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace ticketing
