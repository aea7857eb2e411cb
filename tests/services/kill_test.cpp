// kill -9 of real processes under load: every answered write is there, every flow comes to rest,
// and the invariants hold.

#include <csignal>

#include "contract.hpp"
#include "invariants.hpp"
#include "load.hpp"
#include "support/databases.hpp"

namespace ticketing::test {
namespace {

constexpr std::chrono::seconds kRest{60};

/// Everything has been applied by everyone, and nothing waits for a time or another try.
bool has_come_to_rest(const Marketplace& market) {
  if (!market.at_rest()) return false;
  const Databases stored{market};
  for (const std::string& service : kServices) {
    if (stored.number("select count(*) from " + service + ".ticketing_timers") > 0) return false;
    // Retries go on; what is dead stays, for the invariants to be told.
    if (stored.number("select count(*) from " + service +
                      ".ticketing_inbox where state = 'retry'") > 0) {
      return false;
    }
  }
  return market.at_rest();
}

void expect_all_stopped_cleanly(Marketplace& market) {
  for (const auto& [program, status] : market.stop()) EXPECT_EQ(status, 0) << program;
}

/// Every write that was answered, by what the services now say.
void expect_answered_writes(Load& load) {
  for (std::size_t i = 0; i < load.size(); ++i) {
    Visitor& visitor = load.visitor(i);
    const Diary& diary = load.diary(i);
    for (const auto& [ticket, version] : diary.tickets) {
      EXPECT_GE(visitor.ticket(ticket).version, version);
    }
    for (const std::string& order : diary.orders) {
      EXPECT_TRUE(is_final(visitor.get_order(order).status));
    }
    for (const std::string& order : diary.cancelled) {
      EXPECT_EQ(visitor.get_order(order).status, OrderStatus::cancelled);
    }
    for (const auto& [payment, order] : diary.payments) {
      const bool kept = visitor.get_order(order).status == OrderStatus::complete;
      EXPECT_EQ(visitor.charge(payment).status, kept ? "completed" : "refunded");
    }
  }
}

/// Argon2 takes its time: of each client's accounts, the newest.
void expect_answered_accounts(Load& load) {
  for (std::size_t i = 0; i < load.size(); ++i) {
    Visitor visitor = load.visitor(i);
    const Diary& diary = load.diary(i);
    if (!diary.accounts.empty()) {
      const auto& [email, id] = diary.accounts.back();
      const Response answer = visitor.post("/api/users/signin", credentials(email));
      EXPECT_EQ(answer_of<UserAnswer>(answer, 200).id, id);
    }
    for (const std::string& token : diary.signed_out) {
      visitor.token = token;
      EXPECT_EQ(visitor.get("/api/orders").status, 401);
      EXPECT_EQ(visitor.post("/api/tickets", offer()).status, 401);
      EXPECT_EQ(visitor.get("/api/payments/some").status, 401);
      EXPECT_EQ(visitor.get("/api/users/currentuser").body, R"({"currentUser":null})");
    }
  }
}

void print_tally(const Load& load, const Databases& stored) {
  std::printf("  %lld answered writes\n", static_cast<long long>(load.answered()));
  for (const std::string& row : stored.rows("select status, coalesce(reason, ''), count(*)"
                                            " from orders.orders group by 1, 2")) {
    std::printf("  orders %s\n", row.c_str());
  }
  for (const std::string& row :
       stored.rows("select status, count(*) from payments.charges group by 1")) {
    std::printf("  charges %s\n", row.c_str());
  }
}

MarketplaceOptions five_with_hold(const std::string& hold) {
  MarketplaceOptions options;
  options.layout = Layout::five;
  options.hold = hold;
  return options;
}

TEST(Kill, no_answered_write_is_lost_and_every_flow_comes_to_rest) {
  constexpr std::int64_t kWritesBetween = 120;
  constexpr std::int64_t kWritesWhileDown = 10;
  constexpr milliseconds kDownMax{400};
  constexpr int kRounds = 4;
  Marketplace market{five_with_hold("3s")};
  Load load{market, 8};
  load.start();
  const auto answered_more = [&](std::int64_t count, milliseconds deadline = kDeadline) {
    const std::int64_t goal = load.answered() + count;
    return eventually([&] { return load.answered() >= goal; }, deadline);
  };
  for (int round = 0; round < kRounds; ++round) {
    for (const std::string& service : kServices) {
      ASSERT_TRUE(answered_more(kWritesBetween)) << service << "\n" << market.logs();
      market.kill(service);
      // Every other time at once; otherwise the others go on without it, until all clients need it.
      if (round % 2 == 0) answered_more(kWritesWhileDown, kDownMax);
      market.start(service);
    }
  }
  market.wait_until_ready();
  ASSERT_TRUE(answered_more(kWritesBetween));
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
    const std::int64_t goal = load.answered() + 100;
    ASSERT_TRUE(eventually([&] { return load.answered() >= goal; }));
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
  Marketplace market{five_with_hold("1s")};
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
    const std::int64_t goal = load.answered() + 60;
    ASSERT_TRUE(eventually([&] { return load.answered() >= goal; }));
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
