// kill -9 of real processes under load: every answered write is there, every flow comes to rest,
// and the invariants hold.

#include <csignal>

#include "aftermath.hpp"
#include "contract.hpp"
#include "invariants.hpp"
#include "load.hpp"
#include "support/databases.hpp"

namespace ticketing::test {
namespace {

TEST(Kill, no_answered_write_is_lost_and_every_flow_comes_to_rest) {
  constexpr std::int64_t kWritesBetween = 120;
  constexpr std::int64_t kWritesWhileDown = 10;
  constexpr milliseconds kDownMax{400};
  // On a shared database whoever starts alone waits until its predecessor counts as dead.
  const int rounds = tests_use_postgres() ? 2 : 4;
  Marketplace market{five_with_hold("3s")};
  Load load{market, 8};
  load.start();
  for (int round = 0; round < rounds; ++round) {
    for (const std::string& service : kServices) {
      ASSERT_TRUE(load.answers(kWritesBetween)) << service << "\n" << market.logs();
      market.kill(service);
      // Every other time at once; otherwise the others go on without it, until all clients need it.
      if (round % 2 == 0) load.answers(kWritesWhileDown, kDownMax);
      market.start(service);
    }
  }
  market.wait_until_ready();
  ASSERT_TRUE(load.answers(kWritesBetween));
  load.stop();
  ASSERT_TRUE(eventually([&] { return has_come_to_rest(market); }, kRest)) << market.logs();
  EXPECT_EQ(lines(load.complaints()), "");
  expect_answered_writes(load);
  expect_answered_accounts(load);
  expect_all_stopped_cleanly(market);
  const Databases stored{market};
  expect_invariants(stored);
  print_tally(load, stored);
}

TEST(Kill, all_five_at_once_lose_nothing) {
  Marketplace market{five_with_hold("2s")};
  Load load{market, 8};
  load.start();
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(load.answers(100));
    for (const std::string& service : kServices) market.kill(service);
    for (const std::string& service : kServices) market.start(service);
  }
  market.wait_until_ready();
  load.stop();
  ASSERT_TRUE(eventually([&] { return has_come_to_rest(market); }, kRest)) << market.logs();
  EXPECT_EQ(lines(load.complaints()), "");
  expect_answered_writes(load);
  expect_all_stopped_cleanly(market);
  expect_invariants(Databases{market});
}

TEST(Kill, an_order_expires_on_time_though_its_timer_died_with_its_process) {
  Marketplace market{five_with_hold("3s")};  // Until its timer is stored and killed, at least.
  Visitor seller{market};
  Visitor buyer{market};
  const OrderAnswer order = buyer.sign_up().reserve(seller.sign_up().sell().id);
  ASSERT_TRUE(eventually([&] { return market.at_rest(); }));
  market.kill("expiration");
  ASSERT_TRUE(eventually([&] { return system_clock().now() > order.expires_at; }));
  EXPECT_EQ(buyer.get_order(order.id).status, OrderStatus::awaiting_payment);
  expect_refusal(buyer.post("/api/payments", payment_for(order.id)), 400,
                 "Cannot pay for a cancelled order");
  market.start("expiration");
  EXPECT_TRUE(
      eventually([&] { return buyer.get_order(order.id).reason == CancelReason::expired; }));
  EXPECT_TRUE(eventually([&] { return !buyer.ticket(order.ticket.id).order_id; }));
}

TEST(Kill, a_service_that_is_down_is_caught_up_with_when_it_is_back) {
  Marketplace market{five_with_hold("15m")};
  Visitor seller{market};
  Visitor buyer{market};
  seller.sign_up();
  buyer.sign_up();
  market.kill("payments");
  const OrderAnswer order = buyer.reserve(seller.sell().id);
  const OrderAnswer given_up = buyer.reserve(seller.sell().id);
  EXPECT_EQ(buyer.del("/api/orders/" + given_up.id).status, 204);
  market.start("payments");
  market.wait_until_ready();
  buyer.pay(order.id);
  expect_refusal(buyer.post("/api/payments", payment_for(given_up.id)), 400,
                 "Cannot pay for a cancelled order");
}

// ---- stopping in an orderly way ----

class Stopping : public testing::TestWithParam<Layout> {};

TEST_P(Stopping, under_load_is_clean_and_loses_nothing) {
  MarketplaceOptions options;
  options.layout = GetParam();
  options.hold = "2s";
  Marketplace market{options};
  Load load{market, 8};
  load.start();
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(load.answers(60));
    expect_all_stopped_cleanly(market);
    for (const std::string& service : kServices) {
      if (options.layout == Layout::five || service == "auth") market.start(service);
    }
    market.wait_until_ready();
  }
  load.stop();
  ASSERT_TRUE(eventually([&] { return has_come_to_rest(market); }, kRest)) << market.logs();
  EXPECT_EQ(lines(load.complaints()), "");
  expect_answered_writes(load);
  expect_all_stopped_cleanly(market);
  expect_invariants(Databases{market});
}

INSTANTIATE_TEST_SUITE_P(Kill, Stopping, testing::Values(Layout::one, Layout::five), layout_name);

TEST(Interrupt, is_as_clean_as_a_termination) {
  Marketplace market;
  Process& program = market.process_of("auth");
  program.send_signal(SIGINT);
  EXPECT_EQ(program.wait(kDeadline), 0);
}

}  // namespace
}  // namespace ticketing::test
