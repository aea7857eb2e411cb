// The bus over NATS stands the conformance suite, each case on a server without streams.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "support/nats_server.hpp"
#include "testing/scheduler.hpp"
#include "ticketing/nats/nats.hpp"
#include "ticketing/nats_testing/simulated_nats.hpp"
#include "ticketing/testing/bus_conformance.hpp"

namespace ticketing::test {
namespace {

// Sanitizers have memory and a pace of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

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
      : nats_(testing::simulated_nats()({.scheduler = scheduler_,
                                         .clock = *this,
                                         .seed = seed,
                                         .faults = faults_,
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

testing::ConformanceOptions options_of_environment() {
  const char* const wanted = std::getenv("TICKETING_CONFORMANCE");
  const bool is_full = wanted != nullptr && std::string_view{wanted} == "full";
  auto options = is_full ? testing::full_conformance() : testing::ConformanceOptions{};
  const char* const seed = std::getenv("TICKETING_CONFORMANCE_SEED");
  if (seed != nullptr) options.seed = std::stoull(seed);
  if (kIsSanitized) options.memory_growth_bytes_max = 0;
  return options;
}

class NatsConformance : public ::testing::TestWithParam<std::string> {};

TEST_P(NatsConformance, holds) {
  const auto make = [] { return std::make_unique<NatsTransport>(); };
  const auto report = testing::run_bus_case(GetParam(), make, options_of_environment());
  std::printf("  %s\n", testing::to_text(report).c_str());
  EXPECT_TRUE(report.passed) << testing::to_text(report);
  EXPECT_GT(report.applied, 0);
}

TEST_P(NatsConformance, holds_in_simulation) {
  const auto options = options_of_environment();
  const auto make = [&] { return std::make_unique<SimulatedNatsTransport>(options.seed); };
  const auto report = testing::run_bus_case(GetParam(), make, options);
  std::printf("  %s\n", testing::to_text(report).c_str());
  EXPECT_TRUE(report.passed) << testing::to_text(report);
  EXPECT_GT(report.applied, 0);
}

INSTANTIATE_TEST_SUITE_P(, NatsConformance, ::testing::ValuesIn(testing::bus_cases()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace ticketing::test
