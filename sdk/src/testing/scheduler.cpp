#include "testing/scheduler.hpp"

#include <algorithm>
#include <utility>

namespace ticketing::testing {

void Scheduler::at(Time time, Kind kind, std::function<void()> work) {
  if (kind == Kind::foreground) ++foreground_;
  queue_.push_back({std::max(time, now_), ++count_, kind, std::move(work)});
  std::push_heap(queue_.begin(), queue_.end(), later);
}

bool Scheduler::step() {
  if (queue_.empty()) return false;
  std::pop_heap(queue_.begin(), queue_.end(), later);
  Entry entry = std::move(queue_.back());
  queue_.pop_back();
  if (entry.kind == Kind::foreground) --foreground_;
  now_ = std::max(now_, entry.time);
  entry.work();
  return true;
}

}  // namespace ticketing::testing
