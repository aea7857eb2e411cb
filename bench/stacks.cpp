#include "stacks.hpp"

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

#include "child.hpp"
#include "load_client.hpp"
#include "support/marketplace.hpp"
#include "support/nats_server.hpp"
#include "support/postgres_server.hpp"
#include "support/visitor.hpp"

namespace bench {

using namespace ticketing;
using namespace ticketing::test;

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kConnections = 8;
constexpr std::size_t kOrders = 4'000;
constexpr std::size_t kLooks = 200;
constexpr int kPgbenchSeconds = 8;

struct Stack {
  std::string name;
  bool on_servers = false;  ///< PostgreSQL and NATS; otherwise SQLite and ZeroMQ.
  int instances = 1;
};

std::uint16_t port_in(const std::string& origin) {
  return static_cast<std::uint16_t>(std::stoi(origin.substr(origin.rfind(':') + 1)));
}

Load load_of(const Marketplace& market) {
  Load load;
  load.connections = kConnections;
  for (int i = 0; i < market.options().instances; ++i) {
    load.ports.push_back(port_in(market.origin_of("/api/orders")));
  }
  return load;
}

std::vector<std::string> list_tickets(const Marketplace& market, const std::string& token) {
  std::vector<std::string> ids;
  std::size_t asked = 0;
  const std::string request =
      post("/api/tickets", token, offer("A seat in the third row", "19.99"));
  Load load = load_of(market);
  load.next = [&]() -> std::optional<std::string> {
    if (asked++ >= kOrders) return std::nullopt;
    return request;
  };
  load.on_body = [&](std::string_view body) { ids.emplace_back(body.substr(7, 36)); };
  if (run(load).refused > 0) throw std::runtime_error("a ticket was refused");
  return ids;
}

void wait_for_rest(const Marketplace& market) {
  const auto end = Steady::now() + std::chrono::seconds{60};
  while (!market.at_rest()) {
    if (Steady::now() > end) throw std::runtime_error("a consumer stays behind");
  }
}

/// From the answer to who lists a ticket until another service has applied that, as an order of it
/// shows, which waits for it: a commit more than that alone.
double seconds_to_order_what_is_new(Visitor& seller, Visitor& buyer) {
  const std::string ticket = seller.sell().id;
  const auto start = Steady::now();
  buyer.order(ticket);
  return std::chrono::duration<double>(Steady::now() - start).count();
}

std::vector<Figure> measure(const Stack& stack) {
  MarketplaceOptions options;
  options.postgres = options.nats = stack.on_servers;
  options.instances = stack.instances;
  const Marketplace market{options};
  Visitor seller{market};
  Visitor buyer{market};
  seller.sign_up();
  buyer.sign_up();
  const auto tickets = list_tickets(market, seller.token);
  wait_for_rest(market);
  std::size_t used = 0;
  Load load = load_of(market);
  load.next = [&]() -> std::optional<std::string> {
    if (used == tickets.size()) return std::nullopt;
    return post("/api/orders", buyer.token, order_for(tickets[used++]));
  };
  const auto start = Steady::now();
  LoadResult result = run(load);
  if (result.refused > 0) throw std::runtime_error("an order was refused");
  wait_for_rest(market);
  const double until_rest = std::chrono::duration<double>(Steady::now() - start).count();
  std::vector<double> looks;
  for (std::size_t i = 0; i < kLooks; ++i) {
    looks.push_back(seconds_to_order_what_is_new(seller, buyer));
  }
  const double rate = static_cast<double>(result.answers) / result.seconds;
  return {{"(e) orders/s, " + stack.name, with_commas(rate),
           "p99 " + in_milliseconds(quantile(result.latencies, 0.99)), "", "", true},
          {"(e) orders/s until all have heard, " + stack.name,
           with_commas(static_cast<double>(result.answers) / until_rest), "", "", "", true},
          {"(e) an order of what was listed a moment ago, " + stack.name,
           in_milliseconds(median(looks)), "p99 " + in_milliseconds(quantile(looks, 0.99)), "", "",
           true}};
}

/// Transactions a second of order.sql, in the tables that the services have made.
double pgbench(const std::string& url, bool whole) {
  const std::string tickets = std::to_string(kOrders);
  const Outcome outcome =
      run_to_end({postgres_server().program("pgbench"),
                  {"-n", "-M", "prepared", "-c", std::to_string(kConnections), "-j", "2", "-T",
                   std::to_string(kPgbenchSeconds), "-D", "whole=" + std::to_string(int{whole}),
                   "-D", "tickets=" + tickets, "-f", BENCH_SOURCES "/order.sql", url},
                  {},
                  {}},
                 std::chrono::seconds{60});
  const std::size_t at = outcome.out.find("tps = ");
  if (outcome.status != 0 || at == std::string::npos) {
    throw std::runtime_error("pgbench: " + outcome.err + outcome.out);
  }
  return std::stod(outcome.out.substr(at + 6));
}

/// The services' tables, filled as far as order.sql reads them.
std::string tables_for_pgbench() {
  std::string url;
  {
    MarketplaceOptions options;
    options.postgres = true;
    const Marketplace market{options};
    url = market.database();
  }
  constexpr std::string_view kStart = "postgresql:///";
  const std::string name = url.substr(kStart.size(), url.find('?') - kStart.size());
  const std::string numbers = " FROM generate_series(1, " + std::to_string(kOrders) + ") i";
  const std::vector<std::string> statements{
      "CREATE SEQUENCE places",
      "CREATE SEQUENCE orders_log START 1000",
      "CREATE SEQUENCE tickets_log START 1000",
      "INSERT INTO tickets.tickets SELECT 't' || i, i, 0, 'A seat', 1999, 'seller', NULL" + numbers,
      "INSERT INTO orders.ticketing_replicas SELECT 'ticket', 't' || i, 0, i, repeat('t', 200)" +
          numbers,
      "INSERT INTO payments.ticketing_replicas SELECT 'order', 'o' || i, 0, i, repeat('o', 250)" +
          numbers,
      "ANALYZE"};
  for (const std::string& sql : statements) postgres_server().query(sql, name);
  return url;
}

}  // namespace

std::vector<Figure> measure_stacks() {
  // On the disk that is measured, as everything here, and where a server's user may look.
  const std::filesystem::path place = std::filesystem::path{Folder{}.path()}.parent_path();
  ::setenv("TMPDIR", place.c_str(), 1);
  std::vector<Figure> figures;
  for (const Stack& stack :
       {Stack{"SQLite and ZeroMQ", false, 1}, Stack{"PostgreSQL and NATS, one instance", true, 1},
        Stack{"PostgreSQL and NATS, two instances", true, 2}}) {
    const auto more = measure(stack);
    figures.insert(figures.end(), more.begin(), more.end());
  }
  const std::string url = tables_for_pgbench();
  figures.push_back({"(e) pgbench, an order's request alone, transactions/s",
                     with_commas(pgbench(url, false)), "", "", "", true});
  figures.push_back({"(e) pgbench, the whole order, transactions of six commits/s",
                     with_commas(pgbench(url, true)), "", "", "", true});
  return figures;
}

}  // namespace bench
