// Peers that may not read everything: what comes to them, whatever they try.

#include "curve_fixture.hpp"
#include "messaging/zmq_socket.hpp"

namespace ticketing {
namespace {

using namespace test;

using ZmqBusLimited = ZmqBusCurve;

TEST_F(ZmqBusLimited, a_limited_peer_gets_its_subjects_and_hears_at_once_of_new_ones) {
  for (int i = 0; i < 10; ++i) log_.publish(nullptr, i % 2 == 0 ? "order:a" : "user:a");
  publish(orders_.line("order:*"));
  const auto subscriber = follow(orders_, collector_, publisher_->limited_endpoint(), {"order:a"});
  ASSERT_TRUE(wait_until_caught_up(*subscriber));
  for (const char* subject : {"user:a", "order:a", "order:b", "order:a"}) {
    log_.publish(publisher_.get(), subject);
  }
  ASSERT_TRUE(collector_.wait_for(7));
  EXPECT_EQ(collector_.offsets(), (std::vector<std::int64_t>{1, 3, 5, 7, 9, 12, 14}));
}

TEST_F(ZmqBusLimited, a_limited_peer_is_kept_from_the_socket_that_carries_all) {
  publish(orders_.line("order:*"));
  const auto subscriber = follow(orders_, collector_, publisher_->endpoint(), {"order:a"});
  EXPECT_NE(refusal_of(*subscriber).find("--bus-limited-bind"), std::string::npos);
  EXPECT_GE(failures("not_allowed"), 1U);
  EXPECT_TRUE(logger_.has("peer=orders"));
}

TEST_F(ZmqBusLimited, a_limited_peer_that_wants_more_is_told_what_it_may_not_read) {
  publish(orders_.line("order:*"));
  log_.publish(publisher_.get(), "order:a", 2);
  const auto subscriber =
      follow(orders_, collector_, publisher_->limited_endpoint(), {"order:a", "user:a"});
  EXPECT_NE(refusal_of(*subscriber).find("does not let \"orders\" read user:a"), std::string::npos);
  Collector wants_all;
  const auto other = follow(orders_, wants_all, publisher_->limited_endpoint());
  EXPECT_NE(refusal_of(*other).find("read all subjects"), std::string::npos);
  EXPECT_EQ(logger_.count("refused a fetch"), 1U);
  EXPECT_TRUE(collector_.offsets().empty());
}

/// A program of somebody else's, with keys that are known.
zmq::socket_t raw_socket(zmq::context_t& context, zmq::socket_type type, const Member& who,
                         const Member& publisher, const std::string& endpoint) {
  zmq::socket_t socket{context, type};
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::curve_publickey, who.keys().public_key);
  socket.set(zmq::sockopt::curve_secretkey, who.keys().secret_key);
  socket.set(zmq::sockopt::curve_serverkey, publisher.keys().public_key);
  socket.connect(endpoint);
  return socket;
}

wire::Frames next_message(zmq::socket_t& socket) {
  std::vector<zmq::pollitem_t> items{{socket.handle(), 0, ZMQ_POLLIN, 0}};
  EXPECT_TRUE(zmq_driver::wait(items, kPatience));
  return zmq_driver::receive(socket).value_or(wire::Frames{""});
}

TEST_F(ZmqBusLimited, no_event_comes_out_of_the_limited_socket_whatever_is_subscribed_to) {
  publish(orders_.line("order:*"));
  zmq::context_t context;
  auto socket =
      raw_socket(context, zmq::socket_type::sub, orders_, tickets_, publisher_->limited_endpoint());
  socket.set(zmq::sockopt::subscribe, "");
  EXPECT_EQ(next_message(socket).front(), "~beat");  // Its subscription is in force.
  for (int i = 0; i < 100; ++i) log_.publish(publisher_.get(), i % 2 == 0 ? "order:a" : "user:a");
  std::int64_t head = 0;
  while (head < 100) {
    const wire::Frames message = next_message(socket);
    ASSERT_EQ(message.front(), "~beat");
    head = wire::decode_position(message.at(1)).offset;
  }
}

/// A socket to where the publisher says in its heartbeats that one fetches.
zmq::socket_t raw_fetch(zmq::context_t& context, const Member& who, const Member& publisher,
                        const std::string& limited_endpoint) {
  auto live = raw_socket(context, zmq::socket_type::sub, who, publisher, limited_endpoint);
  live.set(zmq::sockopt::subscribe, "~beat");
  const std::string announced = wire::decode_position(next_message(live).at(1)).fetch;
  return raw_socket(context, zmq::socket_type::dealer, who, publisher,
                    "tcp://127.0.0.1" + announced.substr(announced.rfind(':')));
}

TEST_F(ZmqBusLimited, what_is_fetched_is_looked_at_whoever_wrote_the_program) {
  log_.publish(nullptr, "order:a", 2);
  log_.publish(nullptr, "user:a", 2);
  publish(orders_.line("order:*"));
  zmq::context_t context;
  auto fetch = raw_fetch(context, orders_, tickets_, publisher_->limited_endpoint());
  const auto ask = [&](const std::string& subjects) {
    zmq_driver::send(fetch, {"v1 fetch 7 tickets - 0 9 9" + subjects});
    return wire::decode_fetch_answer(next_message(fetch));
  };
  EXPECT_EQ(ask(" order:a").events.size(), 2U);
  for (const char* subjects : {"", " user:a", " order:a user:a"}) {
    const wire::FetchAnswer answer = ask(subjects);
    EXPECT_TRUE(answer.error.starts_with("unauthorized ")) << subjects;
    EXPECT_TRUE(answer.events.empty());
    EXPECT_EQ(answer.number, 7U);
  }
}

TEST_F(ZmqBusLimited, nobody_speaks_for_a_consumer_of_another) {
  log_.publish(nullptr, "order:a", 2);
  for (const char* subjects : {"*", "order:*"}) {
    const Member shop{"shop,carts"};
    const Member shipping{"shipping"};
    publish(shop.line(subjects) + shipping.line("*"));
    const std::size_t before = log_.heard().size();
    zmq::context_t context;
    auto fetch = raw_fetch(context, shop, tickets_, publisher_->limited_endpoint());
    const auto tell = [&](const std::string& line) { zmq_driver::send(fetch, {line}); };
    tell("v1 report tickets tickets-id shipping 2");
    tell("v1 report tickets tickets-id stranger 2");
    tell("v1 fetch 7 tickets - 0 9 9 ~reader=shipping@2 order:a");
    EXPECT_EQ(wire::decode_fetch_answer(next_message(fetch)).events.size(), 2U);
    tell("v1 report tickets tickets-id carts 1");
    tell("v1 fetch 8 tickets - 0 9 9 ~reader=shop@1 order:a");
    next_message(fetch);  // In the order in which it was asked: all before has been looked at.
    const std::vector<std::string> heard = log_.heard();
    EXPECT_EQ(std::vector(heard.begin() + static_cast<std::ptrdiff_t>(before), heard.end()),
              (std::vector<std::string>{"carts@1", "shop@1"}))
        << subjects;
    EXPECT_TRUE(logger_.has("\"shipping\" is none of its names in peers.allow"));
  }
  EXPECT_EQ(logger_.count("the log is not kept for a peer's consumer"), 2U);  // Not each time.
}

TEST_F(ZmqBusLimited, a_consumer_in_the_same_process_needs_no_line) {
  publisher_ = secure_bus(tickets_.knowing(""), "tcp://127.0.0.1:0");
  log_.publish(nullptr, "a", 3);
  publisher_->host(log_.hosted());
  publisher_->follow(collector_.consumer("tickets", ""));
  publisher_->start();
  log_.publish(publisher_.get(), "a", 3);
  ASSERT_TRUE(collector_.wait_for(6));
}

}  // namespace
}  // namespace ticketing
