#pragma once
// SecondPublisher: one bus that carries events between services, and another one that only
// publishes the same logs, for who listens over another transport, as `ticketctl` over ZeroMQ.

#include <memory>
#include <utility>

#include "ticketing/messaging/bus.hpp"

namespace ticketing::runtime {

class SecondPublisher final : public Bus {
 public:
  SecondPublisher(std::unique_ptr<Bus> carrier, std::unique_ptr<Bus> second)
      : carrier_(std::move(carrier)), second_(std::move(second)) {}

  void host(HostedLog log) override {
    second_->host(log);
    carrier_->host(std::move(log));
  }
  void follow(Consumer consumer) override { carrier_->follow(std::move(consumer)); }
  void unfollow(const std::string& consumer, const std::string& log) override {
    carrier_->unfollow(consumer, log);
  }
  void start() override {
    second_->start();
    carrier_->start();
  }
  void stop() override {
    carrier_->stop();
    second_->stop();
  }
  std::string endpoint() const override { return second_->endpoint(); }
  std::string limited_endpoint() const override { return second_->limited_endpoint(); }
  void committed(const std::string& name, std::vector<LogEntry> entries) override {
    second_->committed(name, entries);
    carrier_->committed(name, std::move(entries));
  }
  void lead(const std::string& name, bool leads) override { carrier_->lead(name, leads); }
  void request_replay(const std::string& consumer, const std::string& log, Gap gap) override {
    carrier_->request_replay(consumer, log, std::move(gap));
  }
  std::vector<SubscriptionStatus> statuses() const override { return carrier_->statuses(); }
  std::vector<std::string> troubles() const override { return carrier_->troubles(); }
  std::map<std::string, std::uint64_t> handshake_failures() const override {
    return second_->handshake_failures();
  }

 private:
  std::unique_ptr<Bus> carrier_;
  std::unique_ptr<Bus> second_;
};

}  // namespace ticketing::runtime
