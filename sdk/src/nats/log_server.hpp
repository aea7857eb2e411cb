#pragma once
// LogServer: the bus's second thread, for all that blocks: reading the logs hosted here, to answer
// fetches or to publish, and connecting. A consumer that catches up does not hold back what is
// live.
//
// host() before start(); the rest on any thread. What is left to do at stop() is dropped.

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "messaging/command_queue.hpp"
#include "messaging/fetch_answer.hpp"
#include "nats/connection.hpp"
#include "nats/doorbell.hpp"

namespace ticketing::nats_driver {

class LogServer {
 public:
  explicit LogServer(Logger& logger) : logger_(logger) {}
  ~LogServer() { stop(); }

  void host(HostedLog log);
  void start();
  void stop();

  /// `done` is called on this thread; with nullptr when the log cannot be read now.
  void read(const std::string& log, LogQuery query, std::function<void(const LogPage* page)> done);
  /// Answers a question or takes in a report. Too many at once are dropped, and asked again.
  void answer(std::shared_ptr<Connection> connection, Message question);
  void run(std::function<void()> job);

 private:
  void serve();
  void answer_now(Connection& connection, const Message& question);

  Logger& logger_;
  HostedLogs logs_;
  std::atomic<int> questions_waiting_{0};
  std::atomic<bool> stopping_{false};
  Doorbell bell_;
  CommandQueue jobs_{[this] { bell_.ring(); }};
  std::thread thread_;
};

}  // namespace ticketing::nats_driver
