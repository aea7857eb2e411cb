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

TEST(Events, replay_stops_behind_the_offset_that_is_named) {
  FakeWorld fake;
  fake.logs = {"tickets"};
  for (std::int64_t offset = 2; offset <= 9; ++offset) fake.events.push(ticket_created(offset));
  EXPECT_EQ(fake.run({"events", "replay", "--from", "2", "--to", "4"}), 0);
  EXPECT_EQ(lines_in(fake.out()), 3U);
  EXPECT_FALSE(fake.events.empty());  // What lies behind is not even fetched.
  EXPECT_EQ(fake.run({"events", "replay", "--from", "5", "--to", "4"}), 2);
}

TEST(Events, replay_waits_for_every_log_to_reach_the_offset) {
  FakeWorld fake;
  fake.logs = {"tickets", "payments"};
  for (std::int64_t offset = 1; offset <= 5; ++offset) fake.events.push(ticket_created(offset));
  fake.events.push(played(1, PaymentCreated{"p", 0, "o", Money::from_cents(1), "ch"}));
  EXPECT_EQ(fake.run({"events", "replay", "--to", "2"}), 0);
  EXPECT_EQ(lines_in(fake.out()), 3U);
}

TEST(Events, one_publishers_events_are_enough) {
  FakeWorld fake;
  fake.events.push(ticket_created(1));
  fake.events.push(played(1, PaymentCreated{"p", 0, "o", Money::from_cents(1), "ch"}));
  EXPECT_EQ(fake.run({"events", "replay", "--publisher", "payments"}), 0);
  EXPECT_EQ(lines_in(fake.out()), 1U);
  EXPECT_NE(fake.out().find("payment:created"), std::string::npos);
  EXPECT_EQ(fake.run({"events", "replay", "--publisher", "seats"}), 6);
  EXPECT_EQ(fake.err(),
            "ticketctl: nobody publishes the log of seats there; start ticketd or pass --peer\n");
}

TEST(Events, subjects_may_be_operands_or_flags) {
  FakeWorld fake;
  EXPECT_EQ(fake.run({"events", "replay", "a:b", "--subject", "c:d", "--subject", "e:f"}), 0);
  EXPECT_EQ(fake.followed.subjects, (std::vector<std::string>{"a:b", "c:d", "e:f"}));
}

TEST(Events, an_output_that_is_none_is_wrong_usage) {
  FakeWorld fake;
  EXPECT_EQ(fake.run({"events", "tail", "--output", "xml"}), 2);
  EXPECT_EQ(
      fake.err(),
      "ticketctl: --output must be lines or cloudevents, not 'xml'; see ticketctl events tail "
      "--help\n");
}

/// The members of the JSON object `text`, their values as they stand there.
std::map<std::string, std::string> members_of(const std::string& text) {
  std::map<std::string, std::string> members;
  std::size_t start = 1;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted) {
      if (text[i] == '\\') ++i;
      if (text[i] == '"') quoted = false;
      continue;
    }
    quoted = text[i] == '"';
    if (text[i] == '{' || text[i] == '[') ++depth;
    const bool closes = text[i] == '}' || text[i] == ']';
    if (depth == 1 && (text[i] == ',' || closes)) {
      const std::string member = text.substr(start, i - start);
      const auto colon = member.find("\":");
      const bool fresh =
          members.emplace(member.substr(1, colon - 1), member.substr(colon + 2)).second;
      EXPECT_TRUE(fresh) << "twice: " << member;
      start = i + 1;
    }
    if (closes) --depth;
  }
  return members;
}

// CloudEvents 1.0.2, sections 3.1 to 3.3, and its JSON format, sections 2.2 and 3.1.
TEST(Events, cloudevents_keep_to_the_specification) {
  FakeWorld fake;
  TailedEvent event = ticket_created(7);
  event.envelope.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  event.envelope.causation_id = "c0";
  fake.events.push(event);
  ASSERT_EQ(fake.run({"events", "tail", "--output", "cloudevents", "--count", "1"}), 0);
  ASSERT_EQ(lines_in(fake.out()), 1U);
  auto members = members_of(fake.out().substr(0, fake.out().size() - 1));
  EXPECT_EQ(members["specversion"], R"("1.0")");
  for (const char* required : {"id", "source", "type"}) {
    EXPECT_GT(members[required].size(), 2U) << required;
  }
  EXPECT_EQ(members["datacontenttype"], R"("application/json")");
  EXPECT_EQ(members["time"], R"("1970-01-01T00:00:00.000Z")");
  EXPECT_TRUE(members["data"].starts_with('{')) << members["data"];  // Not a text that holds JSON.
  EXPECT_FALSE(members.contains("data_base64"));
  for (const auto& [name, value] : members) {
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"), std::string::npos);
    EXPECT_LE(name.size(), 20U) << name;
    const bool whole = value.find_first_not_of("0123456789") == std::string::npos;
    EXPECT_TRUE(name == "data" || value.starts_with('"') || whole) << name << ": " << value;
  }
  EXPECT_EQ(members["correlationid"], R"("c1")");
  EXPECT_EQ(members["causationid"], R"("c0")");
  EXPECT_EQ(members["offset"], "7");
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
