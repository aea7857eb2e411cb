// The bus over CURVE, on real sockets: who is let in, and what the others are told.

#include <arpa/inet.h>
#include <unistd.h>

#include "curve_fixture.hpp"
#include "support/error_of.hpp"
#include "ticketing/messaging/tail.hpp"

namespace ticketing {
namespace {

using namespace test;

TEST_F(ZmqBusCurve, who_may_read_all_gets_the_past_and_what_is_live) {
  log_.publish(nullptr, "a", 2'500);  // More than a page.
  publish(orders_.line("*"));
  const auto subscriber = follow(orders_, collector_, publisher_->endpoint());
  ASSERT_TRUE(wait_until_caught_up(*subscriber, 2'500));
  for (int i = 0; i < 100; ++i) log_.publish(publisher_.get(), "a");
  ASSERT_TRUE(collector_.wait_for(2'600));
  EXPECT_EQ(collector_.offsets(), up_to(2'600));
  EXPECT_TRUE(publisher_->handshake_failures().empty());
}

TEST_F(ZmqBusCurve, an_unknown_key_is_kept_out_and_everybody_is_told) {
  publish(orders_.line("*"));
  log_.publish(publisher_.get(), "a", 3);
  const Member stranger{"stranger"};
  Collector nothing;
  const auto outside = follow(stranger, nothing, publisher_->endpoint());
  EXPECT_NE(refusal_of(*outside).find("does not let this process in"), std::string::npos);
  EXPECT_GE(failures("unknown_key"), 1U);
  EXPECT_TRUE(logger_.has("key=" + stranger.keys().public_key));
  EXPECT_TRUE(logger_.has("address=127.0.0.1"));
  const auto inside = follow(orders_, collector_, publisher_->endpoint());
  ASSERT_TRUE(collector_.wait_for(3));
  EXPECT_TRUE(eventually([&] { return failures("unknown_key") >= 3; }));
  EXPECT_EQ(logger_.count("unknown_key"), 1U);  // And not for each attempt.
  EXPECT_TRUE(nothing.offsets().empty());
}

// libzmq gives a refused connection up for good; we do not.
TEST_F(ZmqBusCurve, whoever_was_refused_is_let_in_once_its_key_is_there) {
  publish("");
  log_.publish(publisher_.get(), "a", 3);
  const auto subscriber = follow(orders_, collector_, publisher_->endpoint());
  ASSERT_NE(refusal_of(*subscriber), "");
  publish(orders_.line("*"));
  ASSERT_TRUE(collector_.wait_for(3));
  ASSERT_TRUE(wait_until_caught_up(*subscriber, 3));
  EXPECT_EQ(subscriber->statuses().at(0).refusal, std::nullopt);
}

TEST_F(ZmqBusCurve, who_loses_its_line_is_told_so) {
  publish(orders_.line("*"));
  const auto subscriber = follow(orders_, collector_, publisher_->endpoint());
  ASSERT_TRUE(wait_until_caught_up(*subscriber));
  publish("");
  EXPECT_NE(refusal_of(*subscriber), "");
}

TEST_F(ZmqBusCurve, without_keys_nobody_comes_in) {
  publish(orders_.line("*"));
  log_.publish(publisher_.get(), "a", 3);
  const auto subscriber = make_bus("");
  subscriber->follow(collector_.consumer("tickets", publisher_->endpoint()));
  subscriber->start();
  EXPECT_NE(refusal_of(*subscriber).find("--bus-key"), std::string::npos);
  // It tries again. Who sees first that the two do not speak alike, leaves; the other sees that.
  EXPECT_TRUE(eventually([&] { return failures("protocol") + failures("broken_off") >= 3; }));
  EXPECT_LE(logger_.count("a handshake on the bus failed"), 2U);  // One for each reason.
  EXPECT_TRUE(collector_.offsets().empty());
}

TEST_F(ZmqBusCurve, a_publisher_without_keys_is_not_listened_to) {
  const auto publisher = make_bus("tcp://127.0.0.1:0");
  publisher->host(log_.hosted());
  publisher->start();
  log_.publish(publisher.get(), "a", 3);
  const auto subscriber = follow(orders_, collector_, publisher->endpoint());
  EXPECT_NE(refusal_of(*subscriber).find("does not complete the handshake"), std::string::npos);
  EXPECT_TRUE(collector_.offsets().empty());
}

TEST_F(ZmqBusCurve, a_publisher_with_another_key_than_its_line_is_not_listened_to) {
  publish(orders_.line("*"));
  log_.publish(publisher_.get(), "a", 3);
  const Member impostor{"tickets"};
  const auto subscriber = secure_bus(orders_.knowing(impostor.line("-")));
  subscriber->follow(collector_.consumer("tickets", publisher_->endpoint()));
  subscriber->start();
  EXPECT_NE(refusal_of(*subscriber).find("does not complete the handshake"), std::string::npos);
  EXPECT_TRUE(collector_.offsets().empty());
}

TEST_F(ZmqBusCurve, what_is_no_zeromq_at_all_is_counted) {
  publish("");
  const std::string endpoint = publisher_->endpoint();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port =
      htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1))));
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(socket);
  EXPECT_TRUE(eventually([&] { return failures("broken_off") == 1; }));
  EXPECT_TRUE(eventually([&] { return logger_.has("socket=live"); }));
}

// ---- what is refused before anything starts ----

TEST_F(ZmqBusCurve, it_may_leave_this_host) {
  for (const char* bind : {"tcp://0.0.0.0:0", "tcp://*:*", "tcp://lo:*", "tcp://[::]:*"}) {
    const Member orders{"orders"};
    Collector collector;
    MemoryLog log{"tickets"};
    log.publish(nullptr, "a", 3);
    const auto publisher = secure_bus(tickets_.knowing(orders.line("*")), bind);
    publisher->host(log.hosted());
    publisher->start();
    const std::string endpoint = publisher->endpoint();
    const auto subscriber =
        follow(orders, collector, "tcp://127.0.0.1" + endpoint.substr(endpoint.rfind(':')));
    EXPECT_TRUE(collector.wait_for(3)) << bind;
  }
}

TEST_F(ZmqBusCurve, a_publisher_whose_key_is_not_known_is_not_followed) {
  const auto bus = secure_bus(orders_.knowing(""));
  const auto error =
      error_of([&] { bus->follow(collector_.consumer("tickets", "tcp://127.0.0.1:7102")); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::invalid);
  EXPECT_NE(std::string{error->what()}.find("write to peers.allow the line: tickets "),
            std::string::npos);
}

TEST_F(ZmqBusCurve, one_endpoint_has_one_key) {
  const Member other{"other"};
  const auto bus = secure_bus(orders_.knowing(tickets_.line("-") + other.line("-")));
  const std::string endpoint = "tcp://127.0.0.1:7102";
  bus->follow(collector_.consumer("tickets", endpoint));
  bus->follow(collector_.consumer("tickets", endpoint));
  EXPECT_ERROR(ErrorCode::invalid, bus->follow(collector_.consumer("other", endpoint)));
}

// ---- the tail ----

TailOptions tail_of(const std::string& peer, std::shared_ptr<const BusSecurity> security) {
  TailOptions options;
  options.endpoints = {peer};
  options.from = 1;
  options.security = std::move(security);
  return options;
}

TEST_F(ZmqBusCurve, a_tail_shows_its_key_and_knows_whom_it_listens_to) {
  publish(orders_.line("*"));
  log_.publish(publisher_.get(), "a", 3);
  const auto security = orders_.knowing(tickets_.line("-"));
  EventTail tail{tail_of("tickets=" + publisher_->endpoint(), security)};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(tail.next(kPatience));
  EXPECT_ERROR(ErrorCode::invalid, EventTail(tail_of(publisher_->endpoint(), security)));
  EXPECT_ERROR(ErrorCode::invalid, EventTail(tail_of("other=" + publisher_->endpoint(), security)));
}

TEST_F(ZmqBusCurve, a_tail_that_is_not_let_in_says_so) {
  publish(orders_.line("order:*"));
  const std::string live = "tickets=" + publisher_->endpoint();
  const std::string limited = "tickets=" + publisher_->limited_endpoint();
  const Member stranger{"stranger"};
  const auto stranger_knows = stranger.knowing(tickets_.line("-"));
  const auto orders_knows = orders_.knowing(tickets_.line("-"));
  EXPECT_ERROR(ErrorCode::unauthorized, EventTail(tail_of(live, stranger_knows)));
  EXPECT_ERROR(ErrorCode::unauthorized, EventTail(tail_of(live, orders_knows)));
  EXPECT_ERROR(ErrorCode::unauthorized, EventTail(tail_of(limited, orders_knows)));
  EXPECT_ERROR(ErrorCode::unauthorized, EventTail(tail_of(publisher_->endpoint(), nullptr)));
  TailOptions allowed = tail_of(limited, orders_knows);
  allowed.subjects = {"order:a"};
  log_.publish(publisher_.get(), "order:a");
  EventTail tail{allowed};
  EXPECT_TRUE(tail.next(kPatience));
}

}  // namespace
}  // namespace ticketing
