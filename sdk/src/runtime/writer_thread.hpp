#pragma once
// WriterThread: commits what is queued in a database, until it is stopped.

#include <atomic>
#include <thread>

#include "ticketing/storage/database.hpp"

namespace ticketing::runtime {

class WriterThread {
 public:
  /// Borrows `database`.
  explicit WriterThread(Database& database)
      : database_(database), thread_([this] { write_until_stopped(); }) {}
  /// Writes what is queued first.
  ~WriterThread() {
    stopping_ = true;
    database_.interrupt();
    thread_.join();
  }
  WriterThread(const WriterThread&) = delete;
  WriterThread& operator=(const WriterThread&) = delete;

 private:
  void write_until_stopped() {
    while (true) {
      if (database_.wait_for_work(std::chrono::seconds{1})) {
        database_.step();
      } else if (stopping_) {
        return;
      }
    }
  }

  Database& database_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace ticketing::runtime
