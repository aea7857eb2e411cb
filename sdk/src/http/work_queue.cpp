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
    while (!has_work() && !closed_) {
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

void WorkQueue::done(bool reads) {
  if (!reads) return;
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    --reading_;
    wake = should_wake();
  }
  if (wake) arrived_.notify_one();
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
  connection.reads = connection.head.starts_with("GET ") || connection.head.starts_with("HEAD ");
  Lane& lane = connection.reads ? reads_ : others_;
  const auto [entry, is_new] =
      lane.lines.try_emplace(connection.remote, Line{&connection, &connection});
  if (is_new) {
    lane.turns.push_back(&entry->first);
  } else {
    entry->second.last->next_in_line = &connection;
    entry->second.last = &connection;
  }
  ++length_;
}

Connection* WorkQueue::take() {
  // In turn, where both have something.
  read_last_ = may_read() && (others_.turns.empty() || !read_last_);
  Lane& lane = read_last_ ? reads_ : others_;
  if (read_last_) ++reading_;
  const auto entry = lane.lines.find(*lane.turns.front());
  lane.turns.pop_front();
  Connection* const taken = entry->second.first;
  if (taken->next_in_line == nullptr) {
    lane.lines.erase(entry);
  } else {
    entry->second.first = taken->next_in_line;
    lane.turns.push_back(&entry->first);
  }
  --length_;
  return taken;
}

bool WorkQueue::should_wake() {
  if (!has_work() || sleeping_ == 0 || waking_) return false;
  waking_ = true;
  return true;
}

}  // namespace ticketing::http
