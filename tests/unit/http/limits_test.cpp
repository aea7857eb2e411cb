// Every limit over a real socket, and what hostile clients do to each other's service: nothing.

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <fstream>

#include "server_fixture.hpp"

namespace ticketing::test {
namespace {

using std::chrono::milliseconds;

/// Expects the answer `status`, then the end of the connection.
void expect_refused(RawClient client, std::string_view request, int status) {
  const RawResponse response = client.exchange(request);
  EXPECT_EQ(response.status, status) << request.substr(0, 80);
  EXPECT_TRUE(response.body.starts_with(R"({"errors":[{"message":)")) << response.body;
  EXPECT_TRUE(response.has("X-Request-Id: "));
  EXPECT_TRUE(response.has("Connection: close"));
  EXPECT_TRUE(client.closed_by_server());
}

std::string with_header(std::string_view line) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string{line} + "\r\n\r\n";
}

/// What this process has in memory, in KiB.
long resident_kib() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

void expect_memory_kept(long before_kib) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(resident_kib() - before_kib, 16 << 10);
#else
  (void)before_kib;
#endif
}

TEST(Limits, requests_that_break_a_rule_are_refused) {
  RunningServer server;
  const std::vector<std::pair<std::string, int>> requests{
      {"NONSENSE\r\n\r\n", 400},
      {"YELL / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {with_header("Content-Length: 1\r\nContent-Length: 2"), 400},
      {with_header("Content-Length: 5\r\nTransfer-Encoding: chunked"), 400},
      {with_header("Transfer-Encoding: chunked"), 411},
      {with_header("Content-Length: 1048577"), 413},
      {"GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {with_header("Content-Encoding: gzip\r\nContent-Length: 4"), 415},
      {with_header("X: " + std::string(20'000, 'x')), 431},
  };
  for (const auto& [request, status] : requests) expect_refused(server.connect(), request, status);
  EXPECT_EQ(server->stats().refused_limits, requests.size());
  EXPECT_EQ(server.exchange(kGet).status, 200);
}

TEST(Limits, a_body_of_just_the_limit_passes) {
  RunningServer server;
  const std::string body(1 << 20, 'b');
  EXPECT_EQ(server.exchange(post(body)).body, "POST /echo|" + body);
}

TEST(Limits, a_head_that_does_not_end_in_time_is_refused) {
  HttpLimits limits;
  limits.header_deadline = milliseconds{50};
  RunningServer server{echo, options_with(2, limits)};
  expect_refused(server.connect(), "GET / HTTP/1.1\r\nHost: a\r\n", 408);
}

TEST(Limits, a_body_that_does_not_end_in_time_is_refused) {
  HttpLimits limits;
  limits.request_deadline = milliseconds{50};
  RunningServer server{echo, options_with(2, limits)};
  expect_refused(server.connect(), with_header("Content-Length: 5") + "1234", 408);
}

TEST(Limits, an_idle_connection_is_closed_without_a_word) {
  HttpLimits limits;
  limits.idle_deadline = milliseconds{500};  // Long enough to get a request through.
  RunningServer server{echo, options_with(2, limits)};
  RawClient fresh = server.connect();
  RawClient used = server.connect();
  EXPECT_EQ(used.exchange(kGet).status, 200);
  EXPECT_TRUE(fresh.closed_by_server());
  EXPECT_TRUE(used.closed_by_server());
}

TEST(Limits, connections_beyond_the_limit_are_turned_away) {
  HttpLimits limits;
  limits.connections_max = 3;
  RunningServer server{echo, options_with(2, limits)};
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(server.connect());
    EXPECT_EQ(clients.back().exchange(kGet).status, 200);
  }
  expect_refused(server.connect(), kGet, 503);
  clients.pop_back();
  EXPECT_TRUE(eventually([&] { return server->stats().connections_open == 2; }));
  EXPECT_EQ(server.exchange(kGet).status, 200);
}

TEST(Limits, connections_of_one_address_are_limited) {
  HttpLimits limits;
  limits.connections_per_address_max = 1;
  RunningServer server{echo, options_with(2, limits)};
  RawClient first = server.connect();
  EXPECT_EQ(first.exchange(kGet).status, 200);
  expect_refused(server.connect(), kGet, 503);
  EXPECT_EQ(first.exchange(kGet).status, 200);
}

TEST(Limits, uploads_beyond_the_memory_for_all_are_refused) {
  HttpLimits limits;
  limits.bytes_held_max = 100'000;
  RunningServer server{echo, options_with(2, limits)};
  RawClient first = server.connect();
  ASSERT_TRUE(first.send(with_header("Content-Length: 90000") + std::string(80'000, 'x')));
  RawClient second = server.connect();
  const RawResponse response =
      second.exchange(with_header("Content-Length: 90000") + std::string(80'000, 'x'));
  const bool first_refused = response.status != 503;
  EXPECT_EQ(server->stats().refused_overload, 1U);
  if (!first_refused) {
    EXPECT_EQ(first.exchange(std::string(10'000, 'x')).status, 200);
  }
}

TEST(Hostile, a_header_line_of_64_mib_costs_little) {
  RunningServer server;
  const long before = resident_kib();
  RawClient client = server.connect();
  const std::string chunk(1 << 16, 'x');
  bool accepted = client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Long: ");
  for (int i = 0; accepted && i < 1024; ++i) accepted = client.send(chunk);
  expect_memory_kept(before);
  EXPECT_EQ(client.read_response().status, 431);
  EXPECT_EQ(server.exchange(kGet).status, 200);
}

TEST(Hostile, two_hundred_thousand_headers_cost_little) {
  RunningServer server;
  const long before = resident_kib();
  RawClient client = server.connect();
  bool accepted = client.send("GET / HTTP/1.1\r\nHost: a\r\n");
  for (int i = 0; accepted && i < 200'000; ++i) accepted = client.send("A: b\r\n");
  expect_memory_kept(before);
  EXPECT_EQ(client.read_response().status, 431);
  EXPECT_EQ(server.exchange(kGet).status, 200);
}

TEST(Hostile, a_chunked_body_of_64_mib_costs_little) {
  RunningServer server;
  const long before = resident_kib();
  RawClient client = server.connect();
  const std::string chunk = "10000\r\n" + std::string(1 << 16, 'x') + "\r\n";
  bool accepted = client.send(with_header("Transfer-Encoding: chunked"));
  for (int i = 0; accepted && i < 1024; ++i) accepted = client.send(chunk);
  expect_memory_kept(before);
  EXPECT_EQ(client.read_response().status, 411);
  EXPECT_EQ(server.exchange(kGet).status, 200);
}

TEST(Hostile, idle_connections_keep_no_memory_of_large_requests) {
  RunningServer server{[](Request&, const Attempt&) { return HandlerResult{Response::empty()}; }};
  const std::string upload = post(std::string(1 << 20, 'x'));
  std::vector<RawClient> idle;
  idle.push_back(server.connect());
  EXPECT_EQ(idle.back().exchange(upload).status, 204);
  const long before = resident_kib();
  for (int i = 0; i < 64; ++i) {
    idle.push_back(server.connect());
    EXPECT_EQ(idle.back().exchange(upload).status, 204);
  }
  expect_memory_kept(before);
}

TEST(Hostile, dripping_clients_on_every_worker_hinder_nobody) {
  RunningServer server{echo, options_with(2)};
  std::vector<RawClient> dripping;
  for (int i = 0; i < 50; ++i) dripping.push_back(server.connect());
  RawClient good = server.connect();
  const std::string slow = "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc";
  for (std::size_t at = 0; at < slow.size(); ++at) {
    for (RawClient& client : dripping) ASSERT_TRUE(client.send(slow.substr(at, 1)));
    ASSERT_EQ(good.exchange(kGet).status, 200);
  }
  EXPECT_EQ(server->stats().connections_open, 51U);
  for (RawClient& client : dripping)
    EXPECT_EQ(client.exchange("defghi").body, "POST /slow|abcdefghi");
}

TEST(Hostile, idle_connections_hinder_nobody) {
  RunningServer server{echo, options_with(2)};
  std::vector<RawClient> idle;
  for (int i = 0; i < 300; ++i) {
    idle.push_back(server.connect());
    ASSERT_EQ(idle.back().exchange(kGet).status, 200);
  }
  RawClient good = server.connect();
  for (int i = 0; i < 200; ++i) ASSERT_EQ(good.exchange(kGet).status, 200);
  for (RawClient& client : idle) ASSERT_EQ(client.exchange(kGet).status, 200);
}

TEST(Hostile, a_client_that_does_not_read_its_answers_holds_no_worker) {
  HttpLimits limits;
  limits.request_deadline = milliseconds{500};
  RunningServer server{[](Request& request, const Attempt&) {
                         const std::size_t size = request.path == "/big" ? 32 << 20 : 2;
                         return HandlerResult{Response::json(200, std::string(size, 'x'))};
                       },
                       options_with(1, limits)};
  std::vector<RawClient> deaf;
  for (int i = 0; i < 3; ++i) {
    deaf.push_back(server.connect());
    ASSERT_TRUE(deaf.back().send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n"));
  }
  EXPECT_TRUE(eventually([&] { return server->stats().requests == 3; }));
  RawClient good = server.connect();
  EXPECT_EQ(good.exchange(kGet).status, 200);
  EXPECT_TRUE(eventually([&] { return server->stats().connections_open == 1; }));
  EXPECT_EQ(deaf.front().read_response().status, 0) << "cut off in the middle";
}

TEST(Hostile, a_slow_reader_gets_all_of_a_large_answer) {
  RunningServer server{[](Request&, const Attempt&) {
                         return HandlerResult{Response::json(200, std::string(32 << 20, 'x'))};
                       },
                       options_with(1)};
  RawClient client = server.connect();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(client.exchange(kGet).body.size(), 32U << 20);
}

}  // namespace
}  // namespace ticketing::test
