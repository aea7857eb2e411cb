// The bus over NATS stands the conformance suite, each case on a server without streams.

#include <gtest/gtest.h>

#include "support/conformance.hpp"
#include "support/nats_server.hpp"
#include "testing/scheduler.hpp"
#include "testing/world_transport.hpp"
#include "ticketing/nats/nats.hpp"
#include "ticketing/nats_testing/simulated_nats.hpp"

namespace ticketing::test {
namespace {

class NatsTransport final : public testing::ConformanceTransport {
 public:
  NatsTransport() { use_nats(); }
  /// The next case has logs of the same names.
  ~NatsTransport() override {
    for (const char* log : {"things", "others"}) {
      server().ask(std::string{"STREAM.DELETE.TICKETING-"} + log);
    }
  }
  std::unique_ptr<Bus> make_publisher() override { return make(); }
  std::unique_ptr<Bus> make_consumer() override { return make(); }
  std::string endpoint() const override { return {}; }

 private:
  static NatsServer& server() { return nats_server(); }
  static std::unique_ptr<Bus> make() {
    BusOptions options;
    options.url = server().url();
    options.beat = std::chrono::milliseconds{20};
    return Bus::open(options, null_logger());
  }
};

/// The same bus and a server that jumbles what it may, in one thread and in simulated time.
class SimulatedNatsTransport final : public testing::ConformanceTransport, public Clock {
 public:
  explicit SimulatedNatsTransport(std::uint64_t seed)
      : nats_(testing::simulated_nats()(
            {.scheduler = scheduler_,
             .clock = *this,
             .seed = seed,
             .faults = faults_,
             .fail = [](const testing::Broken& broken) { ADD_FAILURE() << broken.what(); },
             .mark = [](std::string_view) {},
             .note = {}})) {}

  std::unique_ptr<Bus> make_publisher() override { return make(); }
  std::unique_ptr<Bus> make_consumer() override { return make(); }
  std::string endpoint() const override { return {}; }
  bool step() override { return scheduler_.step(); }
  const Clock& clock() const override { return *this; }

  Timestamp now() const override {
    return Timestamp{std::chrono::floor<milliseconds>(scheduler_.now())};
  }
  std::chrono::nanoseconds monotonic() const override { return scheduler_.now(); }

 private:
  std::unique_ptr<Bus> make() {
    return nats_->make_bus("process" + std::to_string(++buses_), null_logger());
  }

  testing::Scheduler scheduler_;
  const testing::NetworkFaults faults_{.lose = 5, .duplicate = 50, .reorder = 200};
  std::unique_ptr<testing::WorldTransport> nats_;
  int buses_ = 0;
};

class NatsConformance : public ::testing::TestWithParam<std::string> {};

TEST_P(NatsConformance, holds) {
  expect_held(GetParam(), [] { return std::make_unique<NatsTransport>(); });
}

TEST_P(NatsConformance, holds_in_simulation) {
  const std::uint64_t seed = conformance_options().seed;
  expect_held(GetParam(), [&] { return std::make_unique<SimulatedNatsTransport>(seed); });
}

INSTANTIATE_TEST_SUITE_P(, NatsConformance, ::testing::ValuesIn(testing::bus_cases()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace ticketing::test
