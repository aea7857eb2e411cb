// `ticketctl migrate` as people run it: killed, interrupted, run again. TICKETING_TEST_ROWS is how
// many tickets there are, each with its event.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "support/eventually.hpp"
#include "support/marketplace.hpp"
#include "support/postgres_server.hpp"
#include "support/process.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/postgres/postgres.hpp"
#include "unit/postgres/file_to_move.hpp"

namespace ticketing {
namespace {

using namespace test;
using namespace std::chrono_literals;

constexpr auto kPatience = 600s;

std::int64_t tickets_wanted() {
  const char* wanted = std::getenv("TICKETING_TEST_ROWS");
  return wanted == nullptr ? 60'000 : std::atoll(wanted);
}

class MigrateProgram : public ::testing::Test {
 protected:
  MigrateProgram() {
    use_postgres();
    make_file(folder_.file("tickets.db"), std::string{kSdkRows} + many_rows(tickets_));
  }

  Command command(std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"migrate"};
    words.push_back("--data-dir=" + folder_.path());
    words.push_back("--database=" + url_);
    words.insert(words.end(), more.begin(), more.end());
    return {path_of_program("ticketctl"), words, {}, {}};
  }
  std::int64_t stored() const {
    const auto start = url_.find("test_");
    const std::string database = url_.substr(start, url_.find('?') - start);
    if (postgres_server().query("SELECT to_regclass('tickets.ticketing_migration')", database) ==
        "") {
      return 0;
    }
    return std::stoll(
        postgres_server().query("SELECT sum(rows) FROM tickets.ticketing_migration", database));
  }
  /// Runs it until it has stored `part` of all rows; returns what it is then, still running.
  Process run_until_stored(double part) const {
    Process program{command()};
    const auto wanted = static_cast<std::int64_t>(part * 2 * static_cast<double>(tickets_));
    EXPECT_TRUE(eventually([&] { return stored() >= wanted || !program.running(); }, kPatience));
    EXPECT_TRUE(program.running()) << "it was done before it could be stopped: " << program.err();
    return program;
  }
  /// Until the server has ended what a program was at that is gone, nobody else gets the schema.
  static void expect_gone_on_the_server() {
    EXPECT_TRUE(eventually([] {
      return postgres_server().query(
                 "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ticketing'") ==
             "0";
    }));
  }
  static double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  TempFolder folder_;
  const std::int64_t tickets_ = tickets_wanted();
  const std::string url_ = postgres_server().create_database();
};

TEST_F(MigrateProgram, killed_twice_it_ends_with_equal_counts_and_hashes) {
  const auto start = std::chrono::steady_clock::now();
  run_until_stored(0.2).kill();
  expect_gone_on_the_server();
  const std::int64_t first = stored();
  EXPECT_GT(first, 0);
  run_until_stored(0.5).kill();
  expect_gone_on_the_server();
  const std::int64_t second = stored();
  EXPECT_LE(first, second);
  const auto last = std::chrono::steady_clock::now();
  const Outcome outcome = run_to_end(command({"--json"}), kPatience);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const std::string count = "\"rows\":" + std::to_string(tickets_) + ',';
  EXPECT_NE(outcome.out.find("\"table\":\"ticketing_log\"," + count), std::string::npos);
  EXPECT_NE(outcome.out.find("\"table\":\"item\"," + count), std::string::npos);
  const auto database = open_schema(url_, "tickets");
  database->read([&](Transaction& tx) {
    EXPECT_EQ(tx.first<std::int64_t>("SELECT count(*) FROM item"), std::tuple{tickets_});
  });
  std::printf(
      "%lld tickets and their log, killed at %lld and %lld rows: %.1f s in all, the last"
      " run %.1f s\n",
      static_cast<long long>(tickets_), static_cast<long long>(first),
      static_cast<long long>(second), seconds_since(start), seconds_since(last));
}

TEST_F(MigrateProgram, ctrl_c_ends_it_with_a_line_that_says_how_to_go_on) {
  Process program = run_until_stored(0.1);
  program.send_signal(SIGINT);
  EXPECT_EQ(program.wait(kPatience), 1);
  EXPECT_NE(program.err().find("run the same command again"), std::string::npos) << program.err();
  expect_gone_on_the_server();
  const Outcome outcome = run_to_end(command(), kPatience);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("item"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("equal"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.err.find("start the programs"), std::string::npos) << outcome.err;
}

TEST_F(MigrateProgram, a_dry_run_lists_the_tables_and_makes_nothing) {
  const Outcome outcome = run_to_end(command({"--dry-run"}), kPatience);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("ticketing_log"), std::string::npos) << outcome.out;
  EXPECT_EQ(stored(), 0);
}

TEST_F(MigrateProgram, a_schema_that_is_in_use_is_refused_by_its_status) {
  open_schema(url_, "tickets");
  const Outcome outcome = run_to_end(command(), kPatience);
  EXPECT_EQ(outcome.status, 5) << outcome.err;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
}

}  // namespace
}  // namespace ticketing
