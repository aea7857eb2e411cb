#pragma once
// LogReader: reads the logs of all five services from their beginning, for verbs that judge or show
// what has happened. A verb that misses a log would be wrong about the rest, so none may be
// missing.
//
// Not thread-safe. Throws Error(unavailable) that names who is missing, or the time that was too
// short.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "invocation.hpp"
#include "progress.hpp"

namespace ticketing::cli {

/// An event is in its log before what it leads to is in another, and is read within moments. What
/// has no cause so long afterwards has none.
inline constexpr milliseconds kCausesTake{5'000};

class LogReader {
 public:
  struct Hooks {
    std::function<void(TailedEvent event)> take;
    std::function<void(const std::string& reason)> take_unreadable;
  };
  /// Starts to follow the logs. Borrows `invocation` and `progress`; they must outlive this.
  LogReader(Invocation& invocation, Progress& progress, Hooks hooks);

  /// Until all that the publishers have told of is taken.
  void read_to_the_end(milliseconds timeout);
  /// On from there, until `done()`, which is asked now and then, or for `time`.
  void read_on(milliseconds time, const std::function<bool()>& done);

 private:
  void read_for(milliseconds time);
  void take(milliseconds patience);

  const Clock& clock_;
  Progress& progress_;
  Hooks hooks_;
  std::unique_ptr<EventSource> events_;
  std::int64_t taken_ = 0;
};

}  // namespace ticketing::cli
