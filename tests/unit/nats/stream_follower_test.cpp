// A follower over a connection that the test answers.

#include "nats/stream_follower.hpp"

#include <gtest/gtest.h>

#include "nats_testing/packet.hpp"
#include "ticketing/testing/seeded_random.hpp"

namespace ticketing::nats_driver {
namespace {

using testing::Packet;

class FakeConnection final : public Connection {
 public:
  std::unique_ptr<Interest> subscribe(const std::string& subject, TakeMessage take,
                                      const std::string&) override {
    listeners.emplace_back(subject, std::move(take));
    return std::make_unique<Interest>();
  }
  Sent send(const std::string& subject, const std::string& reply, std::string_view body,
            const Headers& headers) override {
    sent.push_back({subject, reply, headers, std::string{body}});
    return Sent::yes;
  }
  void flush() override {}
  const std::string& inbox() const override { return inbox_; }
  std::size_t payload_max() const override { return 1 << 20; }
  bool is_closed() const override { return false; }
  std::string lost_because() const override { return {}; }

  /// As the server brings it.
  void bring(const Packet& packet) {
    for (const auto& [subject, take] : listeners) {
      if (testing::matches(subject, packet.destination())) take(testing::to_message(packet));
    }
  }
  std::vector<Packet> sent_to(const std::string& prefix) const {
    std::vector<Packet> found;
    for (const Packet& packet : sent) {
      if (packet.subject.starts_with(prefix)) found.push_back(packet);
    }
    return found;
  }

  std::vector<std::pair<std::string, TakeMessage>> listeners;
  std::vector<Packet> sent;

 private:
  const std::string inbox_ = "_INBOX.test";
};

class TestClock final : public Clock {
 public:
  Timestamp now() const override { return {}; }
  std::chrono::nanoseconds monotonic() const override { return time; }
  std::chrono::nanoseconds time = std::chrono::hours{1};
};

class StreamFollowerTest : public ::testing::Test {
 protected:
  StreamFollowerTest() {
    wiring_.connection = connection_;
    follower_->on_connected();
    run();
    // Its durable is there.
    const std::string config =
        R"({"config":{"durable_name":"seen","deliver_policy":"new","ack_policy":"explicit",)"
        R"("ack_wait":60000000000,"max_ack_pending":20000,"replay_policy":"instant"}})";
    const Packet asked = connection_->sent_to("$JS.API.CONSUMER.INFO.").at(0);
    wiring_.calls.on_answer(asked.reply.substr(asked.reply.rfind('.') + 1),
                            testing::to_message({.subject = asked.reply, .body = config}));
    run();
  }
  void run(std::chrono::milliseconds later = {}) {
    clock_.time += later;
    commands_.run();
    follower_->step(clock_.time);
  }
  std::vector<Packet> pulls() const {
    return connection_->sent_to("$JS.API.CONSUMER.MSG.NEXT.TICKETING-tickets.seen");
  }

  static Consumer consumer() {
    Consumer consumer{.name = "seen", .endpoint = {}, .options = {}, .cursor = {}, .apply = {}};
    consumer.options.log = "tickets";
    return consumer;
  }

  TestClock clock_;
  testing::SeededRandom random_{7};
  CommandQueue commands_{[] {}};
  LogServer logs_{[](const std::function<void()>& job) { job(); }, null_logger()};
  Wiring wiring_{ServerUrl::parse("nats://a:1"), null_logger(), clock_, random_, commands_, logs_};
  std::shared_ptr<FakeConnection> connection_ = std::make_shared<FakeConnection>();
  std::shared_ptr<StreamFollower> follower_ = std::make_shared<StreamFollower>(
      wiring_, make_follower(consumer(), commands_, wiring_.clock));
};

TEST_F(StreamFollowerTest, the_end_of_an_earlier_pull_is_not_that_of_the_one_under_way) {
  constexpr int kConflict = 409;
  constexpr int kTimedOut = 408;
  ASSERT_EQ(pulls().size(), 1U);
  const std::string first = pulls().at(0).reply;
  connection_->bring(testing::status_packet(first, kConflict, "Leadership Change"));
  run();
  run(std::chrono::milliseconds{200});
  ASSERT_EQ(pulls().size(), 2U);
  const std::string second = pulls().at(1).reply;
  EXPECT_NE(second, first);
  connection_->bring(testing::status_packet(first, kTimedOut));
  run();
  EXPECT_EQ(pulls().size(), 2U);
  connection_->bring(testing::status_packet(second, kTimedOut));
  run();
  EXPECT_EQ(pulls().size(), 3U);
}

}  // namespace
}  // namespace ticketing::nats_driver
