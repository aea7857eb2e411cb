#include "aftermath.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <iterator>
#include <set>

#include "invariants.hpp"
#include "support/eventually.hpp"
#include "ticketing/client/audit.hpp"

namespace ticketing::test {

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

namespace {

/// All of `visitor`'s orders, page by page.
std::vector<OrderAnswer> orders_of(Visitor& visitor) {
  constexpr std::size_t kPage = 1'000;
  std::vector<OrderAnswer> all;
  while (true) {
    const std::string after = all.empty() ? "" : "&after=" + all.back().id;
    const Response page = visitor.get("/api/orders?limit=" + std::to_string(kPage) + after);
    std::vector<OrderAnswer> orders = list_from_json<OrderAnswer>(page.body);
    const bool last = orders.size() < kPage;
    std::move(orders.begin(), orders.end(), std::back_inserter(all));
    if (last) return all;
  }
}

std::int64_t kept_cents(Visitor& visitor, const Diary& diary) {
  std::int64_t sum = 0;
  for (const auto& [payment, order] : diary.payments) {
    const ChargeAnswer charge = visitor.charge(payment);
    if (charge.status == "completed") sum += charge.amount.cents();
  }
  return sum;
}

}  // namespace

void expect_conservation(Load& load) {
  for (std::size_t i = 0; i < load.size(); ++i) {
    Visitor& visitor = load.visitor(i);
    const Diary& diary = load.diary(i);
    std::set<std::string> listed;
    std::int64_t cost = 0;
    for (const OrderAnswer& order : orders_of(visitor)) {
      listed.insert(order.id);
      if (order.status != OrderStatus::complete) continue;
      cost += order.ticket.price.cents();
      EXPECT_EQ(visitor.ticket(order.ticket.id).order_id, order.id);
    }
    EXPECT_EQ(listed, (std::set<std::string>{diary.orders.begin(), diary.orders.end()}));
    EXPECT_EQ(kept_cents(visitor, diary), cost) << "of client " << i;
  }
}

void expect_nothing_doubled(const Load& load, const Databases& stored) {
  std::size_t tickets = 0;
  std::size_t users = load.size();
  std::size_t orders = 0;
  std::size_t charges = 0;
  for (std::size_t i = 0; i < load.size(); ++i) {
    tickets += load.diary(i).tickets.size();
    users += load.diary(i).accounts.size();
    orders += load.diary(i).orders.size();
    charges += load.diary(i).payments.size();
  }
  const auto count = [&](const std::string& of) {
    return static_cast<std::size_t>(stored.number("select count(*) from " + of));
  };
  EXPECT_EQ(count("tickets.tickets"), tickets);
  EXPECT_EQ(count("auth.users"), users);
  EXPECT_EQ(count("orders.orders"), orders);
  // A charge for an order that ended meanwhile is given back, and may be answered as refused.
  EXPECT_LE(count("payments.charges where status = 'completed'"), charges);
  EXPECT_GE(count("payments.charges where status in ('completed', 'refunded')"), charges);
}

Outcome verify(const Marketplace& market, const std::vector<std::string>& more) {
  std::vector<std::string> words{"verify", "--server", market.origin_of("/api/tickets")};
  const MarketplaceOptions& options = market.options();
  const bool all = options.layout == Layout::one;
  for (const std::string& service : all ? std::vector<std::string>{"auth"} : kServices) {
    const std::string name = options.keys ? service + "=" : "";
    words.insert(words.end(), {"--peer", name + market.bus_of(service)});
  }
  if (options.keys) {
    words.insert(words.end(),
                 {"--bus-key", market.key_file("operator"), "--bus-allow", market.allow_file()});
  }
  words.insert(words.end(), more.begin(), more.end());
  return run_to_end({path_of_program("ticketctl"), words, {}, {}}, kRest);
}

void expect_verified(const Marketplace& market) {
  const Outcome outcome = verify(market, {"--wait", "20s", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err << outcome.out;
  const auto report = from_json<AuditReport>(outcome.out);
  EXPECT_GT(report.events, 0);
  EXPECT_EQ(report.owed + report.unexplained, 0) << outcome.out;
}

std::int64_t events_of(const Databases& stored) {
  std::int64_t sum = 0;
  for (const std::string& service : kServices) {
    sum += stored.number("select coalesce(max(log_offset), 0) from " + service + ".ticketing_log");
  }
  return sum;
}

void print_tally(const Load& load, const Databases& stored) {
  std::printf("  %lld answered writes, %lld events\n", static_cast<long long>(load.answered()),
              static_cast<long long>(events_of(stored)));
  for (const std::string& row : stored.rows("select status, coalesce(reason, ''), count(*)"
                                            " from orders.orders group by 1, 2")) {
    std::printf("  orders %s\n", row.c_str());
  }
  for (const std::string& row :
       stored.rows("select status, count(*) from payments.charges group by 1")) {
    std::printf("  charges %s\n", row.c_str());
  }
}

void expect_all_in_order(Marketplace& market, Load& load) {
  market.wait_until_ready();
  load.stop();
  ASSERT_TRUE(eventually([&] { return has_come_to_rest(market); }, kRest)) << market.logs();
  EXPECT_EQ(lines(load.complaints()), "");
  expect_answered_writes(load);
  expect_answered_accounts(load);
  expect_conservation(load);
  expect_verified(market);
  expect_all_stopped_cleanly(market);
  const Databases stored{market};
  expect_nothing_doubled(load, stored);
  expect_invariants(stored);
  print_tally(load, stored);
}

MarketplaceOptions five_with_hold(const std::string& hold) {
  MarketplaceOptions options;
  options.layout = Layout::five;
  options.hold = hold;
  return options;
}

}  // namespace ticketing::test
