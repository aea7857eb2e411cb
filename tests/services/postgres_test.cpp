// The marketplace on PostgreSQL while its server goes away and comes back.

#include "support/postgres_server.hpp"

#include <gtest/gtest.h>

#include "aftermath.hpp"
#include "contract.hpp"
#include "load.hpp"
#include "server_away.hpp"
#include "support/eventually.hpp"

namespace ticketing::test {
namespace {

class PostgresUnderLoad : public testing::TestWithParam<Layout> {
 protected:
  void SetUp() override {
    if (!tests_use_postgres()) GTEST_SKIP() << "TICKETING_TEST_DATABASE is not postgresql";
  }
};

TEST_P(PostgresUnderLoad, a_server_that_dies_and_is_restarted_loses_nothing) {
  constexpr int kRounds = 4;
  constexpr std::int64_t kWritesBetween = 100;
  MarketplaceOptions options;
  options.layout = GetParam();
  options.hold = "3s";
  Marketplace market{options};
  Load load{market, 8};
  load.start();
  for (int round = 0; round < kRounds; ++round) {
    ASSERT_TRUE(load.answers(kWritesBetween)) << market.logs();
    if (round % 2 == 0) {
      postgres_server().kill();
    } else {
      postgres_server().stop();
    }
    postgres_server().start();
  }
  ASSERT_TRUE(load.answers(kWritesBetween)) << market.logs();
  expect_all_in_order(market, load);
}

INSTANTIATE_TEST_SUITE_P(Layouts, PostgresUnderLoad, testing::Values(Layout::one, Layout::five),
                         layout_name);

class PostgresAway : public ServerAway {
 protected:
  void SetUp() override {
    if (!tests_use_postgres()) GTEST_SKIP() << "TICKETING_TEST_DATABASE is not postgresql";
  }
  Command ticketd(const std::string& database) const {
    return {path_of_program("ticketd"),
            {"--listen", "127.0.0.1:0", "--admin", admin_, "--bus-bind", "", "--data-dir",
             folder_.path()},
            {{"TICKETING_DATABASE", database}},
            {}};
  }
};

TEST_F(PostgresAway, a_server_that_comes_later_is_waited_for) {
  PostgresServer server;
  const std::string url = server.create_database();
  server.stop();
  Process program{ticketd(url)};
  EXPECT_TRUE(eventually([&] {
    return program.err().find("waiting for the database") != std::string::npos;
  })) << program.err();
  EXPECT_TRUE(program.running());
  server.start();
  EXPECT_TRUE(eventually([&] { return is_ready(); })) << program.err();
  EXPECT_EQ(program.terminate(kDeadline), 0);
}

TEST_F(PostgresAway, whoever_waits_can_be_stopped) {
  Process program{ticketd("postgresql://127.0.0.1:1/nowhere")};
  EXPECT_TRUE(eventually([&] {
    return program.err().find("nowhere at 127.0.0.1:1") != std::string::npos;
  })) << program.err();
  EXPECT_EQ(program.terminate(kDeadline), 0);
}

TEST_F(PostgresAway, a_wrong_url_ends_the_start_and_shows_no_password) {
  const Outcome outcome = run_to_end(ticketd("postgresql://ann:hunter2@127.0.0.1:x/d"));
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("cannot be read"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("hunter2"), std::string::npos) << outcome.err;
}

TEST_F(PostgresAway, a_password_on_the_command_line_is_refused) {
  for (const char* url : {"postgresql://ann:hunter2@127.0.0.1/d",
                          "postgresql://127.0.0.1/d?user=ann&password=hunter2"}) {
    const Outcome outcome = run_to_end({path_of_program("ticketd"), {"--database", url}, {}, {}});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err.find("TICKETING_DATABASE"), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.err.find("hunter2"), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace ticketing::test
