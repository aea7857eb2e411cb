#include "orders.hpp"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>

#include "child.hpp"
#include "load_client.hpp"
#include "ticketing/client/client.hpp"
#include "ticketing/http/client.hpp"

namespace bench {

using namespace ticketing;

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kOrdersPerRun = 20'000;
constexpr std::size_t kRuns = 3;  // At 8, 64 and 256 connections.

/// A ticketd on a fresh data folder.
class Server {
 public:
  Server()
      : child_({program_folder() + "/ticketd", "--dev", "--data-dir", folder_.path(), "--listen",
                "127.0.0.1:" + std::to_string(port_), "--admin",
                "127.0.0.1:" + std::to_string(admin_port_), "--bus-bind", "tcp://127.0.0.1:*",
                "--sign-ups-a-minute", "1000000", "--log-level", "warning"}) {}

  /// Waits for the first answer of the API; yields how long that took.
  double first_answer() const {
    const auto start = Steady::now();
    while (true) {
      try {
        if (HttpClient{origin()}.send("GET", "/api/tickets").status == 200) break;
      } catch (const Error&) {  // Not listening yet.
      }
      if (Steady::now() - start > kPatience) throw std::runtime_error("ticketd does not start");
      ::usleep(500);
    }
    return std::chrono::duration<double>(Steady::now() - start).count();
  }

  /// Waits until no consumer is behind.
  void settle() const {
    const auto start = Steady::now();
    HttpClient admin{"http://127.0.0.1:" + std::to_string(admin_port_)};
    while (true) {
      const std::string page = admin.send("GET", "/metrics").body;
      bool behind = false;
      for (std::size_t at = page.find("\nticketing_consumer_lag{"); at != std::string::npos;
           at = page.find("\nticketing_consumer_lag{", at + 1)) {
        const std::size_t value = page.find("} ", at) + 2;
        behind |= page.compare(value, 2, "0\n") != 0;
      }
      if (!behind) return;
      if (Steady::now() - start > kPatience) throw std::runtime_error("a consumer stays behind");
      ::usleep(5'000);
    }
  }

  double resident_mib() const {
    std::ifstream status{"/proc/" + std::to_string(child_.id()) + "/status"};
    std::string word;
    double kib = 0;
    while (status >> word) {
      if (word == "VmRSS:") status >> kib;
    }
    return kib / 1024;
  }

  std::uint16_t port() const { return port_; }
  std::string origin() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  Folder folder_;
  std::uint16_t port_ = free_port();
  std::uint16_t admin_port_ = free_port();
  Child child_;
};

std::string token_of_new_user(const Server& server, const std::string& email) {
  ClientOptions options;
  options.server = server.origin();
  Client client{options};
  client.sign_up(email, "a long enough password");
  return client.token();
}

/// Lists `count` tickets; yields their ids.
std::vector<std::string> list_tickets(const Server& server, std::size_t count,
                                      const std::string& seller) {
  std::vector<std::string> ids;
  std::size_t asked = 0;
  const std::string request =
      post("/api/tickets", seller, R"({"title":"A seat in the third row","price":19.99})");
  Load load;
  load.ports = {server.port()};
  load.connections = 64;
  load.next = [&]() -> std::optional<std::string> {
    if (asked == count) return std::nullopt;
    ++asked;
    return request;
  };
  load.on_body = [&](std::string_view body) { ids.emplace_back(body.substr(7, 36)); };
  if (run(load).refused > 0) throw std::runtime_error("a ticket was refused");
  return ids;
}

LoadResult order(const Server& server, const std::vector<std::string>& tickets, std::size_t& used,
                 std::size_t connections, const std::string& buyer) {
  const std::size_t end = used + kOrdersPerRun;
  Load load;
  load.ports = {server.port()};
  load.connections = connections;
  load.next = [&]() -> std::optional<std::string> {
    if (used == end) return std::nullopt;
    return post("/api/orders", buyer, R"({"ticketId":")" + tickets[used++] + R"("})");
  };
  LoadResult result = run(load);
  if (result.refused > 0) throw std::runtime_error("an order was refused");
  return result;
}

}  // namespace

std::vector<Figure> measure_orders() {
  const Server server;
  server.first_answer();
  const std::string seller = token_of_new_user(server, "seller@example.com");
  const std::string buyer = token_of_new_user(server, "buyer@example.com");
  const auto tickets = list_tickets(server, kOrdersPerRun * kRuns, seller);
  server.settle();
  std::vector<Figure> figures;
  std::size_t used = 0;
  for (const std::size_t connections : {std::size_t{8}, std::size_t{64}, std::size_t{256}}) {
    LoadResult result = order(server, tickets, used, connections, buyer);
    server.settle();
    const double rate = static_cast<double>(result.answers) / result.seconds;
    const double p99 = quantile(result.latencies, 0.99);
    const double p50 = quantile(result.latencies, 0.5);
    const std::string what = "(c) orders/s over HTTP, " + std::to_string(connections);
    Figure speed{
        what + " connections", with_commas(rate), "p50 " + in_milliseconds(p50), "", "", true};
    Figure tail{
        what + " connections, p99",
        in_milliseconds(p99),
        "fewest answers on one connection: " + std::to_string(result.fewest_on_a_connection),
        "",
        "",
        true};
    if (connections == 64) {
      speed.goal = "7,000";
      speed.reached = rate >= 7'000;
      tail.goal = "60.00 ms";
      tail.reached = p99 <= 0.060;
    }
    if (connections == 256) {
      tail.goal = "none starved";
      const std::size_t fair = kOrdersPerRun / connections;
      tail.reached = result.fewest_on_a_connection >= fair / 4;
    }
    figures.push_back(speed);
    figures.push_back(tail);
  }
  return figures;
}

std::vector<Figure> measure_start(int rounds) {
  std::vector<double> seconds;
  std::vector<double> mib;
  for (int i = 0; i < rounds; ++i) {
    const Server server;
    seconds.push_back(server.first_answer());
    server.settle();
    mib.push_back(server.resident_mib());
  }
  const double start = median(seconds);
  const double memory = median(mib);
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MiB", memory);
  return {{"(d) start of ticketd to first answer", in_milliseconds(start), "", "", "300.00 ms",
           start <= 0.3},
          {"(d) resident memory of ticketd at rest", text, "", "", "32.0 MiB", memory <= 32}};
}

}  // namespace bench
