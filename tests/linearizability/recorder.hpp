#pragma once
// Recorder: the history of one ticket, written by many threads at once.

#include <chrono>
#include <mutex>
#include <utility>

#include "observe.hpp"

namespace ticketing::linear {

/// Any thread may record(); history() is for whoever has seen all of them end.
class Recorder {
 public:
  explicit Recorder(History history) : history_(std::move(history)) {}

  /// Calls `send`, which yields the Response, and records both ends of the call. Where it throws
  /// Error the answer is lost, and the call stays open.
  template <class F>
  Answer record(Call call, F send) {
    const Kind kind = call.kind;
    const std::size_t number = begin(std::move(call));
    Response response;
    try {
      response = send();
    } catch (const Error&) {
      return {};  // It has gone out: whether it took effect nobody knows.
    }
    const Now now = this_moment();
    Answer answer = observe(kind, response, now);
    end(number, answer, now.monotonic);
    return answer;
  }

  /// The logs are applied to their ends, and all orders are final.
  void rest(std::size_t client) {
    const std::size_t number = begin({client, Kind::rest});
    end(number, {Outcome::done}, system_clock().monotonic());
  }

  const History& history() const { return history_; }

 private:
  /// By both clocks. Whoever is held up between the two would misplace what is told by one of them.
  static Now this_moment() {
    constexpr std::chrono::microseconds kApartMax{500};
    while (true) {
      const Instant before = system_clock().monotonic();
      const Now now{system_clock().now(), system_clock().monotonic()};
      if (now.monotonic - before <= kApartMax) return now;
    }
  }
  std::size_t begin(Call call) {
    const std::lock_guard guard{mutex_};
    return history_.invoke(std::move(call), system_clock().monotonic());
  }
  void end(std::size_t number, Answer answer, Instant now) {
    const std::lock_guard guard{mutex_};
    history_.answer(number, std::move(answer), now);
  }

  std::mutex mutex_;
  History history_;
};

}  // namespace ticketing::linear
