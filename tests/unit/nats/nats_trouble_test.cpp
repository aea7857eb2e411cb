// What happens to a NATS server and its streams, without an event being lost.

#include "nats_fixture.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::test {
namespace {

constexpr int kCount = 400;

TEST_F(NatsBusTest, a_stream_that_is_deleted_under_load_is_written_again) {
  Collector collector;
  const auto publisher = this->publisher();
  const auto consumer = this->consumer(collector);
  ASSERT_TRUE(wait_until_caught_up(*consumer));
  publish_around(*publisher, kCount, [&] { server().ask("STREAM.DELETE.TICKETING-tickets"); });
  ASSERT_TRUE(collector.wait_for(kCount));
  EXPECT_EQ(collector.offsets(), up_to(kCount));
  ASSERT_TRUE(eventually([&] { return messages_stored() > 0; }));
  log_.publish(publisher.get(), "ticket:created", 5);
  ASSERT_TRUE(collector.wait_for(kCount + 5));
}

TEST_F(NatsBusTest, a_stream_that_is_deleted_at_rest_is_made_again) {
  const auto publisher = this->publisher();
  log_.publish(publisher.get(), "ticket:created", 20);
  ASSERT_TRUE(eventually([&] { return messages_stored() == 20; }));
  server().ask("STREAM.DELETE.TICKETING-tickets");
  EXPECT_TRUE(eventually([&] { return messages_stored() == 20; }));
}

TEST_F(NatsBusTest, a_stream_that_is_emptied_goes_on) {
  Collector collector;
  const auto publisher = this->publisher();
  const auto consumer = this->consumer(collector);
  log_.publish(publisher.get(), "ticket:created", 20);
  ASSERT_TRUE(collector.wait_for(20));
  ASSERT_TRUE(eventually([&] { return messages_stored() == 20; }));
  server().ask("STREAM.PURGE.TICKETING-tickets");
  log_.publish(publisher.get(), "ticket:created", 20);
  ASSERT_TRUE(collector.wait_for(40));
  EXPECT_EQ(collector.offsets(), up_to(40));
  EXPECT_TRUE(eventually([&] { return messages_stored() >= 20; }));
}

TEST_F(NatsBusTest,
       a_restarted_publisher_writes_to_an_emptied_stream_what_nobody_has_said_to_have) {
  auto publisher = this->publisher();
  log_.publish(publisher.get(), "ticket:created", 20);
  ASSERT_TRUE(eventually([&] { return messages_stored() == 20; }));
  publisher.reset();
  server().ask("STREAM.PURGE.TICKETING-tickets");
  publisher = this->publisher();
  // The server still knows their ids, and must not take them for repetitions.
  EXPECT_TRUE(eventually([&] { return messages_stored() == 20; }));
}

TEST_F(NatsBusTest, the_newest_messages_of_a_stream_are_written_again_when_they_were_deleted) {
  auto publisher = this->publisher();
  log_.publish(publisher.get(), "ticket:created", 20);
  ASSERT_TRUE(eventually([&] { return messages_stored() == 20; }));
  publisher.reset();
  for (int i = 16; i <= 20; ++i) {
    server().ask("STREAM.MSG.DELETE.TICKETING-tickets", "{\"seq\":" + std::to_string(i) + "}");
  }
  ASSERT_EQ(messages_stored(), 15);
  publisher = this->publisher();
  log_.publish(publisher.get(), "ticket:created", 5);
  // The server still knows the ids of five, for longer than a test may take.
  EXPECT_TRUE(eventually([&] { return messages_stored() == 25; }));
}

TEST_F(NatsBusTest, of_a_stream_that_somebody_made_only_what_is_ours_is_changed) {
  server().ask("STREAM.CREATE.TICKETING-tickets",
               R"({"name":"TICKETING-tickets","subjects":["ticketing.tickets.>"],)"
               R"("retention":"limits","storage":"memory","num_replicas":1,"max_msgs":77,)"
               R"("max_msgs_per_subject":33,"discard":"new","discard_new_per_subject":true})");
  const auto publisher = this->publisher();
  log_.publish(publisher.get(), "ticket:created", 5);
  ASSERT_TRUE(eventually([&] { return messages_stored() == 5; }));
  const std::string said = server().ask("STREAM.INFO.TICKETING-tickets");
  for (const char* member :
       {R"("subjects":["ticketing.tickets.events.)", R"("allow_direct":true)", R"("max_msgs":77)",
        R"("max_msgs_per_subject":33)", R"("discard":"new")", R"("discard_new_per_subject":true)",
        R"("storage":"memory")"}) {
    EXPECT_NE(said.find(member), std::string::npos) << member << " in " << said;
  }
}

TEST_F(NatsBusTest, a_deleted_durable_is_made_again) {
  Collector collector;
  const auto publisher = this->publisher();
  const auto consumer = this->consumer(collector);
  ASSERT_TRUE(wait_until_caught_up(*consumer));
  publish_around(*publisher, kCount,
                 [&] { server().ask("CONSUMER.DELETE.TICKETING-tickets.collector"); });
  ASSERT_TRUE(collector.wait_for(kCount));
  EXPECT_EQ(collector.offsets(), up_to(kCount));
}

TEST_F(NatsBusTest, a_server_that_is_killed_under_load_loses_nothing) {
  Collector collector;
  const auto publisher = this->publisher();
  const auto consumer = this->consumer(collector);
  ASSERT_TRUE(wait_until_caught_up(*consumer));
  for (int round = 1; round <= 3; ++round) {
    publish_around(*publisher, kCount, [&] {
      server().kill();
      log_.publish(publisher.get(), "ticket:created", 0);
      server().start();
    });
    ASSERT_TRUE(collector.wait_for(static_cast<std::size_t>(round * kCount)));
  }
  EXPECT_EQ(collector.offsets(), up_to(3 * kCount));
  EXPECT_TRUE(eventually([&] { return messages_stored() == 3 * kCount; }));
  EXPECT_TRUE(publisher->troubles().empty());
}

TEST_F(NatsBusTest, a_server_that_has_forgotten_everything_is_told_again) {
  Collector collector;
  const auto publisher = this->publisher();
  const auto consumer = this->consumer(collector);
  ASSERT_TRUE(wait_until_caught_up(*consumer));
  publish_around(*publisher, kCount, [&] {
    server().kill();
    server().wipe_store();
    server().start();
  });
  ASSERT_TRUE(collector.wait_for(kCount));
  EXPECT_EQ(collector.offsets(), up_to(kCount));
}

/// JetStream acknowledges before it syncs, so a machine that stops may take back what it has
/// acknowledged.
TEST_F(NatsBusTest, a_server_that_came_back_with_less_gets_the_rest_again) {
  Collector collector;
  const auto publisher = this->publisher();
  const auto consumer = this->consumer(collector);
  ASSERT_TRUE(wait_until_caught_up(*consumer));
  log_.publish(publisher.get(), "ticket:created", 50);
  ASSERT_TRUE(collector.wait_for(50));
  ASSERT_TRUE(eventually([&] { return messages_stored() == 50; }));
  server().stop();
  server().keep_store();
  server().start();
  log_.publish(publisher.get(), "ticket:created", 50);
  ASSERT_TRUE(collector.wait_for(100));
  ASSERT_TRUE(eventually([&] { return messages_stored() == 100; }));
  server().kill();
  server().restore_store();
  server().start();
  EXPECT_TRUE(eventually([&] { return messages_stored() == 100; }));
  log_.publish(publisher.get(), "ticket:created", 50);
  ASSERT_TRUE(collector.wait_for(150));
  EXPECT_EQ(collector.offsets(), up_to(150));
}

/// Its process may still take itself for the one that leads.
TEST_F(NatsBusTest, who_cannot_read_its_log_does_not_speak_for_it) {
  Collector collector;
  std::atomic<bool> is_cut{false};
  HostedLog hosted = log_.hosted();
  hosted.read = [&](const LogQuery& query) {
    if (is_cut) throw Error(ErrorCode::unavailable, "the database is gone");
    return log_.read(query);
  };
  const auto publisher = make();
  publisher->host(std::move(hosted));
  publisher->start();
  const auto consumer = this->consumer(collector);
  ASSERT_TRUE(wait_until_caught_up(*consumer));
  is_cut = true;
  EXPECT_TRUE(eventually([&] { return !consumer->statuses().at(0).joined; }));
  EXPECT_EQ(logger_.count("the database is gone"), 1);
  is_cut = false;
  EXPECT_TRUE(wait_until_caught_up(*consumer));
}

TEST_F(NatsBusTest, a_server_may_start_later_than_the_services) {
  const std::string url = server().url();
  server().kill();
  Collector collector;
  const auto publisher = this->publisher();
  const auto consumer = this->consumer(collector);
  EXPECT_TRUE(says(*publisher, "there is no connection") || says(*publisher, "no NATS server"));
  ASSERT_TRUE(eventually([&] { return logger_.count("no NATS server answers at " + url) > 0; }));
  log_.publish(publisher.get(), "ticket:created", 5);
  server().start();
  ASSERT_TRUE(collector.wait_for(5));
  EXPECT_EQ(collector.offsets(), up_to(5));
  EXPECT_TRUE(eventually([&] { return publisher->troubles().empty(); }));
  EXPECT_LE(logger_.count("no NATS server answers"), 2);  // Once for each of the two.
}

TEST_F(NatsBusTest, a_server_without_jetstream_is_told_of) {
  server_ = std::make_unique<NatsServer>(false);
  const auto publisher = this->publisher();
  const std::string expected =
      "JetStream is not enabled at " + server().url() + "; start nats-server with -js";
  EXPECT_TRUE(eventually([&] { return says(*publisher, expected); }));
  EXPECT_EQ(logger_.count(expected), 1);
}

TEST_F(NatsBusTest, wrong_credentials_are_told_of_without_showing_them) {
  server_ = std::make_unique<NatsServer>(
      true, std::vector<std::string>{"--user", "ticketing", "--pass", "right"});
  const auto wrong = publisher("nats://ticketing:wrong@" + server().address());
  EXPECT_TRUE(eventually([&] { return says(*wrong, "refuses user or password"); }));
  EXPECT_EQ(logger_.count("wrong@"), 0);
  const auto right = publisher("nats://ticketing:right@" + server().address());
  EXPECT_TRUE(eventually([&] { return right->troubles().empty(); }));
}

TEST_F(NatsBusTest, the_stream_of_another_system_is_left_alone) {
  MemoryLog other{"tickets"};
  {
    const auto stranger = this->stranger(other);
    other.publish(stranger.get(), "ticket:created", 7);
    ASSERT_TRUE(eventually([&] { return messages_stored() == 7; }));
  }
  const auto publisher = this->publisher();
  log_.publish(publisher.get(), "ticket:created", 5);
  ASSERT_TRUE(eventually([&] { return says(*publisher, "holds another log"); }));
  EXPECT_EQ(messages_stored(), 7);
  EXPECT_EQ(logger_.count("holds another log"), 1);
  server().ask("STREAM.DELETE.TICKETING-tickets");
  EXPECT_TRUE(eventually([&] { return publisher->troubles().empty(); }));
  EXPECT_TRUE(eventually([&] { return messages_stored() == 5; }));
}

TEST_F(NatsBusTest, a_second_system_on_the_account_keeps_nobody_from_its_own_log) {
  Collector before;
  Collector after;
  MemoryLog other{"tickets"};
  const auto publisher = this->publisher();
  const auto consumer = this->consumer(before);
  log_.publish(publisher.get(), "ticket:created", 5);
  ASSERT_TRUE(before.wait_for(5));
  const auto stranger = this->stranger(other);
  other.publish(stranger.get(), "ticket:created", 7);
  ASSERT_TRUE(eventually([&] { return logger_.count("another log has the same name") == 1; }));
  // Joins and questions are answered by the log that they are about.
  auto late = make();
  for (int i = 0; i < 8; ++i) {
    Consumer follows = after.consumer("tickets", "", {}, Cursor{log_.hosted().id, 0});
    follows.name = "late-" + std::to_string(i);
    late->follow(std::move(follows));
  }
  late->start();
  ASSERT_TRUE(after.wait_for(8U * 5U));
  log_.publish(publisher.get(), "ticket:created", 20);
  ASSERT_TRUE(before.wait_for(25));
  EXPECT_EQ(before.offsets(), up_to(25));
  EXPECT_TRUE(eventually([&] { return consumer->statuses().at(0).caught_up; }));
  for (const SubscriptionStatus& status : late->statuses()) EXPECT_FALSE(status.refusal);
}

TEST_F(NatsBusTest, a_log_is_refused_while_another_one_is_heard_in_its_place) {
  Collector collector;
  MemoryLog other{"tickets"};
  auto publisher = this->publisher();
  const auto consumer = this->consumer(collector);
  log_.publish(publisher.get(), "ticket:created", 5);
  ASSERT_TRUE(collector.wait_for(5));
  publisher.reset();
  const auto stranger = this->stranger(other);
  other.publish(stranger.get(), "ticket:created", 7);
  const auto refusal = [&] { return consumer->statuses().at(0).refusal.value_or(""); };
  ASSERT_TRUE(eventually([&] { return !refusal().empty(); }));
  EXPECT_NE(refusal().find("is another log now: expected id tickets-id, got another-id"),
            std::string::npos);
  publisher = this->publisher();
  log_.publish(publisher.get(), "ticket:created", 5);
  ASSERT_TRUE(collector.wait_for(10));
  EXPECT_EQ(collector.offsets(), up_to(10));
  EXPECT_TRUE(eventually([&] { return refusal().empty(); }));
}

TEST_F(NatsBusTest, foreign_messages_in_the_stream_are_told_of_and_left_alone) {
  Collector collector;
  auto publisher = this->publisher();
  const auto consumer = this->consumer(collector);
  log_.publish(publisher.get(), "ticket:created", 5);
  ASSERT_TRUE(collector.wait_for(5));
  ASSERT_TRUE(eventually([&] { return messages_stored() == 5; }));
  server().publish("ticketing.tickets.events.ticket.created", "{}");
  ASSERT_TRUE(eventually([&] { return says(*publisher, "not of this system"); }));
  EXPECT_EQ(collector.offsets(), up_to(5));
  // Consumers fetch meanwhile what is not published.
  log_.publish(publisher.get(), "ticket:created", 5);
  ASSERT_TRUE(collector.wait_for(10));
  EXPECT_EQ(messages_stored(), 6);
}

}  // namespace
}  // namespace ticketing::test
