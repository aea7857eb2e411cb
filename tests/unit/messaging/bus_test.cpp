// The bus over real sockets: live events, late joiners, many publishers, slow consumers.

#include "bus_fixture.hpp"
#include "support/error_of.hpp"

namespace ticketing {
namespace {

using namespace test;

TEST(ZmqBus, live_events_reach_another_process) {
  MemoryLog log{"tickets"};
  const auto publisher = make_bus("tcp://127.0.0.1:*");
  publisher->host(log.hosted());
  publisher->start();
  Collector collector;
  const auto subscriber = make_bus("");
  subscriber->follow(collector.consumer("tickets", publisher->endpoint()));
  subscriber->start();
  ASSERT_TRUE(wait_until_caught_up(*subscriber));
  for (int i = 0; i < 100; ++i) log.publish(publisher.get(), "a");
  ASSERT_TRUE(collector.wait_for(100));
  EXPECT_EQ(collector.offsets(), up_to(100));
  ASSERT_TRUE(wait_until_caught_up(*subscriber, 100));
  const auto status = subscriber->statuses().at(0);
  EXPECT_EQ(status.consumer, "collector");
  EXPECT_EQ(status.log, "tickets");
  EXPECT_EQ(status.applied, 100);
  EXPECT_EQ(status.lag, 0);
}

TEST(ZmqBus, a_consumer_in_the_same_process_needs_no_port) {
  MemoryLog log{"tickets"};
  Collector collector;
  const auto bus = make_bus("");
  EXPECT_EQ(bus->endpoint(), "");
  log.publish(nullptr, "a", 5);
  bus->host(log.hosted());
  bus->follow(collector.consumer("tickets", ""));
  bus->start();
  log.publish(bus.get(), "a", 5);
  ASSERT_TRUE(collector.wait_for(10));
  EXPECT_EQ(collector.offsets(), up_to(10));
}

TEST(ZmqBus, a_consumer_goes_on_from_its_cursor_with_the_subjects_that_it_wants) {
  MemoryLog log{"tickets"};
  for (int i = 0; i < 10; ++i) log.publish(nullptr, i % 2 == 0 ? "a" : "b");
  const auto publisher = make_bus("tcp://127.0.0.1:0");
  publisher->host(log.hosted());
  publisher->start();
  Collector collector;
  const auto subscriber = make_bus("");
  subscriber->follow(
      collector.consumer("tickets", publisher->endpoint(), {"a"}, Cursor{"tickets-id", 4}));
  subscriber->start();
  ASSERT_TRUE(wait_until_caught_up(*subscriber));
  for (const char* subject : {"b", "a", "ab", "a"}) log.publish(publisher.get(), subject);
  ASSERT_TRUE(collector.wait_for(5));
  EXPECT_EQ(collector.offsets(), (std::vector<std::int64_t>{5, 7, 9, 12, 14}));
}

TEST(ZmqBus, many_logs_on_one_bus_and_many_consumers_keep_apart) {
  MemoryLog tickets{"tickets"};
  MemoryLog orders{"orders"};
  const auto publisher = make_bus("tcp://127.0.0.1:0");
  publisher->host(tickets.hosted());
  publisher->host(orders.hosted());
  publisher->start();
  Collector of_tickets;
  Collector of_orders;
  Collector also_of_orders;
  const auto subscriber = make_bus("");
  subscriber->follow(of_tickets.consumer("tickets", publisher->endpoint()));
  subscriber->follow(of_orders.consumer("orders", publisher->endpoint()));
  subscriber->follow(also_of_orders.consumer("orders", publisher->endpoint(), {"b"}));
  subscriber->start();
  for (int i = 0; i < 50; ++i) {
    tickets.publish(publisher.get(), "a");
    orders.publish(publisher.get(), i == 7 ? "b" : "a");
  }
  ASSERT_TRUE(of_tickets.wait_for(50));
  ASSERT_TRUE(of_orders.wait_for(50));
  ASSERT_TRUE(also_of_orders.wait_for(1));
  EXPECT_EQ(of_tickets.offsets(), up_to(50));
  EXPECT_EQ(of_orders.offsets(), up_to(50));
  EXPECT_EQ(also_of_orders.offsets(), (std::vector<std::int64_t>{8}));
}

TEST(ZmqBus, one_consumer_follows_many_publishers) {
  constexpr int kPublishers = 4;
  std::vector<std::unique_ptr<MemoryLog>> logs;
  std::vector<std::unique_ptr<Bus>> publishers;
  std::vector<std::unique_ptr<Collector>> collectors;
  const auto subscriber = make_bus("");
  for (int i = 0; i < kPublishers; ++i) {
    logs.push_back(std::make_unique<MemoryLog>("log" + std::to_string(i)));
    publishers.push_back(make_bus("tcp://127.0.0.1:0"));
    publishers.back()->host(logs.back()->hosted());
    publishers.back()->start();
    collectors.push_back(std::make_unique<Collector>());
    subscriber->follow(
        collectors.back()->consumer(logs.back()->name(), publishers.back()->endpoint()));
  }
  subscriber->start();
  for (std::size_t i = 0; i < kPublishers; ++i) logs[i]->publish(publishers[i].get(), "a", 100);
  for (const auto& collector : collectors) {
    ASSERT_TRUE(collector->wait_for(100));
    EXPECT_EQ(collector->offsets(), up_to(100));
  }
}

TEST(ZmqBus, tiny_queues_and_a_flood_lose_nothing) {
  constexpr int kEvents = 5'000;
  MemoryLog log{"tickets"};
  BusOptions options;
  options.bind = "tcp://127.0.0.1:0";
  options.queue_messages_max = 5;
  options.beat = std::chrono::milliseconds{20};
  const auto publisher = Bus::zeromq(options, null_logger());
  publisher->host(log.hosted());
  publisher->start();
  Collector collector;
  options.bind.clear();
  const auto subscriber = Bus::zeromq(options, null_logger());
  auto consumer = collector.consumer("tickets", publisher->endpoint());
  consumer.options.buffer_max = 50;
  consumer.options.batch_max = 10;
  subscriber->follow(std::move(consumer));
  subscriber->start();
  for (int i = 0; i < kEvents / 100; ++i) log.publish(publisher.get(), "a", 100);
  ASSERT_TRUE(collector.wait_for(kEvents));
  EXPECT_EQ(collector.offsets(), up_to(kEvents));
}

TEST(ZmqBus, a_gap_can_be_replayed) {
  MemoryLog log{"tickets"};
  log.publish(nullptr, "a", 10);
  Collector collector;
  const auto bus = make_bus("");
  bus->host(log.hosted());
  bus->follow(collector.consumer("tickets", ""));
  bus->start();
  ASSERT_TRUE(collector.wait_for(10));
  bus->request_replay("collector", "tickets", {3, 7});
  bus->request_replay("nobody", "tickets", {3, 7});
  ASSERT_TRUE(collector.wait_for_replay());
  EXPECT_EQ(collector.replayed(), (std::vector<std::int64_t>{4, 5, 6}));
  EXPECT_EQ(collector.offsets(), up_to(10));
}

TEST(ZmqBus, it_stops_when_told_and_when_destroyed_and_can_be_told_twice) {
  MemoryLog log{"tickets"};
  const auto bus = make_bus("tcp://127.0.0.1:0");
  bus->host(log.hosted());
  bus->start();
  log.publish(bus.get(), "a");
  bus->stop();
  bus->stop();
  log.publish(bus.get(), "a");  // Nobody hears of it, and nothing breaks.
  make_bus("");                 // Never started.
}

TEST(ZmqBus, what_was_committed_before_the_stop_is_sent) {
  MemoryLog log{"tickets"};
  auto publisher = make_bus("tcp://127.0.0.1:0");
  publisher->host(log.hosted());
  publisher->start();
  Collector collector;
  const auto subscriber = make_bus("");
  subscriber->follow(collector.consumer("tickets", publisher->endpoint()));
  subscriber->start();
  ASSERT_TRUE(wait_until_caught_up(*subscriber));
  log.publish(publisher.get(), "a", 50);
  publisher->stop();
  publisher.reset();
  ASSERT_TRUE(collector.wait_for(50));
}

TEST(ZmqBusBind, off_this_host_is_refused) {
  for (const char* bind :
       {"tcp://0.0.0.0:7101", "tcp://*:7101", "tcp://192.168.1.5:*", "tcp://example.com:7101",
        "tcp://127.example.com:7101", "tcp://[::]:7101", "tcp://eth0:7101", "tcp://lo:7101",
        "tcp://0:7101", "tcp://[::ffff:192.168.1.5]:7101", "tcp://localhost.example.com:7101"}) {
    EXPECT_ERROR(ErrorCode::invalid, make_bus(bind)) << bind;
    const BusOptions fetch{.bind = "tcp://127.0.0.1:0", .fetch_bind = bind};
    EXPECT_ERROR(ErrorCode::invalid, Bus::zeromq(fetch, null_logger())) << bind;
    const BusOptions limited{.bind = "tcp://127.0.0.1:0", .fetch_bind = "", .limited_bind = bind};
    EXPECT_ERROR(ErrorCode::invalid, Bus::zeromq(limited, null_logger())) << bind;
  }
}

TEST(ZmqBusBind, what_is_no_endpoint_is_refused) {
  for (const char* bind :
       {"7101", "127.0.0.1:7101", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:", "tcp://:7101",
        "tcp://127.0.0.1:x", "tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1", "ipc:///tmp/bus",
        "udp://127.0.0.1:7101"}) {
    EXPECT_ERROR(ErrorCode::invalid, make_bus(bind)) << bind;
  }
  const auto bus = make_bus("");
  Collector collector;
  for (const char* peer : {"tickets", "tcp://127.0.0.1:0", "tcp://127.0.0.1:*"}) {
    EXPECT_ERROR(ErrorCode::invalid, bus->follow(collector.consumer("tickets", peer))) << peer;
  }
}

TEST(ZmqBusBind, a_port_in_use_is_unavailable) {
  const auto first = make_bus("tcp://127.0.0.1:0");
  EXPECT_ERROR(ErrorCode::unavailable, make_bus(first->endpoint()));
  EXPECT_ERROR(
      ErrorCode::unavailable,
      Bus::zeromq({.bind = "tcp://127.0.0.1:0", .fetch_bind = first->endpoint()}, null_logger()));
}

TEST(ZmqBusBind, every_spelling_of_this_host_works) {
  for (const char* bind : {"tcp://localhost:0", "tcp://127.0.0.2:*", "tcp://[::1]:*"}) {
    MemoryLog log{"tickets"};
    log.publish(nullptr, "a", 3);
    const auto publisher = make_bus(bind);
    publisher->host(log.hosted());
    publisher->start();
    Collector collector;
    const auto subscriber = make_bus("");
    subscriber->follow(collector.consumer("tickets", publisher->endpoint()));
    subscriber->start();
    EXPECT_TRUE(collector.wait_for(3)) << bind;
  }
}

}  // namespace
}  // namespace ticketing
