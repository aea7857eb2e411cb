// events tail, events replay, and an event as a line.

#include <gtest/gtest.h>

#include "arguments.hpp"
#include "event_line.hpp"
#include "fake_marketplace.hpp"
#include "fake_world.hpp"

namespace ticketing::cli {
namespace {

TailedEvent ticket_created(std::int64_t offset) {
  TicketCreated ticket;
  ticket.id = "t" + std::to_string(offset);
  ticket.title = "Concert";
  ticket.price = Money::from_cents(2000);
  return played(offset, ticket);
}

TEST(Events, tail_prints_one_line_an_event_up_to_the_count) {
  FakeWorld fake;
  for (std::int64_t offset = 1; offset <= 3; ++offset) fake.events.push(ticket_created(offset));
  EXPECT_EQ(fake.run({"events", "tail", "ticket:created", "--from", "1", "--count", "2"}), 0);
  EXPECT_EQ(fake.out(),
            "1970-01-01T00:00:00.000Z  tickets         #1  ticket:created       t1  v0  "
            "Concert, 20, free\n"
            "1970-01-01T00:00:00.000Z  tickets         #2  ticket:created       t2  v0  "
            "Concert, 20, free\n");
  EXPECT_EQ(fake.followed.subjects, std::vector<std::string>{"ticket:created"});
  EXPECT_EQ(fake.followed.from, 1);
  EXPECT_EQ(fake.followed.endpoints, std::vector<std::string>{"tcp://127.0.0.1:7100"});
}

TEST(Events, json_is_the_cloud_event_line_by_line) {
  FakeWorld fake;
  const TailedEvent event = ticket_created(1);
  fake.events.push(event);
  EXPECT_EQ(fake.run({"events", "tail", "--json", "--count", "1"}), 0);
  EXPECT_EQ(fake.out(), encode(event.envelope) + '\n');
  EXPECT_FALSE(fake.followed.from);
}

TEST(Events, tail_ends_in_time_and_says_when_it_saw_too_few) {
  FakeWorld fake;
  EXPECT_EQ(fake.run({"events", "tail", "--timeout", "10s"}), 0);
  EXPECT_EQ(fake.clock.monotonic(), std::chrono::seconds{10});
  fake.events.push(ticket_created(1));
  EXPECT_EQ(fake.run({"events", "tail", "--timeout", "10s", "--count", "2"}), 6);
  EXPECT_EQ(lines_in(fake.out()), 1U);
  EXPECT_EQ(fake.err(), "ticketctl: saw 1 of 2 events within 10s\n");
}

TEST(Events, replay_ends_at_the_logs_ends) {
  FakeWorld fake;
  for (std::int64_t offset = 1; offset <= 3; ++offset) fake.events.push(ticket_created(offset));
  EXPECT_EQ(fake.run({"events", "replay"}), 0);
  EXPECT_EQ(lines_in(fake.out()), 3U);
  EXPECT_EQ(fake.followed.from, 1);
}

TEST(Events, publishers_that_do_not_answer_point_to_their_flag) {
  FakeWorld fake;
  World world = fake.view();
  world.follow = [](const TailOptions&) -> std::unique_ptr<EventSource> {
    throw Error{ErrorCode::unavailable, "no publisher answers at tcp://x:1", "peer_unavailable"};
  };
  EXPECT_EQ(run({"events", "tail"}, world), 6);
  EXPECT_EQ(fake.err(),
            "ticketctl: no publisher answers at tcp://x:1; start ticketd or pass --peer\n");
}

TEST(Events, an_endpoint_that_is_none_is_wrong_usage) {
  TailOptions options;
  options.endpoints = {"nonsense"};
  try {
    follow_publishers(options);
    FAIL() << "followed";
  } catch (const Error& error) {
    EXPECT_TRUE(is_usage_error(error));
  }
}

TEST(Events, an_endpoint_without_a_publisher_is_unavailable) {
  TailOptions options;
  options.endpoints = {"tcp://127.0.0.1:1"};
  options.join_timeout = milliseconds{20};
  try {
    follow_publishers(options);
    FAIL() << "followed";
  } catch (const Error& error) {
    EXPECT_EQ(error.word(), "peer_unavailable");
  }
}

TEST(Events, a_line_tells_what_happened) {
  OrderCancelled order;
  order.id = "o1";
  order.status = OrderStatus::cancelled;
  order.reason = CancelReason::expired;
  order.ticket = {"t1", "Concert", Money::from_cents(1999), 0};
  EXPECT_EQ(summary_of(played(1, order).envelope), "cancelled (expired), Concert, 19.99");
  TicketUpdated ticket;
  ticket.title = "A\nB";
  ticket.order_id = "o1";
  EXPECT_EQ(summary_of(played(1, ticket).envelope), "A\uFFFDB, 0, held by order o1");
  EXPECT_EQ(
      summary_of(
          played(1, PaymentFailed{"p", 1, "o1", Money::from_cents(100), "declined"}).envelope),
      "declined, 1 for order o1");
}

TEST(Events, an_unknown_event_is_shown_as_it_came) {
  Envelope envelope;
  envelope.type = "seat:moved";
  envelope.data.text = R"({"row":3})";
  EXPECT_EQ(summary_of(envelope), R"({"row":3})");
  envelope.type = TicketCreated::kSubject;
  EXPECT_EQ(summary_of(envelope), R"({"row":3})");
}

TEST(Events, a_log_that_begins_with_a_snapshot_says_so_once_and_not_among_the_data) {
  FakeWorld fake;
  for (std::int64_t offset : {3, 7, 8}) {
    TailedEvent event = ticket_created(offset);
    event.envelope.from_snapshot = offset < 8;
    fake.events.push(event);
  }
  EXPECT_EQ(fake.run({"events", "replay"}), 0);
  EXPECT_EQ(lines_in(fake.out()), 3U);
  EXPECT_EQ(lines_in(fake.err()), 1U);
  EXPECT_NE(fake.err().find("tickets begins with a snapshot"), std::string::npos);
}

}  // namespace
}  // namespace ticketing::cli
