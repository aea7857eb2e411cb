#pragma once
// Doorbell: wakes a thread that waits. Any thread may ring, one waits.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace ticketing::nats_driver {

class Doorbell {
 public:
  void ring() {
    {
      const std::lock_guard guard{mutex_};
      rung_ = true;
    }
    changed_.notify_one();
  }
  /// Until it rings, or has rung since the last wait, or `timeout` has passed.
  void wait(std::chrono::nanoseconds timeout) {
    constexpr std::chrono::hours kLongest{1};  // The clock's sum must not overflow.
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, std::min<std::chrono::nanoseconds>(timeout, kLongest),
                      [this] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
};

}  // namespace ticketing::nats_driver
