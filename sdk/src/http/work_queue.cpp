#include "http/work_queue.hpp"

namespace ticketing::http {

bool WorkQueue::push(Connection& connection) {
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    if (queue_.size() >= length_max_) return false;
    queue_.push_back(&connection);
    wake = should_wake();
  }
  if (wake) arrived_.notify_one();
  return true;
}

void WorkQueue::push_again(const std::vector<Connection*>& connections) {
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    queue_.insert(queue_.end(), connections.begin(), connections.end());
    wake = should_wake();
  }
  if (wake) arrived_.notify_one();
}

Connection* WorkQueue::pop() {
  Connection* taken = nullptr;
  bool wake = false;
  {
    std::unique_lock lock{mutex_};
    while (queue_.empty() && !closed_) {
      ++sleeping_;
      arrived_.wait(lock);
      --sleeping_;
      waking_ = false;
    }
    if (closed_) return nullptr;
    taken = queue_.front();
    queue_.pop_front();
    wake = should_wake();
  }
  if (wake) arrived_.notify_one();
  return taken;
}

void WorkQueue::close() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }
  arrived_.notify_all();
}

bool WorkQueue::should_wake() {
  if (queue_.empty() || sleeping_ == 0 || waking_) return false;
  waking_ = true;
  return true;
}

}  // namespace ticketing::http
