#pragma once
// A publisher over CURVE, and processes with keys that follow it.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bus_fixture.hpp"
#include "ticketing/messaging/bus_security.hpp"
#include "unit/runtime/memory_logger.hpp"

namespace ticketing::test {

/// A process that has keys, and the others' public ones.
class Member {
 public:
  explicit Member(std::string name) : name_(std::move(name)) {}
  const KeyPair& keys() const { return keys_; }
  std::string line(const std::string& subjects) const {
    return name_ + ' ' + keys_.public_key + ' ' + subjects + '\n';
  }
  std::shared_ptr<const BusSecurity> knowing(const std::string& lines) const {
    return std::make_shared<const BusSecurity>(
        BusSecurity{keys_, AllowList::parse(lines, "peers.allow"), "peers.allow"});
  }

 private:
  std::string name_;
  KeyPair keys_ = make_key_pair();
};

inline std::unique_ptr<Bus> secure_bus(std::shared_ptr<const BusSecurity> security,
                                       const std::string& bind = "",
                                       Logger& logger = null_logger()) {
  BusOptions options;
  options.bind = bind;
  options.beat = std::chrono::milliseconds{20};
  if (!bind.empty()) options.limited_bind = "tcp://127.0.0.1:0";
  options.security = std::move(security);
  return Bus::zeromq(options, logger);
}

class ZmqBusCurve : public testing::Test {
 protected:
  /// `lines`: of its allow-list. Each time at the same endpoint.
  void publish(const std::string& lines) {
    publisher_.reset();
    publisher_ = secure_bus(tickets_.knowing(lines), endpoint_, logger_);
    publisher_->host(log_.hosted());
    publisher_->start();
  }
  std::unique_ptr<Bus> follow(const Member& who, Collector& collector, const std::string& endpoint,
                              std::vector<std::string> subjects = {}) {
    auto bus = secure_bus(who.knowing(tickets_.line("-")));
    bus->follow(collector.consumer("tickets", endpoint, std::move(subjects)));
    bus->start();
    return bus;
  }
  std::uint64_t failures(const std::string& reason) const {
    const auto all = publisher_->handshake_failures();
    const auto found = all.find(reason);
    return found == all.end() ? 0 : found->second;
  }
  /// Waits until the consumer of `bus` is told that it gets nothing; why.
  static std::string refusal_of(const Bus& bus) {
    eventually([&] { return bus.statuses().at(0).refusal.has_value(); });
    EXPECT_FALSE(bus.statuses().at(0).caught_up);
    return bus.statuses().at(0).refusal.value_or("");
  }

  Member tickets_{"tickets"};
  Member orders_{"orders"};
  MemoryLog log_{"tickets"};
  MemoryLogger logger_;
  const std::string endpoint_ = free_endpoint();
  std::unique_ptr<Bus> publisher_;
  Collector collector_;
};

}  // namespace ticketing::test
