// The conformance suite over CURVE: to peers that hear every event, and to such as only hear that
// there is news.

#include <gtest/gtest.h>

#include "conformance_transports.hpp"
#include "ticketing/messaging/bus_security.hpp"

namespace ticketing::test {
namespace {

using testing::ConformanceReport;

enum class Hears { events, news };

class CurveTransport final : public testing::ConformanceTransport {
 public:
  explicit CurveTransport(Hears hears) : hears_(hears) {
    const KeyPair publisher = make_key_pair();
    const KeyPair consumer = make_key_pair();
    // The publisher's line bears the names of all logs that the suite has it host.
    const std::string lines =
        "things,others " + publisher.public_key + " -\nreader " + consumer.public_key + " *\n";
    publisher_ = with(publisher, lines);
    consumer_ = with(consumer, lines);
  }

  std::unique_ptr<Bus> make_publisher() override {
    BusOptions options = common(publisher_);
    options.bind = live_;
    options.limited_bind = limited_;
    return Bus::zeromq(options, null_logger());
  }
  std::unique_ptr<Bus> make_consumer() override {
    return Bus::zeromq(common(consumer_), null_logger());
  }
  std::string endpoint() const override { return hears_ == Hears::events ? live_ : limited_; }

 private:
  using Security = std::shared_ptr<const BusSecurity>;

  static Security with(const KeyPair& keys, const std::string& lines) {
    return std::make_shared<const BusSecurity>(
        BusSecurity{keys, AllowList::parse(lines, "allow"), "allow"});
  }
  static BusOptions common(Security security) {
    BusOptions options;
    options.beat = std::chrono::milliseconds{20};
    options.queue_messages_max = 500;
    options.security = std::move(security);
    return options;
  }
  static std::string free_endpoint() { return "tcp://127.0.0.1:" + std::to_string(free_port()); }

  Hears hears_;
  Security publisher_;
  Security consumer_;
  std::string live_ = free_endpoint();
  std::string limited_ = free_endpoint();
};

class BusCurveConformance : public ::testing::TestWithParam<std::string> {
 protected:
  void expect_held(Hears hears) {
    const ConformanceReport report = testing::run_bus_case(
        GetParam(), [hears] { return std::make_unique<CurveTransport>(hears); }, options());
    EXPECT_TRUE(report.passed) << testing::to_text(report);
    EXPECT_GT(report.applied, 0);
  }
  /// Fewer than in the clear: what differs is how peers meet.
  static testing::ConformanceOptions options() {
    return {.joins = 5, .restarts = 5, .slow_events = 500, .memory_growth_bytes_max = 0};
  }
};

TEST_P(BusCurveConformance, hearing_events) { expect_held(Hears::events); }
TEST_P(BusCurveConformance, hearing_that_there_is_news) { expect_held(Hears::news); }

INSTANTIATE_TEST_SUITE_P(, BusCurveConformance, ::testing::ValuesIn(testing::bus_cases()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace ticketing::test
