// A marketplace that is moved to PostgreSQL in the middle of its work, as the how-to says.

#include <gtest/gtest.h>

#include "aftermath.hpp"
#include "contract.hpp"
#include "load.hpp"
#include "support/databases.hpp"
#include "support/postgres_server.hpp"

namespace ticketing::test {
namespace {

class Migrate : public testing::TestWithParam<Layout> {
 protected:
  void SetUp() override {
    if (tests_use_postgres()) GTEST_SKIP() << "it begins with files";
  }
};

// Clients go on all the while: what is not answered, they ask for again once there is a service.
TEST_P(Migrate, what_was_answered_before_is_there_behind_it_and_orders_go_on) {
  constexpr std::int64_t kWrites = 300;
  MarketplaceOptions options;
  options.layout = GetParam();
  options.hold = "3s";
  Marketplace market{options};
  const std::string url = postgres_server().create_database();
  Load load{market, 8};
  load.start();
  ASSERT_TRUE(load.answers(kWrites)) << market.logs();
  const std::vector<std::string> starts =
      GetParam() == Layout::one ? std::vector<std::string>{"tickets"} : kServices;
  for (const std::string& service : starts) market.kill(service);
  const std::int64_t events = events_of(Databases{market});
  ASSERT_GT(events, 0);
  const Outcome outcome =
      run_to_end({path_of_program("ticketctl"),
                  {"migrate", "--data-dir", market.data_dir(), "--database", url},
                  {},
                  {}});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  market.store_in(url);
  EXPECT_EQ(events_of(Databases{market}), events);
  for (const std::string& service : starts) market.start(service);
  market.wait_until_ready();
  ASSERT_TRUE(load.answers(kWrites)) << market.logs();
  expect_all_in_order(market, load);
}

INSTANTIATE_TEST_SUITE_P(Layouts, Migrate, testing::Values(Layout::one, Layout::five), layout_name);

}  // namespace
}  // namespace ticketing::test
