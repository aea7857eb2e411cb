#pragma once
// Scheduler: what a simulated world does next. Time stands still while something runs.
//
// Work is `foreground` when the world is not at rest without it (a message under way, a commit), or
// `background` when it goes on for ever (heartbeats, looking round). One thread.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace ticketing::testing {

class Scheduler {
 public:
  using Time = std::chrono::nanoseconds;
  enum class Kind : std::uint8_t { foreground, background };

  /// Not 0, so that what lies a while before the start is still a time.
  static constexpr Time kStart{std::chrono::hours{1}};
  Time now() const { return now_; }
  /// Runs `work` at `time`, or now if that has passed; what is due together runs in this order.
  void at(Time time, Kind kind, std::function<void()> work);
  void after(Time pause, Kind kind, std::function<void()> work) {
    at(now_ + pause, kind, std::move(work));
  }

  /// Moves the time on to what is due next, and runs it. False when there is nothing.
  bool step();
  /// True while something in the foreground is to come.
  bool busy() const { return foreground_ > 0; }
  /// When the next thing is due. Requires: there is one.
  Time next() const { return queue_.front().time; }
  bool empty() const { return queue_.empty(); }
  /// Moves the time on without running anything: what is overdue then comes late, in order.
  void skip_to(Time time) { now_ = std::max(now_, time); }

 private:
  struct Entry {
    Time time;
    std::uint64_t number;
    Kind kind;
    std::function<void()> work;
  };
  static bool later(const Entry& a, const Entry& b) {
    return a.time != b.time ? a.time > b.time : a.number > b.number;
  }

  Time now_ = kStart;
  std::vector<Entry> queue_;  ///< A heap; the next one in front.
  std::uint64_t count_ = 0;
  std::size_t foreground_ = 0;
};

}  // namespace ticketing::testing
