#pragma once
// JobQueue: the writes that wait for a database's writer, and how several are run as one commit.
// Any thread; take() and run_jobs() belong to the writer's.

#include <condition_variable>
#include <exception>
#include <mutex>
#include <vector>

#include "storage/connection.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing::storage {

struct Job {
  Database::Work work;
  Database::Done done;
  std::exception_ptr failure = nullptr;
};

class JobQueue {
 public:
  explicit JobQueue(std::size_t size_max) : size_max_(size_max) {}

  /// Throws Error(unavailable) when too many wait.
  void push(Database::Work work, Database::Done done);
  /// The oldest, at most `count_max`.
  std::vector<Job> take(std::size_t count_max);
  bool empty() const;
  /// Blocks until it is not empty, or interrupt() was called, or `timeout` has passed.
  bool wait(std::chrono::milliseconds timeout);
  void interrupt();
  /// From now on closed_within() blocks no more.
  void close();
  /// Blocks for so long, whatever is queued, or until close() was called, which it says.
  bool closed_within(std::chrono::milliseconds timeout);

 private:
  const std::size_t size_max_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<Job> jobs_;
  bool interrupted_ = false;
  bool closed_ = false;
};

/// Runs `jobs` in the transaction that is open, each in a savepoint of its own, and notes what each
/// threw. One that is alone needs no savepoint: its failure is that of the whole transaction, which
/// `false` says. Throws Error when the transaction is gone.
bool run_jobs(Connection& connection, std::vector<Job>& jobs);
/// Tells all of them that nothing was stored. Whatever a job itself threw may rest on what an
/// earlier one had written, which is gone now.
void fail_all(std::vector<Job> jobs, const Error& error);

}  // namespace ticketing::storage
