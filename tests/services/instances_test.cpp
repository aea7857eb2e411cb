// Several instances of each program at work on one database server: they share the work, and one
// that dies is replaced by the others. Of five programs over NATS; otherwise of one, since over
// ZeroMQ nobody in another process takes the place of a publisher.

#include <gtest/gtest.h>

#include "aftermath.hpp"
#include "contract.hpp"
#include "load.hpp"
#include "support/eventually.hpp"
#include "support/nats_server.hpp"
#include "support/postgres_server.hpp"

namespace ticketing::test {
namespace {

constexpr int kInstances = 2;
/// What one that dies held is with the others by then.
constexpr std::chrono::seconds kHandover{5};

class Instances : public testing::Test {
 protected:
  void SetUp() override {
    if (!tests_use_postgres()) GTEST_SKIP() << "TICKETING_TEST_DATABASE is not postgresql";
  }
  static MarketplaceOptions two(const std::string& hold = "15m") {
    MarketplaceOptions options;
    options.layout = tests_use_nats() ? Layout::five : Layout::one;
    options.instances = kInstances;
    options.hold = hold;
    return options;
  }
  static std::vector<std::string> programs(const Marketplace& market) {
    if (market.options().layout == Layout::five) return kServices;
    return {"auth"};
  }
  static void kill(Marketplace& market, int instance) {
    for (const std::string& program : programs(market)) market.kill(program, instance);
  }
  static void start(Marketplace& market, int instance) {
    for (const std::string& program : programs(market)) market.start(program, instance);
  }
  static std::map<std::string, int> followers(const Marketplace& market) {
    std::map<std::string, int> count;
    for (const Following& one : market.following()) ++count[one.service + " " + one.log];
    return count;
  }
  /// Ten logs are followed by five services, each of them once.
  static bool each_log_has_one_follower(const Marketplace& market) {
    const auto count = followers(market);
    return !count.empty() &&
           std::all_of(count.begin(), count.end(), [](const auto& one) { return one.second == 1; });
  }
};

TEST_F(Instances, share_the_work) {
  Marketplace market{two()};
  std::map<std::string, int> alone;
  EXPECT_TRUE(eventually([&] {
    for (int i = 0; i < kInstances; ++i) {
      std::size_t followed = 0;
      for (const std::string& program : programs(market)) {
        const std::string page = market.admin(program, "/readyz", i).body;
        followed += from_json<Readiness>(page).subscriptions.size();
      }
      if (followed == 0) return false;
    }
    return each_log_has_one_follower(market);
  })) << market.logs();
}

TEST_F(Instances, one_that_dies_is_replaced_within_five_seconds) {
  Marketplace market{two()};
  Visitor seller{market};
  Visitor buyer{market};
  seller.sign_up();
  buyer.sign_up();
  for (int victim = 0; victim < kInstances; ++victim) {
    ASSERT_TRUE(eventually([&] { return each_log_has_one_follower(market); }));
    const std::string ticket = seller.sell().id;
    kill(market, victim);
    const auto died = SteadyClock::now();
    // Half of the requests still go to the dead one.
    OrderStatus status = OrderStatus::created;
    std::string order;
    std::string last;
    ASSERT_TRUE(eventually([&] {
      try {
        if (order.empty()) order = buyer.order(ticket).id;
        status = buyer.get_order(order).status;
      } catch (const std::exception& error) {
        last = error.what();
      }
      return status == OrderStatus::awaiting_payment;
    })) << name_of(status)
        << ", " << last << "\n"
        << market.logs();
    EXPECT_LT(SteadyClock::now() - died, kHandover);
    start(market, victim);
    market.wait_until_ready();
  }
}

TEST_F(Instances, a_sign_out_reaches_all) {
  Marketplace market{two()};
  Visitor visitor{market};
  visitor.sign_up();
  for (int i = 0; i < 2 * kInstances; ++i) ASSERT_EQ(visitor.get("/api/orders").status, 200);
  ASSERT_EQ(visitor.post("/api/users/signout", "{}").status, 200);
  const auto is_out = [&](const std::string& path) {
    for (int i = 0; i < 2 * kInstances; ++i) {
      if (visitor.get(path).status != 401) return false;
    }
    return true;
  };
  EXPECT_TRUE(eventually([&] { return is_out("/api/orders") && is_out("/api/payments/some"); }));
}

TEST_F(Instances, an_answer_under_an_idempotency_key_is_the_same_from_all) {
  Marketplace market{two()};
  Visitor seller{market};
  seller.sign_up();
  const Headers headers{{"Idempotency-Key", fresh_key()}};
  const std::string first = seller.post("/api/tickets", offer(), headers).body;
  for (int i = 0; i < 2 * kInstances; ++i) {
    EXPECT_EQ(seller.post("/api/tickets", offer(), headers).body, first);
  }
  EXPECT_EQ(seller.post("/api/tickets", offer("Another"), headers).status, 400);
}

TEST_F(Instances, killed_in_turn_under_load_lose_nothing) {
  constexpr std::int64_t kWritesBetween = 100;
  Marketplace market{two("3s")};
  Load load{market, 8};
  load.start();
  for (int round = 0; round < 4; ++round) {
    ASSERT_TRUE(load.answers(kWritesBetween)) << market.logs();
    kill(market, round % kInstances);
    ASSERT_TRUE(load.answers(kWritesBetween)) << market.logs();
    start(market, round % kInstances);
  }
  ASSERT_TRUE(load.answers(kWritesBetween)) << market.logs();
  expect_all_in_order(market, load);
}

TEST_F(Instances, lose_nothing_when_a_server_dies) {
  constexpr std::int64_t kWritesBetween = 100;
  Marketplace market{two("3s")};
  Load load{market, 8};
  load.start();
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(load.answers(kWritesBetween)) << market.logs();
    postgres_server().kill();
    postgres_server().start();
    if (market.nats() == nullptr) continue;
    ASSERT_TRUE(load.answers(kWritesBetween)) << market.logs();
    market.nats()->kill();
    ASSERT_TRUE(load.answers(kWritesBetween)) << market.logs();
    market.nats()->start();
  }
  ASSERT_TRUE(load.answers(kWritesBetween)) << market.logs();
  expect_all_in_order(market, load);
}

}  // namespace
}  // namespace ticketing::test
