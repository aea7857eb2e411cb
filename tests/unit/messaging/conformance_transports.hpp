#pragma once
// The transports that there are, as the conformance suite wants them.

#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "testing/network.hpp"
#include "ticketing/testing/bus_conformance.hpp"

namespace ticketing::test {

/// ZeroMQ over loopback, with queues that are soon full.
class ZmqTransport final : public testing::ConformanceTransport {
 public:
  std::unique_ptr<Bus> make_publisher() override { return make(endpoint_); }
  std::unique_ptr<Bus> make_consumer() override { return make(""); }
  std::string endpoint() const override { return endpoint_; }

 private:
  static std::unique_ptr<Bus> make(const std::string& bind) {
    BusOptions options;
    options.bind = bind;
    options.beat = std::chrono::milliseconds{20};
    options.queue_messages_max = 500;
    return Bus::zeromq(options, null_logger());
  }

  std::string endpoint_ = "tcp://127.0.0.1:" + std::to_string(free_port());
};

/// The simulator's bus: one thread, and time passes only when nothing else is left to do.
class SimulatedTransport final : public testing::ConformanceTransport, public Clock {
 public:
  explicit SimulatedTransport(std::uint64_t seed) : network_(scheduler_, seed) {}

  std::unique_ptr<Bus> make_publisher() override {
    return network_.make_bus(kPublisher, null_logger());
  }
  std::unique_ptr<Bus> make_consumer() override {
    consumers_.push_back("consumer" + std::to_string(consumers_.size()));
    return network_.make_bus(consumers_.back(), null_logger());
  }
  std::string endpoint() const override { return kPublisher; }
  bool step() override { return scheduler_.step(); }
  const Clock& clock() const override { return *this; }
  void set_cut(bool is_cut) override {
    for (const std::string& consumer : consumers_) {
      is_cut ? network_.cut(kPublisher, consumer) : network_.join(kPublisher, consumer);
    }
  }

  Timestamp now() const override {
    return Timestamp{std::chrono::floor<milliseconds>(scheduler_.now())};
  }
  std::chrono::nanoseconds monotonic() const override { return scheduler_.now(); }

 private:
  static constexpr const char* kPublisher = "publisher";

  testing::Scheduler scheduler_;
  testing::Network network_;
  std::vector<std::string> consumers_;
};

inline std::unique_ptr<testing::ConformanceTransport> over_zeromq() {
  return std::make_unique<ZmqTransport>();
}
inline testing::MakeTransport in_simulation(std::uint64_t seed) {
  return [seed] { return std::make_unique<SimulatedTransport>(seed); };
}

}  // namespace ticketing::test
