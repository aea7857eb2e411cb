// The waiting room, overload, and the end.

#include <gtest/gtest.h>

#include <atomic>

#include "server_fixture.hpp"

namespace ticketing::test {
namespace {

using std::chrono::milliseconds;

/// Answers once `ready`, or when told that it must.
HttpHandler when(const std::atomic<bool>& ready, std::atomic<int>& runs) {
  return [&](Request& request, const Attempt& attempt) {
    ++runs;
    if (request.path == "/hello" && !ready && !attempt.last) return HandlerResult{};
    return HandlerResult{
        Response::json(200, (attempt.last ? "last" : "run ") + std::to_string(attempt.number))};
  };
}

struct WaitingCase {
  explicit WaitingCase(HttpLimits limits = {}, std::size_t workers = 2)
      : server(when(ready, runs), options_with(workers, limits)) {}
  std::atomic<bool> ready{false};
  std::atomic<int> runs{0};
  RunningServer server;
};

TEST(Waiting, a_request_runs_again_after_a_wake) {
  WaitingCase waiting;
  RawClient client = waiting.server.connect();
  ASSERT_TRUE(client.send(kGet));
  ASSERT_TRUE(eventually([&] { return waiting.runs > 0; }));
  waiting.ready = true;
  waiting.server->wake();
  const RawResponse response = client.read_response();
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body.starts_with("run "));
  EXPECT_NE(response.body, "run 0");
}

TEST(Waiting, a_request_runs_again_without_a_wake_too) {
  WaitingCase waiting;
  RawClient client = waiting.server.connect();
  ASSERT_TRUE(client.send(kGet));
  ASSERT_TRUE(eventually([&] { return waiting.runs >= 3; }));
  waiting.ready = true;
  EXPECT_EQ(client.read_response().status, 200);
}

TEST(Waiting, wakes_are_coalesced) {
  WaitingCase waiting;
  RawClient client = waiting.server.connect();
  ASSERT_TRUE(client.send(kGet));
  ASSERT_TRUE(eventually([&] { return waiting.runs > 0; }));
  const auto start = std::chrono::steady_clock::now();
  const int before = waiting.runs;
  for (int i = 0; i < 100'000; ++i) waiting.server->wake();
  const int runs = waiting.runs - before;  // Before the time: there are more with every moment.
  const auto taken = std::chrono::steady_clock::now() - start;
  EXPECT_LE(runs, taken / milliseconds{2} + 2);
  waiting.ready = true;
  EXPECT_EQ(client.read_response().status, 200);
}

TEST(Waiting, waiting_requests_hold_no_worker) {
  WaitingCase waiting{{}, 1};
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(waiting.server.connect());
    ASSERT_TRUE(clients.back().send(kGet));
  }
  ASSERT_TRUE(eventually([&] { return waiting.runs >= 100; }));
  EXPECT_EQ(waiting.server.exchange("GET /now HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
  waiting.ready = true;
  waiting.server->wake();
  for (RawClient& client : clients) EXPECT_EQ(client.read_response().status, 200);
}

TEST(Waiting, in_a_full_room_a_request_must_answer_at_once) {
  HttpLimits limits;
  limits.waiting_max = 1;
  WaitingCase waiting{limits};
  RawClient first = waiting.server.connect();
  ASSERT_TRUE(first.send(kGet));
  ASSERT_TRUE(eventually([&] { return waiting.runs > 1; })) << "the first has a seat";
  EXPECT_TRUE(waiting.server.exchange(kGet).body.starts_with("last"));
  waiting.ready = true;
  EXPECT_TRUE(first.read_response().body.starts_with("run"));
  // The seat is free again.
  waiting.ready = false;
  const int runs = waiting.runs;
  ASSERT_TRUE(first.send(kGet));
  ASSERT_TRUE(eventually([&] { return waiting.runs > runs + 1; }));
  waiting.ready = true;
  EXPECT_TRUE(first.read_response().body.starts_with("run"));
}

TEST(Waiting, there_is_a_seat_for_every_connection_so_nobody_takes_all) {
  EXPECT_GE(HttpLimits{}.waiting_max, HttpLimits{}.connections_max);
  EXPECT_GE(HttpLimits{}.connections_max, 4 * HttpLimits{}.connections_per_address_max);
  HttpLimits limits;
  limits.connections_max = limits.waiting_max = 4;
  limits.connections_per_address_max = 2;
  WaitingCase waiting{limits};
  std::vector<RawClient> greedy;
  for (int i = 0; i < 2; ++i) {
    greedy.push_back(waiting.server.connect());
    ASSERT_TRUE(greedy.back().send(kGet));
  }
  EXPECT_EQ(waiting.server.exchange(kGet).status, 503);
  RawClient other{waiting.server->port(), "127.0.0.2"};
  ASSERT_TRUE(other.send(kGet));
  const int runs = waiting.runs;
  ASSERT_TRUE(eventually([&] { return waiting.runs > runs + 3; }));
  waiting.ready = true;
  EXPECT_TRUE(other.read_response().body.starts_with("run"));
}

TEST(Waiting, no_request_waits_longer_than_the_request_deadline) {
  HttpLimits limits;
  limits.request_deadline = milliseconds{100};
  WaitingCase waiting{limits};
  EXPECT_TRUE(waiting.server.exchange(kGet).body.starts_with("last"));
}

TEST(Waiting, a_handler_that_never_answers_is_answered_for) {
  HttpLimits limits;
  limits.waiting_max = 0;
  RunningServer server{[](Request&, const Attempt&) { return HandlerResult{}; },
                       options_with(1, limits)};
  EXPECT_EQ(server.exchange(kGet).status, 500);
}

TEST(Waiting, a_stop_asks_for_the_last_answer) {
  WaitingCase waiting;
  RawClient client = waiting.server.connect();
  ASSERT_TRUE(client.send(kGet));
  ASSERT_TRUE(eventually([&] { return waiting.runs > 0; }));
  waiting.server->stop(kPatience);
  const RawResponse response = client.read_response();
  EXPECT_TRUE(response.body.starts_with("last"));
  EXPECT_TRUE(response.has("Connection: close"));
}

TEST(Waiting, many_wakes_from_many_threads_lose_no_request) {
  std::atomic<int> version{0};
  RunningServer server{[&](Request& request, const Attempt&) {
                         if (version < std::stoi(request.path.substr(1))) return HandlerResult{};
                         return HandlerResult{Response::json(200, request.path)};
                       },
                       options_with(3)};
  std::vector<RawClient> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(server.connect());
    ASSERT_TRUE(
        clients.back().send("GET /" + std::to_string(i * 10) + " HTTP/1.1\r\nHost: a\r\n\r\n"));
  }
  const auto raise = [&] {
    for (int i = 0; i < 300; ++i) {
      ++version;
      server->wake();
    }
  };
  std::thread other{raise};
  raise();
  other.join();
  for (RawClient& client : clients) EXPECT_EQ(client.read_response().status, 200);
}

TEST(Overload, a_full_queue_is_answered_without_a_worker) {
  Gate gate;
  HttpLimits limits;
  limits.queue_max = 2;
  RunningServer server{[&](Request& request, const Attempt& attempt) {
                         gate.pass();
                         return echo(request, attempt);
                       },
                       options_with(1, limits)};
  std::vector<RawClient> clients;
  const auto send_one = [&] {
    clients.push_back(server.connect());
    ASSERT_TRUE(clients.back().send(kGet));
  };
  send_one();
  ASSERT_TRUE(eventually([&] { return gate.arrived() == 1; }));
  for (int i = 0; i < 5; ++i) send_one();
  ASSERT_TRUE(eventually([&] { return server->stats().refused_overload == 3; }));
  RawClient head = server.connect();
  EXPECT_EQ(head.exchange("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").status, 503);
  gate.open();
  int served = 0;
  for (RawClient& client : clients) {
    const RawResponse response = client.read_response();
    served += response.status == 200 ? 1 : 0;
    if (response.status == 200) continue;
    EXPECT_EQ(response.status, 503);
    EXPECT_TRUE(response.has("Retry-After: 1"));
    EXPECT_EQ(client.exchange(kGet).status, 200) << "the same connection works again";
  }
  EXPECT_EQ(served, 3);
  EXPECT_EQ(head.exchange(kGet).status, 200) << "nothing of a body came after HEAD";
}

TEST(Stop, what_has_arrived_is_finished_and_the_rest_closed) {
  Gate gate;
  RunningServer server{[&](Request& request, const Attempt& attempt) {
                         if (request.path == "/hello") gate.pass();
                         return echo(request, attempt);
                       },
                       options_with(1)};
  RawClient idle = server.connect();
  RawClient half = server.connect();
  ASSERT_TRUE(half.send("GET / HT"));
  std::vector<RawClient> busy;
  for (int i = 0; i < 3; ++i) {
    busy.push_back(server.connect());
    ASSERT_TRUE(busy.back().send(kGet));
  }
  ASSERT_TRUE(eventually([&] { return gate.arrived() == 1; }));
  ASSERT_TRUE(eventually([&] { return server->stats().connections_open == 5; }));
  const std::uint16_t port = server->port();
  std::thread stopping{[&] { server->stop(kPatience); }};
  EXPECT_TRUE(idle.closed_by_server());
  EXPECT_TRUE(half.closed_by_server());
  EXPECT_FALSE(RawClient{port}.connected());
  gate.open();
  for (RawClient& client : busy) {
    EXPECT_EQ(client.read_response().status, 200);
    EXPECT_TRUE(client.closed_by_server());
  }
  stopping.join();
}

TEST(Stop, grace_ends) {
  Gate gate;
  RunningServer server{[&](Request& request, const Attempt& attempt) {
                         gate.pass();
                         return echo(request, attempt);
                       },
                       options_with(1)};
  RawClient busy = server.connect();
  RawClient queued = server.connect();
  ASSERT_TRUE(busy.send(kGet));
  ASSERT_TRUE(eventually([&] { return gate.arrived() == 1; }));
  ASSERT_TRUE(queued.send(kGet));
  std::thread stopping{[&] { server->stop(milliseconds{20}); }};
  EXPECT_TRUE(queued.closed_by_server());
  EXPECT_TRUE(busy.closed_by_server());
  gate.open();
  stopping.join();
}

TEST(Stop, a_server_ends_at_once_when_nobody_is_there_and_may_be_stopped_twice) {
  RunningServer server;
  server->stop(kPatience);
  server->stop(kPatience);
  HttpServer never_started{{}, echo, null_logger()};
  never_started.stop(kPatience);
  EXPECT_EQ(never_started.port(), 0);
}

}  // namespace
}  // namespace ticketing::test
