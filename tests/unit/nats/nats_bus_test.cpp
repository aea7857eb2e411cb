// The bus over NATS, beyond what every transport has to stand.

#include "nats_fixture.hpp"
#include "support/error_of.hpp"

namespace ticketing::test {
namespace {

TEST_F(NatsBusTest, stores_every_event_once_and_in_order) {
  Collector collector;
  const auto publisher = this->publisher();
  const auto consumer = this->consumer(collector);
  ASSERT_TRUE(wait_until_caught_up(*consumer));
  for (int i = 0; i < 100; ++i) log_.publish(publisher.get(), "ticket:created", 1 + i % 7);
  const auto head = log_.hosted().head;
  ASSERT_TRUE(collector.wait_for(static_cast<std::size_t>(head)));
  EXPECT_EQ(collector.offsets(), up_to(head));
  EXPECT_TRUE(eventually([&] { return messages_stored() == head; }));
}

TEST_F(NatsBusTest, live_events_come_by_the_stream_and_not_from_the_log) {
  std::atomic<std::int64_t> read{0};
  HostedLog hosted = log_.hosted();
  hosted.read = [&](const LogQuery& query) {
    LogPage page = log_.read(query);
    read += static_cast<std::int64_t>(page.entries.size());
    return page;
  };
  const auto publisher = make();
  publisher->host(std::move(hosted));
  publisher->start();
  Collector collector;
  const auto consumer = this->consumer(collector);
  log_.publish(publisher.get(), "ticket:created");
  ASSERT_TRUE(collector.wait_for(1));
  ASSERT_TRUE(eventually([&] { return messages_stored() == 1; }));
  const std::int64_t before = read;
  for (int i = 2; i <= 200; ++i) {
    log_.publish(publisher.get(), "ticket:created");
    ASSERT_TRUE(collector.wait_for(static_cast<std::size_t>(i)));
  }
  EXPECT_LE(read - before, 20);
}

TEST_F(NatsBusTest, messages_are_acknowledged_once_they_are_applied) {
  Collector collector;
  const auto publisher = this->publisher();
  const auto consumer = this->consumer(collector);
  ASSERT_TRUE(wait_until_caught_up(*consumer));
  log_.publish(publisher.get(), "ticket:created", 600);
  ASSERT_TRUE(collector.wait_for(600));
  const auto unfinished = [&](const char* name) {
    return number_behind(server().ask("CONSUMER.INFO.TICKETING-tickets.collector"), name);
  };
  EXPECT_TRUE(eventually([&] {
    return unfinished("\"num_ack_pending\":") == 0 && unfinished("\"num_pending\":") == 0;
  }));
}

TEST_F(NatsBusTest, wanted_subjects_alone_come) {
  Collector one;
  Collector two;
  const auto publisher = this->publisher();
  auto consumer = this->consumer(one, std::nullopt, {"ticket:created"});
  ASSERT_TRUE(wait_until_caught_up(*consumer));
  for (int i = 0; i < 30; ++i) {
    log_.publish(publisher.get(), i % 2 == 0 ? "ticket:created" : "ticket:updated");
  }
  ASSERT_TRUE(one.wait_for(15));
  ASSERT_TRUE(wait_until_caught_up(*consumer, 30));
  EXPECT_EQ(one.offsets().size(), 15U);
  consumer.reset();
  // The same name with another filter, as after an upgrade of the service.
  const auto upgraded =
      this->consumer(two, Cursor{log_.hosted().id, 30}, {"ticket:updated", "ticket:deleted"});
  ASSERT_TRUE(wait_until_caught_up(*upgraded, 30));
  log_.publish(publisher.get(), "ticket:created");
  log_.publish(publisher.get(), "ticket:updated");
  log_.publish(publisher.get(), "ticket:deleted");
  ASSERT_TRUE(two.wait_for(2));
  EXPECT_EQ(two.offsets(), (std::vector<std::int64_t>{32, 33}));
}

TEST_F(NatsBusTest, a_consumer_goes_on_from_the_stream_while_the_publisher_is_down) {
  Collector before;
  auto publisher = this->publisher();
  auto consumer = this->consumer(before);
  ASSERT_TRUE(wait_until_caught_up(*consumer));
  log_.publish(publisher.get(), "ticket:created", 10);
  ASSERT_TRUE(before.wait_for(10));
  ASSERT_TRUE(wait_until_caught_up(*consumer, 10));
  consumer.reset();
  log_.publish(publisher.get(), "ticket:updated", 700);
  ASSERT_TRUE(eventually([&] { return messages_stored() == 710; }));
  publisher.reset();
  Collector after;
  consumer = this->consumer(after, Cursor{log_.hosted().id, 10});
  ASSERT_TRUE(after.wait_for(700));
  EXPECT_EQ(after.offsets().front(), 11);
  EXPECT_EQ(after.offsets().back(), 710);
  EXPECT_FALSE(consumer->statuses().at(0).caught_up);  // Nobody says where the log stands.
}

/// What was under way to it comes again when its time is over, or at once when it is given back.
TEST_F(NatsBusTest, a_consumer_that_was_killed_needs_no_publisher_for_what_comes_again) {
  Collector before;
  auto publisher = this->publisher();
  auto consumer = this->consumer(before);
  ASSERT_TRUE(wait_until_caught_up(*consumer));
  log_.publish(publisher.get(), "ticket:created", 10);
  ASSERT_TRUE(wait_until_caught_up(*consumer, 10));
  consumer.reset();
  log_.publish(publisher.get(), "ticket:created", 600);
  ASSERT_TRUE(eventually([&] { return messages_stored() == 610; }));
  publisher.reset();
  const std::string durable = "TICKETING-tickets.collector";
  for (int i = 0; i < 5; ++i) server().ask("CONSUMER.MSG.NEXT." + durable);
  Collector after;
  consumer = make();
  Consumer follows = after.consumer("tickets", "", {}, Cursor{log_.hosted().id, 10});
  follows.options.buffer_max = 100;
  consumer->follow(std::move(follows));
  consumer->start();
  const auto unacknowledged = [&] {
    return number_behind(server().ask("CONSUMER.INFO." + durable), "\"num_ack_pending\":");
  };
  ASSERT_TRUE(eventually([&] { return unacknowledged() > 500; }));
  EXPECT_TRUE(after.offsets().empty());
  for (int i = 11; i <= 15; ++i) {
    const std::string number = std::to_string(i);
    server().publish("$JS.ACK." + durable + ".1." + number + "." + number + ".1.0", "-NAK");
  }
  ASSERT_TRUE(after.wait_for(105));
  EXPECT_FALSE(consumer->statuses().at(0).joined);
  publisher = this->publisher();
  ASSERT_TRUE(after.wait_for(600));
  EXPECT_EQ(after.offsets().front(), 11);
  EXPECT_EQ(after.offsets().back(), 610);
}

TEST_F(NatsBusTest, two_buses_follow_in_turn_on_one_durable) {
  const auto publisher = this->publisher();
  Collector collector;
  std::unique_ptr<Bus> buses[] = {make(), make()};
  for (const auto& bus : buses) bus->start();
  for (int turn = 0; turn < 6; ++turn) {
    Bus& bus = *buses[turn % 2];
    const auto applied = static_cast<std::int64_t>(collector.offsets().size());
    bus.follow(collector.consumer("tickets", "", {}, Cursor{log_.hosted().id, applied}));
    log_.publish(publisher.get(), "ticket:created", 50);
    ASSERT_TRUE(collector.wait_for(static_cast<std::size_t>(50 * (turn + 1))));
    bus.unfollow("collector", "tickets");
    log_.publish(publisher.get(), "ticket:created", 0);
    EXPECT_TRUE(bus.statuses().empty());
  }
  EXPECT_EQ(collector.offsets(), up_to(300));
}

/// Of events that are no CloudEvents, so that the server has no ids to know repetitions by: only
/// where the stream ends keeps the two apart.
TEST_F(NatsBusTest, two_publishers_of_one_log_take_turns_without_holes_or_doubles) {
  std::unique_ptr<Bus> buses[] = {publisher(), publisher()};
  Collector collector;
  const auto consumer = this->consumer(collector);
  buses[1]->lead("tickets", false);
  std::int64_t offset = 0;
  const auto text_of = [](std::int64_t of) { return "event " + std::to_string(of); };
  for (int turn = 0; turn < 20; ++turn) {
    Bus& last = *buses[(turn + 1) % 2];
    Bus& next = *buses[turn % 2];
    // For a while both lead, as when one has not heard yet that its time is over.
    next.lead("tickets", true);
    for (int i = 0; i < 20; ++i) {
      if (i == 15) last.lead("tickets", false);
      const std::string text = text_of(++offset);
      log_.publish(&next, "ticket:created", 1, text);
      last.committed("tickets", {{offset, "ticket:created", text}});
      const bool pauses = i % 4 == 0;  // So that both are at work.
      ASSERT_TRUE(!pauses || collector.wait_for(static_cast<std::size_t>(offset)));
    }
  }
  ASSERT_TRUE(collector.wait_for(400));
  EXPECT_EQ(collector.offsets(), up_to(400));
  ASSERT_TRUE(eventually([&] { return messages_stored() >= 400; }))
      << messages_stored() << ' ' << ::testing::PrintToString(buses[1]->troubles()) << ' '
      << ::testing::PrintToString(logger_.lines());
  for (std::int64_t i = 1; i <= 400; ++i) {
    const std::string question = "{\"seq\":" + std::to_string(i) + "}";
    ASSERT_EQ(server().ask("DIRECT.GET.TICKETING-tickets", question), text_of(i));
  }
  EXPECT_EQ(messages_stored(), 400);
}

TEST_F(NatsBusTest, what_was_committed_last_is_stored_before_the_bus_stops) {
  auto publisher = this->publisher();
  log_.publish(publisher.get(), "ticket:created");
  ASSERT_TRUE(eventually([&] { return messages_stored() == 1; }));
  log_.publish(publisher.get(), "ticket:created", 300);
  publisher->stop();
  EXPECT_EQ(messages_stored(), 301);
}

TEST_F(NatsBusTest, large_events_come_whole) {
  Collector collector;
  const auto publisher = this->publisher();
  const auto consumer = this->consumer(collector);
  const std::string large = "{" + std::string(400 << 10, ' ') + "}";
  for (int i = 0; i < 8; ++i) log_.publish(publisher.get(), "ticket:created", 1, large);
  ASSERT_TRUE(collector.wait_for(8));
  Collector late;  // By answers to fetches, that hold two of them each.
  auto other = make();
  Consumer follows = late.consumer("tickets", "");
  follows.name = "late";
  other->follow(std::move(follows));
  other->start();
  ASSERT_TRUE(late.wait_for(8));
  EXPECT_EQ(late.offsets(), up_to(8));
}

TEST_F(NatsBusTest, an_event_that_the_server_does_not_take_is_told_of_and_not_passed_over) {
  Collector collector;
  const auto publisher = this->publisher();
  const auto consumer = this->consumer(collector);
  log_.publish(publisher.get(), "ticket:created");
  ASSERT_TRUE(collector.wait_for(1));
  log_.publish(publisher.get(), "ticket:created", 1, "{" + std::string(2 << 20, ' ') + "}");
  log_.publish(publisher.get(), "ticket:created", 3);
  EXPECT_TRUE(eventually([&] { return logger_.count("raise its max_payload") >= 2; }));
  EXPECT_EQ(collector.offsets(), up_to(1));
  EXPECT_FALSE(consumer->statuses().at(0).caught_up);
}

TEST_F(NatsBusTest, a_url_that_says_nothing_is_refused) {
  for (const char* url : {"nats://", "nats://a:1,b", "nats://a:1?replicas=0", "nats://a:1?x=1",
                          "nats://a:1?cert=c", "http://a:1", "nats:", "zmq://x", ""}) {
    EXPECT_ERROR(ErrorCode::invalid, make(url)) << url;
  }
  EXPECT_EQ(make("nats://user:secret@a:1,tls://b:2?replicas=3")->endpoint(),
            "nats://a:1,tls://b:2");
}

}  // namespace
}  // namespace ticketing::test
