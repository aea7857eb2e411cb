#pragma once
// LogServer: reads the logs hosted here, to answer fetches or to publish. That blocks, and so is
// done where jobs are run: a consumer that catches up does not hold back what is live.
//
// host() before the first question; the rest on any thread.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "messaging/fetch_answer.hpp"
#include "nats/connection.hpp"

namespace ticketing::nats_driver {

/// Runs a job that may block, later, one at a time, in this order, or drops it.
using RunJob = std::function<void(std::function<void()> job)>;

class LogServer {
 public:
  LogServer(RunJob run, Logger& logger) : run_(std::move(run)), logger_(logger) {}

  void host(HostedLog log);

  /// `done` is called by the job; with nullptr when the log cannot be read now.
  void read(const std::string& log, LogQuery query, std::function<void(const LogPage* page)> done);
  /// Answers a question or takes in a report. Too many at once are dropped, and asked again.
  void answer(std::shared_ptr<Connection> connection, Message question);

 private:
  void answer_now(Connection& connection, const Message& question);

  RunJob run_;
  Logger& logger_;
  HostedLogs logs_;
  std::map<std::string, std::string> told_;  ///< By log, why it cannot be read. For jobs.
  std::atomic<int> questions_waiting_{0};
};

}  // namespace ticketing::nats_driver
