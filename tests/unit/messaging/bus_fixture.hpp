#pragma once
// Buses over real loopback sockets, logs in memory behind them, and consumers that collect.

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sample_events.hpp"
#include "support/process.hpp"
#include "ticketing/messaging/bus.hpp"

namespace ticketing::test {

inline constexpr std::chrono::seconds kPatience{20};

/// A log that outlives the buses that host it, as a database file outlives its process.
class MemoryLog {
 public:
  explicit MemoryLog(std::string name) : name_(std::move(name)), id_(name_ + "-id") {}

  const std::string& name() const { return name_; }
  /// Appends; nobody is told but through the bus that is given.
  void publish(Bus* bus, const std::string& subject, int count = 1, std::string envelope = {}) {
    std::vector<LogEntry> entries;
    {
      const std::lock_guard guard{mutex_};
      for (int i = 0; i < count; ++i) {
        const auto offset = static_cast<std::int64_t>(entries_.size()) + 1;
        auto text = envelope.empty() ? encode(sample_envelope(subject, "x", offset, offset, id_))
                                     : envelope;
        entries_.push_back({offset, subject, text});
        entries.push_back(entries_.back());
      }
    }
    if (bus != nullptr) bus->committed(name_, std::move(entries));
  }
  LogPage read(const LogQuery& query) const {
    const std::lock_guard guard{mutex_};
    LogPage page{.entries = {}, .covered_to = query.after, .head = head()};
    const std::int64_t end = std::min(query.until, page.head);
    std::size_t bytes = 0;
    while (page.covered_to < end && page.entries.size() < query.count_max &&
           bytes <= query.bytes_max) {
      const LogEntry& entry = entries_[static_cast<std::size_t>(page.covered_to++)];
      const auto& wanted = query.subjects;
      const bool is_wanted =
          wanted.empty() || std::find(wanted.begin(), wanted.end(), entry.subject) != wanted.end();
      if (!is_wanted) continue;
      bytes += entry.envelope.size();
      page.entries.push_back(entry);
    }
    return page;
  }
  HostedLog hosted() {
    const std::lock_guard guard{mutex_};
    return {name_, id_, head(), [this](const LogQuery& query) { return read(query); },
            [this](const wire::Reader& reader) { hear(reader); }};
  }
  /// What consumers have said, as `name@cursor`.
  std::vector<std::string> heard() const {
    const std::lock_guard guard{mutex_};
    return heard_;
  }

 private:
  void hear(const wire::Reader& reader) {
    const std::lock_guard guard{mutex_};
    heard_.push_back(reader.consumer + '@' + std::to_string(reader.cursor));
  }
  std::int64_t head() const { return static_cast<std::int64_t>(entries_.size()); }

  std::string name_;
  std::string id_;
  mutable std::mutex mutex_;
  std::vector<LogEntry> entries_;
  std::vector<std::string> heard_;
};

/// A consumer that remembers the offsets that it was given.
class Collector {
 public:
  Consumer consumer(std::string log, std::string endpoint, std::vector<std::string> subjects = {},
                    std::optional<Cursor> cursor = std::nullopt) {
    Consumer consumer{.name = "collector",
                      .endpoint = std::move(endpoint),
                      .options = {},
                      .cursor = std::move(cursor),
                      .apply = {}};
    consumer.options.log = std::move(log);
    consumer.options.subjects = std::move(subjects);
    consumer.options.join_timeout = std::chrono::milliseconds{300};
    consumer.options.fetch_timeout = std::chrono::milliseconds{500};
    consumer.apply = [this](std::shared_ptr<const Batch> batch, std::function<void(bool)> done) {
      take(*batch);
      done(true);
    };
    return consumer;
  }
  /// Waits until `count` have come; false when that takes too long.
  bool wait_for(std::size_t count) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, kPatience, [&] { return offsets_.size() >= count; });
  }
  bool wait_for_replay() {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, kPatience, [&] { return !replayed_.empty(); });
  }
  std::vector<std::int64_t> offsets() const {
    const std::lock_guard guard{mutex_};
    return offsets_;
  }
  std::vector<std::int64_t> replayed() const {
    const std::lock_guard guard{mutex_};
    return replayed_;
  }

 private:
  void take(const Batch& batch) {
    const std::lock_guard guard{mutex_};
    for (const ReceivedEvent& event : batch.events) {
      (batch.replay ? replayed_ : offsets_).push_back(event.offset);
    }
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::int64_t> offsets_;
  std::vector<std::int64_t> replayed_;
};

inline std::vector<std::int64_t> up_to(std::int64_t last) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 1; i <= last; ++i) all.push_back(i);
  return all;
}

/// For a bus that is to be found again where another was, or nowhere.
inline std::string free_endpoint() { return "tcp://127.0.0.1:" + std::to_string(free_port()); }

inline std::unique_ptr<Bus> make_bus(const std::string& bind, Logger& logger = null_logger()) {
  BusOptions options;
  options.bind = bind;
  options.beat = std::chrono::milliseconds{20};
  return Bus::zeromq(options, logger);
}

/// Waits until `holds`, a condition that nobody signals.
template <class F>
bool eventually(F holds) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

/// Waits until the first consumer of `bus` has caught up, `applied_min` events at least.
inline bool wait_until_caught_up(const Bus& bus, std::int64_t applied_min = 0) {
  return eventually([&] {
    const SubscriptionStatus status = bus.statuses().at(0);
    return status.caught_up && status.applied >= applied_min;
  });
}

}  // namespace ticketing::test
