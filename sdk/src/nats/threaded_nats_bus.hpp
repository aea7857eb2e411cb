#pragma once
// ThreadedNatsBus: the bus over a NATS server. One thread drives it; another does what blocks.

#include <atomic>
#include <thread>

#include "nats/doorbell.hpp"
#include "nats/nats_bus.hpp"

namespace ticketing::nats_driver {

/// A thread that runs jobs. run() on any thread; what is left to do at stop() is dropped.
class JobThread {
 public:
  ~JobThread() { stop(); }
  void start();
  void stop();
  void run(std::function<void()> job);

 private:
  std::atomic<bool> stopping_{false};
  Doorbell bell_;
  CommandQueue jobs_{[this] { bell_.ring(); }};
  std::thread thread_;
};

class ThreadedNatsBus final : public NatsBus {
 public:
  ThreadedNatsBus(const BusOptions& options, Logger& logger);
  ~ThreadedNatsBus() override { stop(); }

  void start() override;
  void stop() override;

 private:
  void on_thread(const std::function<void()>& action) override {
    if (!thread_.joinable()) return action();
    wiring().commands.post_and_wait(action);
  }
  static Means means_of(ThreadedNatsBus& bus, const BusOptions& options);
  void run();
  void say_farewell();
  void wait_until(Time deadline);

  Doorbell bell_;
  JobThread jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ticketing::nats_driver
