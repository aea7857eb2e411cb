// An event as a NATS message: what comes out is what went in, byte for byte.

#include "nats/event_message.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "nats/frames.hpp"
#include "nats/names.hpp"
#include "support/error_of.hpp"
#include "ticketing/events/envelope.hpp"

namespace ticketing::test {
namespace {

using namespace nats_driver;

GetHeader in(const EventMessage& message) {
  return [&message](const char* name) -> std::optional<std::string_view> {
    for (const auto& [key, value] : message.headers) {
      if (key == name) return value;
    }
    return std::nullopt;
  };
}

Envelope sample(std::string text, std::string data) {
  Envelope event;
  event.id = "0190a000-0000-7000-8000-00000000000a";
  event.source = "/ticketing/" + text;
  event.type = "ticket:created";
  event.aggregate_id = "42";
  event.time = *parse_timestamp("2026-11-21T10:00:00.007Z");
  event.log_id = "log-id";
  event.offset = 7;
  event.version = 3;
  event.correlation_id = text;
  event.data.text = std::move(data);
  return event;
}

std::string position_line(std::int64_t offset) {
  wire::Position position;
  position.log = "tickets";
  position.log_id = "log-id";
  position.offset = offset;
  position.fetch = "-";
  position.last = {{"ticket:created", offset - 1}};
  return wire::encode(position);
}

/// Whether it takes the headers of the binary mode, or goes as one body.
bool is_binary(const EventMessage& message) { return in(message)("ce-id").has_value(); }

void expect_the_same(const std::string& envelope, bool binary) {
  const EventMessage message = to_message(position_line(7), "ticket:created", envelope);
  EXPECT_EQ(is_binary(message), binary) << envelope;
  const CarriedEvent back = from_message(in(message), message.body);
  EXPECT_EQ(back.envelope, envelope);
  EXPECT_EQ(back.subject, "ticket:created");
  EXPECT_EQ(wire::encode(back.position), position_line(7));
  for (const auto& [name, value] : message.headers) {
    const auto is_odd = [](char c) { return c < ' ' || c > '~'; };
    EXPECT_TRUE(std::none_of(value.begin(), value.end(), is_odd)) << name << ": " << value;
  }
}

TEST(EventMessage, carries_odd_texts_byte_for_byte) {
  for (const std::string text :
       {"plain", "with blank", "100 %", "%41", "a\"b", "line\r\nx: y", "tab\t",
        "Ünï → 漢字 🎟", " blanks at both ends ", "nul\x01", "\x7f", "a:b=c,d"}) {
    expect_the_same(encode(sample(text, "{}")), true);
    expect_the_same(encode(sample("t", "{\"title\":\"" + std::string{"\\u0000\\n → "} + "\"}")),
                    true);
  }
}

TEST(EventMessage, carries_optional_attributes_and_data_as_they_are) {
  Envelope event = sample("t", R"({ "a" : 1.50 ,"b":[ ] })");
  event.causation_id = "cause 1";
  expect_the_same(encode(event), true);
  event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  expect_the_same(encode(event), true);
}

TEST(EventMessage, carries_what_it_would_change_as_one_body) {
  expect_the_same("{", false);
  expect_the_same("", false);
  const std::string other = encode(sample("t", "{}"));
  expect_the_same(" " + other, false);
  expect_the_same(other.substr(0, other.size() - 1) + R"(,"more":1})", false);
}

TEST(EventMessage, has_the_attributes_that_cloudevents_asks_for) {
  const EventMessage message =
      to_message(position_line(7), "ticket:created", encode(sample("t", R"({"id":"42"})")));
  EXPECT_EQ(in(message)("ce-specversion"), "1.0");
  EXPECT_EQ(in(message)("ce-type"), "ticket:created");
  EXPECT_EQ(in(message)("ce-subject"), "42");
  EXPECT_EQ(in(message)("ce-time"), "2026-11-21T10:00:00.007Z");
  EXPECT_EQ(in(message)("content-type"), "application/json");
  EXPECT_EQ(message.body, R"({"id":"42"})");
  EXPECT_EQ(message.id, "0190a000-0000-7000-8000-00000000000a");
}

TEST(EventMessage, refuses_what_is_no_event_of_this_system) {
  const EventMessage good =
      to_message(position_line(7), "ticket:created", encode(sample("t", "{}")));
  const auto without = [&](const std::string& name) {
    EventMessage message = good;
    std::erase_if(message.headers, [&](const auto& header) { return header.first == name; });
    return message;
  };
  for (const char* name : {"ticketing-position", "ce-type", "ce-id", "ce-time", "ce-offset",
                           "ce-specversion", "ce-correlationid"}) {
    EXPECT_ERROR(ErrorCode::invalid, from_message(in(without(name)), "{}")) << name;
  }
  EXPECT_ERROR(ErrorCode::invalid, from_message(in(good), ""));
  for (const char* broken : {"%", "%4", "%zz", "%ff"}) {
    EventMessage message = without("ce-id");
    message.headers.emplace_back("ce-id", broken);
    EXPECT_ERROR(ErrorCode::invalid, from_message(in(message), "{}")) << broken;
  }
}

TEST(Frames, come_back_as_they_were_packed) {
  for (const wire::Frames& frames :
       {wire::Frames{}, wire::Frames{""}, wire::Frames{"a\nb", "", "3\nabc"},
        wire::Frames{std::string(100'000, 'x')}}) {
    EXPECT_EQ(unpack(pack(frames)), frames);
  }
  for (const char* broken : {"x", "3", "3\n", "3\nab", "-1\n", "99999999999999999999\na"}) {
    EXPECT_ERROR(ErrorCode::invalid, unpack(broken)) << broken;
  }
}

TEST(Names, keep_apart_what_is_different) {
  const LogNames tickets{"tickets"};
  EXPECT_EQ(tickets.stream, "TICKETING-tickets");
  EXPECT_EQ(tickets.subject_of("ticket:created"), "ticketing.tickets.events.ticket.created");
  EXPECT_EQ(tickets.all_events(), "ticketing.tickets.events.>");
  EXPECT_EQ(tickets.subject_of("a.b:*"), "ticketing.tickets.events.a%2Eb.%2A");
  EXPECT_NE(tickets.subject_of("a:b"), tickets.subject_of("a.b"));
  EXPECT_EQ(LogNames{"my.log"}.stream, "TICKETING-my%2Elog");
}

}  // namespace
}  // namespace ticketing::test
