#pragma once
// WorkQueue: whole requests on their way to the workers: those of one address first come, first
// served, and the addresses in turn, so that many requests of one client delay another's by one.
// Requests that read have a lane of their own, and only some of the workers: they need nothing but
// the processor, and once they run nobody can take turns any more. Writes wait for the disk
// together, the more the better.
//
// At most one sleeping worker is being woken at any time, and that one wakes the next if there
// is still work; so short requests keep few workers awake and slow ones bring in all of them.
// Any thread may call anything.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace ticketing::http {

struct Connection;

class WorkQueue {
 public:
  /// At most `reads_max` requests that read are with workers at once.
  WorkQueue(std::size_t length_max, std::size_t reads_max)
      : length_max_(length_max), reads_max_(reads_max) {}

  /// False when the queue is full.
  bool push(Connection& connection);
  /// Requests that were admitted before go in however long the queue is.
  void push_again(const std::vector<Connection*>& connections);
  /// Waits for work; done() gives it back. nullptr: closed.
  Connection* pop();
  /// The worker is through with a request; `reads` is what the connection said when it was popped.
  void done(bool reads);
  /// Lets every pop() return nullptr; what is still queued is dropped.
  void close();

 private:
  /// The requests of one address, chained through their connections; never empty.
  struct Line {
    Connection* first;
    Connection* last;
  };
  struct Lane {
    std::unordered_map<std::string, Line> lines;  ///< By address.
    std::deque<const std::string*> turns;         ///< The lines' addresses: whose turn is next.
  };

  void add(Connection& connection);
  Connection* take();
  bool may_read() const { return !reads_.turns.empty() && reading_ < reads_max_; }
  bool has_work() const { return !others_.turns.empty() || may_read(); }
  /// Whether the caller must notify, once it has let go of the mutex.
  bool should_wake();

  const std::size_t length_max_;
  const std::size_t reads_max_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  Lane reads_;
  Lane others_;
  std::size_t length_ = 0;
  std::size_t reading_ = 0;  ///< Requests that read and are with workers.
  bool read_last_ = false;
  std::size_t sleeping_ = 0;
  bool waking_ = false;
  bool closed_ = false;
};

}  // namespace ticketing::http
