#pragma once
// EntryQueue: entries of a log that wait to be published, and how large they are. Belongs to one
// thread.

#include <cstddef>
#include <deque>
#include <utility>

#include "ticketing/messaging/event_log.hpp"

namespace ticketing::nats_driver {

class EntryQueue {
 public:
  void push(LogEntry entry) {
    bytes_ += entry.envelope.size();
    entries_.push_back(std::move(entry));
  }
  /// Requires: it is not empty.
  LogEntry pop() {
    LogEntry entry = std::move(entries_.front());
    entries_.pop_front();
    bytes_ -= entry.envelope.size();
    return entry;
  }
  void clear() {
    entries_.clear();
    bytes_ = 0;
  }
  bool empty() const { return entries_.empty(); }
  bool is_below(std::size_t count, std::size_t bytes) const {
    return entries_.size() < count && bytes_ < bytes;
  }

 private:
  std::deque<LogEntry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace ticketing::nats_driver
