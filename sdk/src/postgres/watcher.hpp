#pragma once
// Watcher: tells the processes that share a schema of each other's commits, by LISTEN and NOTIFY.
//
// A notification within a transaction would make the commits of all schemas wait for each other
// (the server holds one lock for all of them until each is synced). So it is sent after the commit,
// on a session and a thread of its own, once for however many commits there were meanwhile.

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "postgres/connection.hpp"

namespace ticketing::postgres {

class Watcher {
 public:
  /// `changed`: another process has committed, or may have, since the watcher was cut off.
  Watcher(ConnectionOptions options, std::function<void()> changed);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// This process has committed. Any thread.
  void committed();

 private:
  void run();
  void watch(PostgresConnection& connection);
  /// Blocks until something is to be done, or `timeout_ms` has passed; -1: however long it takes.
  void wait(int descriptor, int timeout_ms);
  void ring();

  const ConnectionOptions options_;
  const std::string channel_;
  const std::string id_;  ///< Ours, by which we know our own notifications.
  const std::function<void()> changed_;
  const int bell_;
  std::atomic<bool> has_committed_{false};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ticketing::postgres
