#pragma once
// WatchedBus: a bus in a world that is told what it is given: entries of logs that are durable, and
// batches that a consumer has applied.

#include <functional>
#include <memory>
#include <utility>

#include "ticketing/messaging/bus.hpp"

namespace ticketing::testing {

struct BusWatchers {
  std::function<void(const std::string& log, const std::vector<LogEntry>& entries)> on_committed;
  std::function<void(const std::string& consumer, const Batch& batch)> on_applied;
};

class WatchedBus final : public Bus {
 public:
  WatchedBus(std::unique_ptr<Bus> bus, BusWatchers watchers)
      : bus_(std::move(bus)), watchers_(std::make_shared<BusWatchers>(std::move(watchers))) {}

  void host(HostedLog log) override { bus_->host(std::move(log)); }
  void follow(Consumer consumer) override {
    // Who is stopped is not told any more, and neither is the world.
    consumer.apply = [apply = std::move(consumer.apply), name = consumer.name,
                      weak = std::weak_ptr{watchers_}](std::shared_ptr<const Batch> batch,
                                                       std::function<void(bool)> done) {
      apply(batch, [weak, name, batch, done = std::move(done)](bool durable) {
        const auto watchers = weak.lock();
        if (!watchers) return;
        if (durable) watchers->on_applied(name, *batch);
        done(durable);
      });
    };
    bus_->follow(std::move(consumer));
  }
  void unfollow(const std::string& consumer, const std::string& log) override {
    bus_->unfollow(consumer, log);
  }
  void start() override { bus_->start(); }
  void stop() override {
    watchers_.reset();
    bus_->stop();
  }
  std::string endpoint() const override { return bus_->endpoint(); }
  std::string limited_endpoint() const override { return bus_->limited_endpoint(); }
  void committed(const std::string& name, std::vector<LogEntry> entries) override {
    if (!watchers_) return;
    watchers_->on_committed(name, entries);
    bus_->committed(name, std::move(entries));
  }
  void lead(const std::string& name, bool leads) override { bus_->lead(name, leads); }
  void request_replay(const std::string& consumer, const std::string& log, Gap gap) override {
    bus_->request_replay(consumer, log, gap);
  }
  std::vector<SubscriptionStatus> statuses() const override { return bus_->statuses(); }
  std::vector<std::string> troubles() const override { return bus_->troubles(); }
  std::map<std::string, std::uint64_t> handshake_failures() const override {
    return bus_->handshake_failures();
  }

 private:
  std::unique_ptr<Bus> bus_;
  std::shared_ptr<BusWatchers> watchers_;  ///< None once it is stopped.
};

}  // namespace ticketing::testing
