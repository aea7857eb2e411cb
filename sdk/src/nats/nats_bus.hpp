#pragma once
// NatsBus: the bus over NATS. One thread owns connection, publishers and followers; LogServer has
// the other.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "nats/log_publisher.hpp"
#include "nats/stream_follower.hpp"
#include "ticketing/messaging/bus.hpp"

namespace ticketing::nats_driver {

class NatsBus final : public Bus {
 public:
  using Time = std::chrono::nanoseconds;

  NatsBus(BusOptions options, Logger& logger)
      : options_(std::move(options)),
        logger_(logger),
        logs_(logger),
        wiring_{ServerUrl::parse(options_.url), logger, commands_, logs_} {}
  ~NatsBus() override { stop(); }

  void host(HostedLog log) override;
  void follow(Consumer consumer) override {
    on_thread([&] { add(consumer); });
  }
  void unfollow(const std::string& consumer, const std::string& log) override;
  void start() override {
    logs_.start();
    thread_ = std::thread{[this] { run(); }};
  }
  void stop() override;
  std::string endpoint() const override { return wiring_.url.shown(); }

  void committed(const std::string& name, std::vector<LogEntry> entries) override;
  void lead(const std::string& name, bool leads) override {
    on_thread([&] {
      const auto publisher = publishers_.find(name);
      if (publisher != publishers_.end()) publisher->second->lead(leads);
    });
  }
  void request_replay(const std::string& consumer, const std::string& log, Gap gap) override;
  std::vector<SubscriptionStatus> statuses() const override {
    const std::lock_guard guard{status_mutex_};
    return statuses_;
  }
  std::vector<std::string> troubles() const override {
    const std::lock_guard guard{status_mutex_};
    return troubles_;
  }

 private:
  void on_thread(const std::function<void()>& action) {
    if (!thread_.joinable()) return action();
    commands_.post_and_wait(action);
  }
  void add(const Consumer& consumer);

  void connect();
  void on_connected(std::shared_ptr<Connection> connection);
  void on_refused(const Error& error);
  void on_lost(std::uint64_t attempt);
  void hear(LogPublisher& publisher);
  void on_inbox(const Message& message);
  void run();
  void say_farewell();
  Time step(Time now);
  void publish_statuses();

  BusOptions options_;
  Logger& logger_;
  Doorbell bell_;
  CommandQueue commands_{[this] { bell_.ring(); }};
  LogServer logs_;
  Wiring wiring_;
  std::map<std::string, std::unique_ptr<LogPublisher>> publishers_;
  std::vector<std::shared_ptr<StreamFollower>> followers_;
  std::vector<std::unique_ptr<Connection::Interest>> interests_;

  std::uint64_t attempt_ = 0;  ///< To connect.
  bool is_connecting_ = false;
  Time connect_at_{0};
  std::chrono::milliseconds pause_{0};
  std::string no_connection_ = "there is no connection to NATS yet";
  std::string told_;
  bool stopping_ = false;

  mutable std::mutex status_mutex_;
  std::vector<SubscriptionStatus> statuses_;
  std::vector<std::string> troubles_;
  std::thread thread_;
};

}  // namespace ticketing::nats_driver
