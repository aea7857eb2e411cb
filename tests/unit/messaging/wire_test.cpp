// The wire format: what is written is read back, and everything malformed is refused.

#include "ticketing/messaging/wire.hpp"

#include <gtest/gtest.h>

#include "support/error_of.hpp"

namespace ticketing::wire {
namespace {

Position sample_position() {
  return {.log = "tickets",
          .log_id = "0190-log",
          .offset = 42,
          .fetch = "tcp://*:7202",
          .floor = 7,
          .last = {{"ticket:created", 40}, {"ticket:updated", 41}}};
}

TEST(WirePosition, is_one_line_of_words) {
  EXPECT_EQ(encode(sample_position()),
            "v1 tickets 0190-log 42 tcp://*:7202 *=7 ticket:created=40 ticket:updated=41");
}

TEST(WirePosition, survives_a_round_trip) {
  const Position back = decode_position(encode(sample_position()));
  EXPECT_EQ(back.log, "tickets");
  EXPECT_EQ(back.log_id, "0190-log");
  EXPECT_EQ(back.offset, 42);
  EXPECT_EQ(back.fetch, "tcp://*:7202");
  EXPECT_EQ(back.floor, 7);
  EXPECT_EQ(back.last, sample_position().last);
}

TEST(WirePosition, without_subjects_survives_a_round_trip) {
  Position position = sample_position();
  position.last.clear();
  position.offset = INT64_MAX;
  const Position back = decode_position(encode(position));
  EXPECT_EQ(back.offset, INT64_MAX);
  EXPECT_TRUE(back.last.empty());
}

TEST(WirePosition, a_subject_may_contain_an_equals_sign) {
  EXPECT_EQ(decode_position("v1 l i 1 - a=b=3").last.at(0),
            (std::pair<std::string, std::int64_t>{"a=b", 3}));
}

TEST(WirePosition, everything_malformed_is_invalid) {
  for (const char* line : {"",
                           " ",
                           "v1",
                           "v2 l i 1 -",
                           "v1 l",
                           "v1 l i",
                           "v1 l i 1",
                           "v1 l i x -",
                           "v1 l i 1x -",
                           "v1 l i  -",
                           "v1  l i 1 -",
                           " v1 l i 1 -",
                           "v1 l i 99999999999999999999 -",
                           "v1 l i 1 - word",
                           "v1 l i 1 - a=",
                           "v1 l i 1 - a=x",
                           "v1 l i 1 - a=1  b=2",
                           "v1 l i -1 -",
                           "v1 l i 1 - *=-1",
                           "v1 l i 1 - a=-1",
                           "v1 l i 1 - =1",
                           "v1 l i 1 - "}) {
    EXPECT_ERROR(ErrorCode::invalid, decode_position(line)) << line;
  }
}

TEST(WirePosition, a_line_of_endless_words_is_invalid) {
  std::string line = "v1 l i 1 -";
  for (int i = 0; i < 5'000; ++i) line += " a=1";
  EXPECT_ERROR(ErrorCode::invalid, decode_position(line));
}

using Subjects = std::vector<std::string>;

TEST(WireLastOf, of_all_subjects_is_what_precedes_an_event_and_the_head_elsewhere) {
  EXPECT_EQ(sample_position().last_of({}, true), 41);
  EXPECT_EQ(sample_position().last_of({}, false), 42);
}

TEST(WireLastOf, of_listed_subjects_is_their_newest) {
  EXPECT_EQ(sample_position().last_of(Subjects{"ticket:created"}, true), 40);
  EXPECT_EQ(sample_position().last_of(Subjects{"ticket:created", "ticket:updated"}, false), 41);
}

TEST(WireLastOf, a_subject_that_is_not_listed_has_none_past_the_floor) {
  EXPECT_EQ(sample_position().last_of(Subjects{"order:created"}, true), 7);
  EXPECT_EQ(sample_position().last_of(Subjects{"order:created", "ticket:created"}, true), 40);
}

TEST(WireLastOf, before_the_first_event_is_the_floor) {
  Position position = sample_position();
  position.last.clear();
  EXPECT_EQ(position.last_of(Subjects{"ticket:created"}, true), 7);
}

FetchRequest sample_request() {
  FetchRequest request{.number = 9, .log = "tickets", .log_id = "0190-log", .query = {}};
  request.query.after = 5;
  request.query.until = 77;
  request.query.count_max = 100;
  request.query.subjects = {"ticket:created", "ticket:updated"};
  return request;
}

TEST(WireFetchRequest, survives_a_round_trip) {
  const std::string line = encode(sample_request());
  EXPECT_EQ(line, "v1 fetch 9 tickets 0190-log 5 77 100 ticket:created ticket:updated");
  const FetchRequest back = decode_fetch_request(line);
  EXPECT_EQ(back.number, 9u);
  EXPECT_EQ(back.log, "tickets");
  EXPECT_EQ(back.log_id, "0190-log");
  EXPECT_EQ(back.query.after, 5);
  EXPECT_EQ(back.query.until, 77);
  EXPECT_EQ(back.query.count_max, 100u);
  EXPECT_EQ(back.query.subjects, sample_request().query.subjects);
}

TEST(WireFetchRequest, an_unknown_log_id_and_all_subjects_survive) {
  FetchRequest request = sample_request();
  request.log_id.clear();
  request.query.subjects.clear();
  request.query.until = INT64_MAX;
  const FetchRequest back = decode_fetch_request(encode(request));
  EXPECT_EQ(back.log_id, "");
  EXPECT_EQ(back.query.until, INT64_MAX);
  EXPECT_TRUE(back.query.subjects.empty());
}

TEST(WireFetchRequest, everything_malformed_is_invalid) {
  for (const char* line :
       {"", "v1", "v1 fetch", "v1 events 1 l i 0 1 1", "v0 fetch 1 l i 0 1 1",
        "v1 fetch x l i 0 1 1", "v1 fetch -1 l i 0 1 1", "v1 fetch 1 l i 0 1",
        "v1 fetch 1 l i 0 1 0", "v1 fetch 1 l i -1 1 1", "v1 fetch 1 l i 0 -1 1",
        "v1 fetch 1 l i 0 1 -1", "v1 fetch 1 l i 0 1 1  a", "v1 fetch 1 l i 0 1 1 "}) {
    EXPECT_ERROR(ErrorCode::invalid, decode_fetch_request(line)) << line;
  }
}

FetchAnswer sample_answer() {
  return {.number = 9,
          .log = "tickets",
          .log_id = "0190-log",
          .covered_to = 8,
          .head = 20,
          .events = {{3, R"({"a": 1})"}, {8, std::string("b\0 c", 4)}},
          .error = {}};
}

TEST(WireFetchAnswer, survives_a_round_trip) {
  const Frames frames = encode(sample_answer());
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[0], "v1 events 9 tickets 0190-log 8 20 3 8");
  const FetchAnswer back = decode_fetch_answer(frames);
  EXPECT_EQ(back.number, 9u);
  EXPECT_EQ(back.log, "tickets");
  EXPECT_EQ(back.log_id, "0190-log");
  EXPECT_EQ(back.covered_to, 8);
  EXPECT_EQ(back.head, 20);
  ASSERT_EQ(back.events.size(), 2u);
  EXPECT_EQ(back.events[1].offset, 8);
  EXPECT_EQ(back.events[1].envelope, sample_answer().events[1].envelope);
  EXPECT_EQ(back.error, "");
}

TEST(WireFetchAnswer, an_empty_one_survives) {
  FetchAnswer answer = sample_answer();
  answer.events.clear();
  EXPECT_TRUE(decode_fetch_answer(encode(answer)).events.empty());
}

TEST(WireFetchAnswer, a_thousand_events_survive) {
  FetchAnswer answer = sample_answer();
  answer.events.clear();
  answer.covered_to = 1'000;
  for (std::int64_t i = 1; i <= 1'000; ++i) answer.events.push_back({i, std::to_string(i)});
  const FetchAnswer back = decode_fetch_answer(encode(answer));
  ASSERT_EQ(back.events.size(), 1'000u);
  EXPECT_EQ(back.events.back().envelope, "1000");
}

TEST(WireFetchAnswer, an_error_survives_with_its_message) {
  FetchAnswer answer;
  answer.number = 4;
  answer.error = "not_found no log of that name is hosted here";
  const Frames frames = encode(answer);
  EXPECT_EQ(frames, (Frames{"v1 error 4 not_found no log of that name is hosted here"}));
  EXPECT_EQ(decode_fetch_answer(frames).error, answer.error);
  EXPECT_EQ(decode_fetch_answer(frames).number, 4u);
}

TEST(WireFetchAnswer, an_error_without_a_word_is_an_error_all_the_same) {
  EXPECT_EQ(decode_fetch_answer({"v1 error 4"}).error, "unknown");
  EXPECT_EQ(decode_fetch_answer({"v1 error 4 "}).error, "unknown");
}

TEST(WireFetchAnswer, everything_malformed_is_invalid) {
  const std::vector<Frames> samples{{},
                                    {""},
                                    {"v1 events"},
                                    {"v1 events 1 l i 0"},
                                    {"v2 events 1 l i 0 1"},
                                    {"v1 answer 1 l i 0 1"},
                                    {"v1 events 1 l i 0 1 5"},      // An offset without its event,
                                    {"v1 events 1 l i 0 1", "{}"},  // an event without its offset,
                                    {"v1 events 1 l i 0 1 5 6", "{}"},
                                    {"v1 events 1 l i 0 1 x", "{}"},
                                    {"v1 events 1 l i -1 1"},
                                    {"v1 events 1 l i 0 -1"},
                                    {"v1 error x word"},
                                    {"v1 events 1 l i 9 9 5 5", "{}", "{}"},
                                    {"v1 events 1 l i 9 9 5 4", "{}", "{}"},
                                    {"v1 events 1 l i 9 9 0", "{}"},
                                    {"v1 events 1 l i 4 9 5", "{}"}};  // Not covered.
  for (const Frames& frames : samples) {
    EXPECT_ERROR(ErrorCode::invalid, decode_fetch_answer(frames))
        << (frames.empty() ? "no frames" : frames.front());
  }
}

// ---- readers, reports and snapshots ----

TEST(WireReader, stands_before_the_subjects_and_survives_a_round_trip) {
  FetchRequest request{.number = 3, .log = "tickets", .log_id = "id", .query = {}};
  request.query.until = 9;
  request.query.count_max = 5;
  request.query.subjects = {"ticket:created"};
  request.reader = Reader{"a@b", 12};
  EXPECT_EQ(encode(request), "v1 fetch 3 tickets id 0 9 5 ~reader=a@b@12 ticket:created");
  const FetchRequest back = decode_fetch_request(encode(request));
  ASSERT_TRUE(back.reader);
  EXPECT_EQ(back.reader->consumer, "a@b");
  EXPECT_EQ(back.reader->cursor, 12);
  EXPECT_EQ(back.query.subjects, request.query.subjects);
  request.reader = Reader{};
  EXPECT_EQ(decode_fetch_request(encode(request)).reader->consumer, "");
}

TEST(WireReader, words_that_nobody_knows_yet_are_passed_over) {
  EXPECT_EQ(decode_fetch_request("v1 fetch 3 t id 0 9 5 ~later=1 a").query.subjects,
            std::vector<std::string>{"a"});
  EXPECT_TRUE(decode_position("v1 l i 1 - *=0 ~later=7 a=1").last.size() == 1);
  EXPECT_EQ(decode_fetch_answer({"v1 events 1 t id 9 9 ~later=1 ~horizon=4 9", "{}"}).horizon, 4);
}

TEST(WireReader, what_is_malformed_is_invalid) {
  for (const char* line : {"~reader=", "~reader=a", "~reader=@1", "~reader=a@", "~reader=a@-1"}) {
    EXPECT_ERROR(ErrorCode::invalid,
                 decode_fetch_request(std::string{"v1 fetch 3 t id 0 9 5 "} + line));
  }
  EXPECT_ERROR(ErrorCode::invalid, decode_fetch_answer({"v1 events 1 t id 9 9 ~horizon=x"}));
}

// Only in control messages: an event is not to grow for it.
TEST(WireReader, a_publisher_says_that_it_knows_readers) {
  Position position = sample_position();
  position.takes_readers = true;
  const std::string line = encode(position);
  EXPECT_TRUE(line.ends_with(" ~reader=1"));
  EXPECT_TRUE(decode_position(line).takes_readers);
  EXPECT_EQ(decode_position(line).last, sample_position().last);
}

TEST(WireReport, survives_a_round_trip_and_is_told_from_a_question) {
  const std::string line = encode(Report{"tickets", "id", {"orders", 7}});
  EXPECT_EQ(line, "v1 report tickets id orders 7");
  EXPECT_TRUE(is_report(line));
  EXPECT_FALSE(is_report("v1 fetch 1 report id 0 9 5"));
  EXPECT_EQ(decode_report(line).reader.cursor, 7);
  for (const char* wrong :
       {"v1 report", "v1 report t i c", "v1 report t i c x", "v2 report t i c 1"}) {
    EXPECT_ERROR(ErrorCode::invalid, decode_report(wrong));
  }
}

}  // namespace
}  // namespace ticketing::wire
