#include "http/work_queue.hpp"

#include "http/connection.hpp"

namespace ticketing::http {

bool WorkQueue::push(Connection& connection) {
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    if (length_ >= length_max_) return false;
    add(connection);
    wake = should_wake();
  }
  if (wake) arrived_.notify_one();
  return true;
}

void WorkQueue::push_again(const std::vector<Connection*>& connections) {
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    for (Connection* connection : connections) add(*connection);
    wake = should_wake();
  }
  if (wake) arrived_.notify_one();
}

Connection* WorkQueue::pop() {
  Connection* taken = nullptr;
  bool wake = false;
  {
    std::unique_lock lock{mutex_};
    while (length_ == 0 && !closed_) {
      ++sleeping_;
      arrived_.wait(lock);
      --sleeping_;
      waking_ = false;
    }
    if (closed_) return nullptr;
    taken = take();
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

void WorkQueue::add(Connection& connection) {
  connection.next_in_line = nullptr;
  const auto [entry, is_new] =
      lines_.try_emplace(connection.remote, Line{&connection, &connection});
  if (is_new) {
    turns_.push_back(&entry->first);
  } else {
    entry->second.last->next_in_line = &connection;
    entry->second.last = &connection;
  }
  ++length_;
}

Connection* WorkQueue::take() {
  const auto entry = lines_.find(*turns_.front());
  turns_.pop_front();
  Connection* const taken = entry->second.first;
  if (taken->next_in_line == nullptr) {
    lines_.erase(entry);
  } else {
    entry->second.first = taken->next_in_line;
    turns_.push_back(&entry->first);
  }
  --length_;
  return taken;
}

bool WorkQueue::should_wake() {
  if (length_ == 0 || sleeping_ == 0 || waking_) return false;
  waking_ = true;
  return true;
}

}  // namespace ticketing::http
