#pragma once
// WorkQueue: whole requests on their way to the workers: those of one address first come, first
// served, and the addresses in turn, so that many requests of one client delay another's by one.
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
  explicit WorkQueue(std::size_t length_max) : length_max_(length_max) {}

  /// False when the queue is full.
  bool push(Connection& connection);
  /// Requests that were admitted before go in however long the queue is.
  void push_again(const std::vector<Connection*>& connections);
  /// Waits for work. nullptr: closed.
  Connection* pop();
  /// Lets every pop() return nullptr; what is still queued is dropped.
  void close();

 private:
  /// The requests of one address, chained through their connections; never empty.
  struct Line {
    Connection* first;
    Connection* last;
  };
  using Lines = std::unordered_map<std::string, Line>;

  void add(Connection& connection);
  Connection* take();
  /// Whether the caller must notify, once it has let go of the mutex.
  bool should_wake();

  const std::size_t length_max_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  Lines lines_;                           ///< By address.
  std::deque<const std::string*> turns_;  ///< The lines' addresses: whose turn is next.
  std::size_t length_ = 0;
  std::size_t sleeping_ = 0;
  bool waking_ = false;
  bool closed_ = false;
};

}  // namespace ticketing::http
