#pragma once
// Buses over a NATS server, with logs in memory and consumers that collect.

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bus_fixture.hpp"
#include "support/nats_server.hpp"
#include "ticketing/nats/nats.hpp"

namespace ticketing::test {

/// Keeps warnings and errors, as `message: reason`.
class TroubleLogger final : public Logger {
 public:
  void write(LogLevel level, std::string_view message,
             std::span<const LogField> fields) noexcept override {
    if (level < LogLevel::warning) return;
    std::string line{message};
    for (const auto& [name, value] : fields) {
      if (name == "reason") line += ": " + value;
    }
    const std::lock_guard guard{mutex_};
    lines_.push_back(std::move(line));
  }
  /// How many lines hold `text`.
  int count(const std::string& text) const {
    const std::lock_guard guard{mutex_};
    return static_cast<int>(std::count_if(
        lines_.begin(), lines_.end(),
        [&](const std::string& line) { return line.find(text) != std::string::npos; }));
  }
  std::vector<std::string> lines() const {
    const std::lock_guard guard{mutex_};
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

class NatsBusTest : public ::testing::Test {
 protected:
  NatsBusTest() { use_nats(); }

  std::unique_ptr<Bus> make() { return make(server().url()); }
  std::unique_ptr<Bus> make(const std::string& url) {
    BusOptions options;
    options.url = url;
    options.beat = std::chrono::milliseconds{20};
    return Bus::open(options, logger_);
  }
  std::unique_ptr<Bus> publisher() { return publisher(server().url()); }
  /// A bus that hosts the log, started.
  std::unique_ptr<Bus> publisher(const std::string& url) {
    auto bus = make(url);
    bus->host(log_.hosted());
    bus->start();
    return bus;
  }
  /// A bus that hosts a log of the same name and another id, as another system's, started.
  std::unique_ptr<Bus> stranger(MemoryLog& other) {
    HostedLog foreign = other.hosted();
    foreign.id = "another-id";
    auto bus = make();
    bus->host(std::move(foreign));
    bus->start();
    return bus;
  }
  /// A bus on which `collector` follows the log, started.
  std::unique_ptr<Bus> consumer(Collector& collector, std::optional<Cursor> cursor = std::nullopt,
                                std::vector<std::string> subjects = {}) {
    auto bus = make();
    Consumer follows = collector.consumer(log_.name(), "", std::move(subjects), std::move(cursor));
    follows.options.consumer = follows.name;
    bus->follow(std::move(follows));
    bus->start();
    return bus;
  }

  /// One that is started anew for each test that needs it.
  NatsServer& server() {
    if (!server_) server_ = std::make_unique<NatsServer>();
    return *server_;
  }
  static bool says(const Bus& bus, const std::string& text) {
    for (const std::string& trouble : bus.troubles()) {
      if (trouble.find(text) != std::string::npos) return true;
    }
    return false;
  }
  std::int64_t messages_stored() {
    return number_behind(server().ask("STREAM.INFO.TICKETING-tickets"), "\"messages\":");
  }
  static std::int64_t number_behind(const std::string& text, const std::string& name) {
    const std::size_t at = text.find(name);
    return at == std::string::npos ? -1 : std::stoll(text.substr(at + name.size()));
  }
  /// Publishes on and off while `meanwhile` is done in the middle.
  template <class F>
  void publish_around(Bus& bus, int count, F meanwhile) {
    for (int i = 0; i < count; ++i) {
      if (i == count / 2) meanwhile();
      log_.publish(&bus, i % 3 == 0 ? "ticket:created" : "ticket:updated");
    }
  }

  std::unique_ptr<NatsServer> server_;
  TroubleLogger logger_;
  MemoryLog log_{"tickets"};
};

}  // namespace ticketing::test
