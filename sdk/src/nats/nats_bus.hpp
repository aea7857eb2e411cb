#pragma once
// NatsBus: the bus over NATS, but for what drives it: ThreadedNatsBus, or a simulator.
//
// One thread owns connection, publishers and followers: it runs `commands_` and calls step().

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "nats/log_publisher.hpp"
#include "nats/stream_follower.hpp"
#include "ticketing/messaging/bus.hpp"

namespace ticketing::nats_driver {

class NatsBus : public Bus {
 public:
  using Time = std::chrono::nanoseconds;

  void host(HostedLog log) override;
  void follow(Consumer consumer) override {
    on_thread([&] { add(consumer); });
  }
  void unfollow(const std::string& consumer, const std::string& log) override;
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

 protected:
  /// What it lives on. All that is pointed to outlives it.
  struct Means {
    const Clock& clock;
    Random& random;
    OpenConnection open;  ///< Called by a job.
    RunJob run_job;
    std::function<void()> ring;  ///< There are commands.
  };
  NatsBus(BusOptions options, Logger& logger, Means means);

  /// Does `action` on the thread that owns it all, and returns when it is done.
  virtual void on_thread(const std::function<void()>& action) = 0;
  /// Returns when it has to be called at the latest, if there is no command before.
  Time step(Time now);
  /// Publishers have nothing on its way.
  bool is_at_rest() const;
  void publish_statuses();
  void let_go();

  Wiring& wiring() { return wiring_; }
  const std::vector<std::shared_ptr<StreamFollower>>& followers() const { return followers_; }
  const std::map<std::string, std::unique_ptr<LogPublisher>>& publishers() const {
    return publishers_;
  }

 private:
  void add(const Consumer& consumer);

  void connect();
  void on_connected(std::shared_ptr<Connection> connection);
  void on_refused(const Error& error);
  void on_lost(std::uint64_t attempt);
  void hear(LogPublisher& publisher);
  void on_inbox(const Message& message);

  const BusOptions options_;
  Logger& logger_;
  const OpenConnection open_;
  const RunJob run_job_;
  CommandQueue commands_;
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

  mutable std::mutex status_mutex_;
  std::vector<SubscriptionStatus> statuses_;
  std::vector<std::string> troubles_;
};

}  // namespace ticketing::nats_driver
