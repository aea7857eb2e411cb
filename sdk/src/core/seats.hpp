#pragma once
// Seats: how many may do something at once; the others wait, and who came first goes first.
// Any thread.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>

namespace ticketing {

class Seats {
 public:
  explicit Seats(std::size_t count) : free_(count) {}

  std::size_t waiting() const {
    const std::lock_guard lock{mutex_};
    return waiting_.size();
  }

  /// Held from its making to its end. Whoever holds one must not wait for another.
  class Seat {
   public:
    explicit Seat(Seats& seats) : seats_(seats) { seats_.take(); }
    ~Seat() { seats_.give_back(); }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

   private:
    Seats& seats_;
  };

 private:
  struct Waiter {
    std::condition_variable called;
    bool seated = false;
  };

  void take() {
    std::unique_lock lock{mutex_};
    if (free_ > 0) {
      --free_;
      return;
    }
    Waiter waiter;
    waiting_.push_back(&waiter);
    waiter.called.wait(lock, [&] { return waiter.seated; });
  }
  void give_back() {
    const std::lock_guard lock{mutex_};
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    // Handed over, not put back: whoever comes at this moment does not get in between.
    waiting_.front()->seated = true;
    waiting_.front()->called.notify_one();  // Under the lock: the waiter is gone once it is seated.
    waiting_.pop_front();
  }

  mutable std::mutex mutex_;
  std::size_t free_;
  std::deque<Waiter*> waiting_;  ///< Only while no seat is free.
};

}  // namespace ticketing
