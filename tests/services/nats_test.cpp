// The marketplace over NATS while its server goes away and comes back.

#include "support/nats_server.hpp"

#include <gtest/gtest.h>

#include "aftermath.hpp"
#include "contract.hpp"
#include "load.hpp"
#include "server_away.hpp"
#include "support/eventually.hpp"

namespace ticketing::test {
namespace {

class NatsUnderLoad : public testing::TestWithParam<Layout> {
 protected:
  void SetUp() override {
    if (!tests_use_nats()) GTEST_SKIP() << "TICKETING_TEST_BUS is not nats";
  }
};

/// Killed, stopped, its streams deleted, and all that it has stored forgotten.
TEST_P(NatsUnderLoad, whatever_becomes_of_the_server_loses_nothing) {
  constexpr std::int64_t kWritesBetween = 100;
  MarketplaceOptions options;
  options.layout = GetParam();
  options.hold = "3s";
  Marketplace market{options};
  NatsServer& server = *market.nats();
  Load load{market, 8};
  load.start();
  for (int round = 0; round < 4; ++round) {
    ASSERT_TRUE(load.answers(kWritesBetween)) << market.logs();
    if (round == 3) {
      for (const std::string& service : kServices) server.ask("STREAM.DELETE.TICKETING-" + service);
      continue;
    }
    round == 1 ? server.stop() : server.kill();
    if (round == 2) server.wipe_store();
    server.start();
  }
  ASSERT_TRUE(load.answers(kWritesBetween)) << market.logs();
  expect_all_in_order(market, load);
}

INSTANTIATE_TEST_SUITE_P(Layouts, NatsUnderLoad, testing::Values(Layout::one, Layout::five),
                         layout_name);

class NatsAway : public ServerAway {
 protected:
  void SetUp() override {
    if (!tests_use_nats()) GTEST_SKIP() << "TICKETING_TEST_BUS is not nats";
  }
  Command ticketd(const std::string& bus, std::vector<std::string> more = {}) const {
    Command command{path_of_program("ticketd"),
                    {"--listen", "127.0.0.1:0", "--admin", admin_, "--data-dir", folder_.path()},
                    {{"TICKETING_BUS", bus}},
                    {}};
    command.arguments.insert(command.arguments.end(), more.begin(), more.end());
    return command;
  }
};

TEST_F(NatsAway, a_server_that_comes_later_is_waited_for_and_one_that_goes_is_borne) {
  NatsServer server;
  server.kill();
  Process program{ticketd(server.url())};
  EXPECT_TRUE(eventually([&] {
    return program.err().find("no NATS server answers at " + server.url()) != std::string::npos;
  })) << program.err();
  EXPECT_FALSE(is_ready());
  server.start();
  EXPECT_TRUE(eventually([&] { return is_ready(); })) << program.err();
  server.kill();
  EXPECT_TRUE(eventually([&] {
    return program.err().find("the connection to NATS is lost") != std::string::npos;
  })) << program.err();
  EXPECT_TRUE(is_ready());
  EXPECT_EQ(program.terminate(kDeadline), 0);
}

TEST_F(NatsAway, what_is_for_another_bus_is_refused) {
  for (const auto& [name, value] :
       {std::pair{"--peer", "orders=tcp://127.0.0.1:7103"}, std::pair{"--bus-key", "a.key"}}) {
    const Outcome outcome = run_to_end(ticketd("nats://127.0.0.1:1", {name, value}));
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err.find(std::string{name} + " is for the bus over ZeroMQ"),
              std::string::npos)
        << outcome.err;
  }
}

TEST_F(NatsAway, a_secret_on_the_command_line_is_refused) {
  for (const char* url : {"nats://ann:hunter2@127.0.0.1:4222", "nats://hunter2@127.0.0.1:4222",
                          "nats://a:1,nats://ann:hunter2@b:2"}) {
    const Outcome outcome = run_to_end({path_of_program("ticketd"), {"--bus", url}, {}, {}});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err.find("TICKETING_BUS"), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.err.find("hunter2"), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace ticketing::test
