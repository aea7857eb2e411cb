// The bus when processes come and go, strangers speak, and signals arrive.

#include <pthread.h>
#include <unistd.h>
#include <csignal>

#include <atomic>

#include "bus_fixture.hpp"
#include "messaging/zmq_socket.hpp"

namespace ticketing {
namespace {

using namespace test;
using namespace std::chrono_literals;

class CountingLogger final : public Logger {
 public:
  void write(LogLevel level, std::string_view, std::span<const LogField>) noexcept override {
    if (level >= LogLevel::warning) ++warnings;
  }
  std::atomic<int> warnings{0};
};

std::unique_ptr<Bus> publish_at(const std::string& endpoint, MemoryLog& log) {
  auto bus = make_bus(endpoint);
  bus->host(log.hosted());
  bus->start();
  return bus;
}

/// A publisher that is none of ours.
class Stranger {
 public:
  Stranger() { live_.bind("tcp://127.0.0.1:*"); }
  std::string endpoint() const { return live_.get(zmq::sockopt::last_endpoint); }
  void say(const wire::Frames& frames) { zmq_driver::send(live_, frames); }
  /// Waits for a subscription that begins with `topic` and returns it.
  std::string subscription(const std::string& topic) {
    std::vector<zmq::pollitem_t> items{{live_.handle(), 0, ZMQ_POLLIN, 0}};
    while (zmq_driver::wait(items, kPatience)) {
      const auto message = zmq_driver::receive(live_);
      const std::string subscribed = message ? message->front().substr(1) : "";
      if (message && subscribed.starts_with(topic)) return subscribed;
    }
    return {};
  }

 private:
  zmq::context_t context_;
  zmq::socket_t live_{context_, zmq::socket_type::xpub};
};

TEST(ZmqBusTrouble, nonsense_from_a_publisher_is_logged_and_changes_nothing) {
  CountingLogger logger;
  Stranger stranger;
  Collector collector;
  const auto subscriber = make_bus("", logger);
  subscriber->follow(collector.consumer("tickets", stranger.endpoint()));
  subscriber->start();
  const std::string join = stranger.subscription("~join/");
  ASSERT_NE(join, "");
  const std::vector<wire::Frames> nonsense{{join, "nonsense"},
                                           {join, ""},
                                           {join, "v1 tickets id 1"},
                                           {"a"},
                                           {"a", "b", "c"},
                                           {""},
                                           {"a", "v1 tickets id 1 tcp://*:1 *=0", "{}", "more"},
                                           // What it says to fetch from is no endpoint.
                                           {join, "v1 tickets id 1 - *=0"},
                                           {join, "v1 tickets id 1 bogus://x *=0"},
                                           {join, "v1 tickets id 1 tcp://* *=0"}};
  for (const wire::Frames& frames : nonsense) stranger.say(frames);
  const int count = static_cast<int>(nonsense.size());
  EXPECT_TRUE(eventually([&] { return logger.warnings >= count; }));
  EXPECT_EQ(logger.warnings, count);
  EXPECT_TRUE(collector.offsets().empty());
}

// As when a subscriber is back before its old connection was given up.
TEST(ZmqBusTrouble, a_join_that_is_known_already_is_answered_again) {
  MemoryLog log{"tickets"};
  const auto publisher = publish_at("tcp://127.0.0.1:0", log);
  zmq::context_t context;
  std::vector<zmq::socket_t> subscribers;
  for (int i = 0; i < 2; ++i) {
    zmq::socket_t& socket = subscribers.emplace_back(context, zmq::socket_type::sub);
    socket.set(zmq::sockopt::linger, 0);
    socket.connect(publisher->endpoint());
    socket.set(zmq::sockopt::subscribe, "~join/same");
    std::vector<zmq::pollitem_t> items{{socket.handle(), 0, ZMQ_POLLIN, 0}};
    ASSERT_TRUE(zmq_driver::wait(items, kPatience)) << "subscriber " << i;
    const auto message = zmq_driver::receive(socket);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->at(0), "~join/same");
    EXPECT_EQ(wire::decode_position(message->at(1)).log, "tickets");
  }
}

TEST(ZmqBusTrouble, nonsense_to_the_fetch_server_gets_an_error_and_others_are_served) {
  MemoryLog log{"tickets"};
  log.publish(nullptr, "a", 3);
  const std::string fetch = free_endpoint();
  BusOptions options;
  options.bind = "tcp://127.0.0.1:0";
  options.fetch_bind = fetch;
  const auto publisher = Bus::zeromq(options, null_logger());
  publisher->host(log.hosted());
  publisher->start();
  zmq::context_t context;
  zmq::socket_t dealer{context, zmq::socket_type::dealer};
  dealer.set(zmq::sockopt::linger, 0);
  dealer.set(zmq::sockopt::rcvtimeo, 10'000);
  dealer.connect(fetch);
  const auto ask = [&](const wire::Frames& frames) {
    zmq_driver::send(dealer, frames);
    std::vector<zmq::pollitem_t> items{{dealer.handle(), 0, ZMQ_POLLIN, 0}};
    EXPECT_TRUE(zmq_driver::wait(items, kPatience));
    return wire::decode_fetch_answer(zmq_driver::receive(dealer).value_or(wire::Frames{}));
  };
  zmq_driver::send(dealer, {"two", "frames"});  // Not answered at all.
  EXPECT_TRUE(ask({"nonsense"}).error.starts_with("invalid"));
  EXPECT_TRUE(ask({"v1 fetch 7 orders - 0 9 9"}).error.starts_with("not_found"));
  EXPECT_EQ(ask({"v1 fetch 8 orders - 0 9 9"}).number, 8u);
  const auto answer = ask({"v1 fetch 9 tickets - 1 9 9"});
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.events.size(), 2u);
  EXPECT_EQ(answer.head, 3);
  const auto other = ask({"v1 fetch 10 tickets other-id 1 9 9"});
  EXPECT_EQ(other.log_id, "tickets-id");
  EXPECT_TRUE(other.events.empty());
}

// libzmq aborts when a connection breaks while a socket that is closed without linger is half-way
// through a message of many frames (zeromq/libzmq#3442).
TEST(ZmqBusTrouble, publisher_and_subscriber_may_end_at_once_in_the_middle_of_a_page) {
  MemoryLog log{"tickets"};
  log.publish(nullptr, "a", 2'000);
  for (int i = 0; i < 50; ++i) {
    auto publisher = publish_at("tcp://127.0.0.1:0", log);
    Collector collector;
    auto subscriber = make_bus("");
    subscriber->follow(collector.consumer("tickets", publisher->endpoint()));
    subscriber->start();
    ASSERT_TRUE(eventually([&] {
      const SubscriptionStatus status = subscriber->statuses().at(0);
      return status.lag > 0 || status.applied > 0;
    }));
    std::thread other{[&] { subscriber.reset(); }};
    publisher.reset();
    other.join();
  }
}

TEST(ZmqBusTrouble, signals_do_not_disturb_it) {
  struct sigaction nothing {};
  nothing.sa_handler = [](int) {};
  struct sigaction before {};
  ::sigaction(SIGUSR1, &nothing, &before);
  MemoryLog log{"tickets"};
  const auto publisher = publish_at("tcp://127.0.0.1:0", log);
  Collector collector;
  const auto subscriber = make_bus("");
  subscriber->follow(collector.consumer("tickets", publisher->endpoint()));
  subscriber->start();
  // Blocked here, so that the threads of the buses take them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  for (int i = 0; i < 2'000; ++i) {
    ::kill(::getpid(), SIGUSR1);
    log.publish(publisher.get(), "a");
  }
  EXPECT_TRUE(collector.wait_for(2'000));
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  ::sigaction(SIGUSR1, &before, nullptr);
  EXPECT_EQ(collector.offsets(), up_to(2'000));
}

}  // namespace
}  // namespace ticketing
