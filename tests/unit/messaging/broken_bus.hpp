#pragma once
// BrokenBus: a transport that makes one mistake, planted between it and its users. Tests that the
// conformance suite finds it.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ticketing/messaging/bus.hpp"
#include "ticketing/testing/bus_conformance.hpp"

namespace ticketing::test {

/// Tells the core what it is told. A mistake overrides what it gets wrong.
class PassingInput : public SubscriptionInput {
 public:
  explicit PassingInput(SubscriptionInput& next) : next_(next) {}
  void on_hello(const wire::Position& position) override { next_.on_hello(position); }
  void on_beat(const wire::Position& position) override { next_.on_beat(position); }
  void on_event(const wire::Position& position, std::string_view subject,
                std::string envelope) override {
    next_.on_event(position, subject, std::move(envelope));
  }
  void on_fetched(wire::FetchAnswer answer) override { next_.on_fetched(std::move(answer)); }

 protected:
  SubscriptionInput& next() { return next_; }

 private:
  SubscriptionInput& next_;
};

/// Where a transport goes wrong. What is empty is right.
struct Mistake {
  std::function<void(HostedLog& log)> hosting;
  std::function<void(Consumer& consumer)> following;
  PutBetween hearing;
  bool forgets_replays = false;
};
/// Makes one, with whatever it remembers, for each case.
using MakeMistake = std::function<Mistake()>;

/// Puts `first` in front of what stands between already.
inline PutBetween in_front(PutBetween first, PutBetween then) {
  struct Both final : PassingInput {
    Both(const PutBetween& outer, std::unique_ptr<SubscriptionInput> inside)
        : PassingInput(*inside), inner(std::move(inside)), front(outer(*inner)) {}
    void on_hello(const wire::Position& position) override { front->on_hello(position); }
    void on_beat(const wire::Position& position) override { front->on_beat(position); }
    void on_event(const wire::Position& position, std::string_view subject,
                  std::string envelope) override {
      front->on_event(position, subject, std::move(envelope));
    }
    void on_fetched(wire::FetchAnswer answer) override { front->on_fetched(std::move(answer)); }
    std::unique_ptr<SubscriptionInput> inner;
    std::unique_ptr<SubscriptionInput> front;
  };
  return [first = std::move(first), then = std::move(then)](SubscriptionInput& core) {
    return std::make_unique<Both>(first, then(core));
  };
}

class BrokenBus final : public Bus {
 public:
  BrokenBus(std::unique_ptr<Bus> whole, const Mistake& mistake)
      : whole_(std::move(whole)), mistake_(mistake) {}

  void host(HostedLog log) override {
    if (mistake_.hosting) mistake_.hosting(log);
    whole_->host(std::move(log));
  }
  void follow(Consumer consumer) override {
    if (mistake_.following) mistake_.following(consumer);
    if (mistake_.hearing) {
      consumer.options.between = in_front(mistake_.hearing, consumer.options.between);
    }
    whole_->follow(std::move(consumer));
  }
  void unfollow(const std::string& consumer, const std::string& log) override {
    whole_->unfollow(consumer, log);
  }
  void start() override { whole_->start(); }
  void stop() override { whole_->stop(); }
  std::string endpoint() const override { return whole_->endpoint(); }
  void committed(const std::string& name, std::vector<LogEntry> entries) override {
    whole_->committed(name, std::move(entries));
  }
  void request_replay(const std::string& consumer, const std::string& log, Gap gap) override {
    if (!mistake_.forgets_replays) whole_->request_replay(consumer, log, std::move(gap));
  }
  std::vector<SubscriptionStatus> statuses() const override { return whole_->statuses(); }

 private:
  std::unique_ptr<Bus> whole_;
  const Mistake& mistake_;
};

class BrokenTransport final : public testing::ConformanceTransport {
 public:
  BrokenTransport(std::unique_ptr<ConformanceTransport> whole, Mistake mistake)
      : whole_(std::move(whole)), mistake_(std::move(mistake)) {}

  std::unique_ptr<Bus> make_publisher() override { return broken(whole_->make_publisher()); }
  std::unique_ptr<Bus> make_consumer() override { return broken(whole_->make_consumer()); }
  std::string endpoint() const override { return whole_->endpoint(); }
  bool step() override { return whole_->step(); }
  const Clock& clock() const override { return whole_->clock(); }
  void set_cut(bool is_cut) override { whole_->set_cut(is_cut); }

 private:
  std::unique_ptr<Bus> broken(std::unique_ptr<Bus> bus) {
    return std::make_unique<BrokenBus>(std::move(bus), mistake_);
  }

  std::unique_ptr<ConformanceTransport> whole_;
  Mistake mistake_;
};

}  // namespace ticketing::test
