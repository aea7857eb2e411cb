#include "log_reader.hpp"

#include <array>
#include <utility>

namespace ticketing::cli {
namespace {

constexpr milliseconds kSlice{100};      ///< How long one wait for an event lasts.
constexpr milliseconds kLookEvery{250};  ///< How often a condition is looked at.

constexpr std::array<std::string_view, 5> kLogs{"auth", "tickets", "orders", "expiration",
                                                "payments"};

}  // namespace

LogReader::LogReader(Invocation& invocation, Progress& progress, Hooks hooks)
    : clock_(invocation.world().clock),
      progress_(progress),
      hooks_(std::move(hooks)),
      events_(invocation.follow({}, 1)) {
  // Without one of them, half of the rest would look as if it came from nowhere.
  require_logs(*events_, kLogs);
}

void LogReader::read_to_the_end(milliseconds timeout) {
  const auto end = clock_.monotonic() + timeout;
  while (!events_->caught_up()) {
    if (clock_.monotonic() >= end) {
      throw Error{ErrorCode::unavailable,
                  "the logs' ends were not reached within " + to_text(timeout), "timeout"};
    }
    take(kSlice);
  }
}

void LogReader::read_on(milliseconds time, const std::function<bool()>& done) {
  const auto end = clock_.monotonic() + time;
  while (!done() && clock_.monotonic() < end) read_for(kLookEvery);
}

void LogReader::read_for(milliseconds time) {
  const auto end = clock_.monotonic() + time;
  while (clock_.monotonic() < end) take(kSlice);
}

void LogReader::take(milliseconds patience) {
  try {
    auto event = events_->next(patience);
    progress_.tell("events", taken_);
    if (!event) return;
    hooks_.take(std::move(*event));
    ++taken_;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid) throw;
    hooks_.take_unreadable(error.what());
  }
}

}  // namespace ticketing::cli
