#include "http/collector.hpp"

#include <gtest/gtest.h>

#include "http/text.hpp"

namespace ticketing::http {
namespace {

using State = RequestCollector::State;

const std::string kPost =
    "POST /echo?a=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX-One:  two \r\n\r\nhello";
const std::string kNext = "GET /next HTTP/1.1\r\nHost: b\r\n\r\n";

/// The status that refuses `request`, or 200.
int verdict(const std::string& request, const HttpLimits& limits = {}) {
  RequestCollector collector{limits};
  if (collector.take(request) == State::refused) return collector.refusal().status;
  return collector.state() == State::complete ? 200 : 0;
}

std::string with_header(std::string_view line) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string{line} + "\r\n\r\n";
}

TEST(Collector, a_request_split_at_any_byte_is_the_same_request) {
  const HttpLimits limits;
  const std::string both = kPost + kNext;
  for (std::size_t cut = 0; cut <= both.size(); ++cut) {
    RequestCollector collector{limits};
    collector.take(both.substr(0, cut));
    collector.take(both.substr(cut));
    ASSERT_EQ(collector.state(), State::complete) << cut;
    const WholeRequest first = collector.hand_out();
    EXPECT_EQ(first.head + first.body, kPost);
    ASSERT_EQ(collector.take({}), State::complete) << cut;
    EXPECT_EQ(collector.hand_out().head, kNext);
    EXPECT_EQ(collector.bytes_held(), 0U);
  }
}

TEST(Collector, a_request_in_single_bytes_is_the_same_request) {
  const HttpLimits limits;
  RequestCollector collector{limits};
  for (std::size_t i = 0; i < kPost.size(); ++i) {
    ASSERT_NE(collector.state(), State::complete);
    collector.take(kPost.substr(i, 1));
  }
  ASSERT_EQ(collector.state(), State::complete);
  const WholeRequest whole = collector.hand_out();
  EXPECT_EQ(whole.body, "hello");
  const Headers headers = header_fields(whole.head);
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[2], (std::pair<std::string, std::string>{"X-One", "two"}));
}

TEST(Collector, empty_lines_before_a_request_are_passed_over) {
  EXPECT_EQ(verdict("\r\n\r\n" + kNext), 200);
  const HttpLimits limits;
  RequestCollector collector{limits};
  EXPECT_EQ(collector.take("\r\n"), State::empty);
}

TEST(Collector, malformed_heads_are_refused) {
  for (const char* request :
       {"GET / HTTP/1.1\nHost: a\n\n", "\nGET / HTTP/1.1\r\n", "GET /\r\n\r\n",
        " / HTTP/1.1\r\n\r\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "GET / x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\t HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "GARBAGE\r\n\r\n"}) {
    EXPECT_EQ(verdict(request), 400) << request;
  }
  EXPECT_EQ(verdict("GET /" + std::string(1, '\0') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(Collector, malformed_header_lines_are_refused) {
  for (const char* line : {"X-No-Colon", "Bad Name: x", "X-Blank : x", ": x", " folded: x",
                           "X: a\r\n folded", "X: a\rb", "X: \x01", "X\x80: a"}) {
    EXPECT_EQ(verdict(with_header(line)), 400) << line;
  }
  EXPECT_EQ(verdict(with_header("X-Ok: a\tb \xc3\xa9 %41")), 200);
  EXPECT_EQ(verdict(with_header("X-Empty:")), 200);
}

TEST(Collector, a_length_that_is_not_one_plain_number_is_refused) {
  for (const char* line :
       {"Content-Length: 1\r\nContent-Length: 2", "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5, 5", "Content-Length: +5", "Content-Length: -1", "Content-Length: 0x5",
        "Content-Length: ", "Content-Length: 5 5",
        "Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: 1.0"}) {
    EXPECT_EQ(verdict(with_header(line)), 400) << line;
  }
}

TEST(Collector, bodies_that_cannot_be_measured_are_refused) {
  EXPECT_EQ(verdict(with_header("Transfer-Encoding: chunked")), 411);
  EXPECT_EQ(verdict(with_header("transfer-encoding: xchunked, identity")), 411);
  EXPECT_EQ(verdict(with_header("Content-Encoding: gzip")), 415);
  EXPECT_EQ(verdict(with_header("Content-Encoding: identity")), 200);
}

TEST(Collector, sizes_are_checked_at_their_limits) {
  HttpLimits limits;
  limits.body_bytes_max = 10;
  limits.header_lines_max = 3;
  limits.header_bytes_max = 200;
  EXPECT_EQ(verdict(with_header("Content-Length: 10") + std::string(10, 'x'), limits), 200);
  EXPECT_EQ(verdict(with_header("Content-Length: 11"), limits), 413);
  EXPECT_EQ(verdict(with_header("Content-Length: 99999999999999999999999"), limits), 413);
  EXPECT_EQ(verdict(with_header("A: 1\r\nB: 2"), limits), 200);
  EXPECT_EQ(verdict(with_header("A: 1\r\nB: 2\r\nC: 3"), limits), 431);
  const std::size_t frame = with_header("X: ").size();
  EXPECT_EQ(verdict(with_header("X: " + std::string(200 - frame, 'x')), limits), 200);
  EXPECT_EQ(verdict(with_header("X: " + std::string(201 - frame, 'x')), limits), 431);
}

TEST(Collector, an_endless_line_is_refused_before_it_ends) {
  EXPECT_EQ(verdict("GET /" + std::string(9'000, 'a')), 414);
  EXPECT_EQ(verdict("GET / HTTP/1.1\r\nX: " + std::string(17'000, 'a')), 431);
}

TEST(Collector, framing_knows_about_keep_alive_and_invitations) {
  const auto framing_of = [](const std::string& head) {
    return std::get<Framing>(check_head(head, 100));
  };
  EXPECT_TRUE(framing_of(kNext).keep_alive);
  EXPECT_FALSE(framing_of(with_header("Connection: keep-alive, Close")).keep_alive);
  EXPECT_FALSE(framing_of("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
  EXPECT_TRUE(framing_of(with_header("Expect: 100-Continue")).expects_continue);
  EXPECT_FALSE(framing_of("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expects_continue);
}

TEST(Text, queries_keep_order_duplicates_and_everything_behind_the_first_equals) {
  const auto query = parse_query("b=1&a=%41+b&b=1&c=x=y&d&&%zz=%4&e=%");
  const std::vector<std::pair<std::string, std::string>> expected{
      {"b", "1"}, {"a", "A b"}, {"b", "1"}, {"c", "x=y"}, {"d", ""}, {"%zz", "%4"}, {"e", "%"}};
  EXPECT_EQ(query, expected);
}

}  // namespace
}  // namespace ticketing::http
