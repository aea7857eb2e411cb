#pragma once
// JobPool: runs slow jobs (password hashes, calls to a payment provider) on a few threads of its
// own, so that how many run at once, and the memory that they take, is bounded. The queue is
// bounded too. Any thread may hand in jobs.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ticketing::runtime {

class JobPool {
 public:
  JobPool(std::size_t threads, std::size_t queue_max);
  ~JobPool() { stop(); }
  JobPool(const JobPool&) = delete;
  JobPool& operator=(const JobPool&) = delete;

  /// Lets the jobs that run come to their end, drops the rest, and takes no more. By one thread.
  void stop();
  /// Takes `job`; false when the queue is full or the pool has stopped. `job` must not throw.
  bool try_run(std::function<void()> job);

 private:
  void work();

  std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ticketing::runtime
