// Events: tail, replay.

#include <set>

#include "event_line.hpp"
#include "invocation.hpp"
#include "table.hpp"
#include "ticketing/events/envelope.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

using std::chrono::nanoseconds;

constexpr milliseconds kSlice{500};  ///< How long one wait without a deadline lasts.

struct TailVerbOptions {
  std::vector<std::string> subjects;
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> count;
  std::optional<milliseconds> timeout;
};

TailVerbOptions parse_tail(const Arguments& arguments) {
  return {arguments.list("SUBJECT"), arguments.number("from", 1), arguments.number("count", 1),
          arguments.duration("timeout")};
}

/// The time left of a deadline; without one, time enough for another look.
class Deadline {
 public:
  Deadline(const Clock& clock, std::optional<milliseconds> timeout) : clock_(clock) {
    if (timeout) end_ = clock.monotonic() + *timeout;
  }
  milliseconds left() const {
    if (!end_) return kSlice;
    return std::chrono::ceil<milliseconds>(
        std::max(nanoseconds::zero(), *end_ - clock_.monotonic()));
  }

 private:
  const Clock& clock_;
  std::optional<nanoseconds> end_;
};

/// Prints events, and says once for each log that its beginning is a snapshot.
class Printer {
 public:
  explicit Printer(Output& output) : output_(output) {}
  void print(const TailedEvent& event) {
    if (event.envelope.from_snapshot && told_.insert(event.log).second) {
      output_.note(printable(event.log) +
                   " begins with a snapshot: of each aggregate only the newest event of a subject");
    }
    output_.line(output_.json() ? encode(event.envelope) : event_line(event));
  }

 private:
  Output& output_;
  std::set<std::string> told_;
};

void tail(const TailVerbOptions& options, Invocation& invocation) {
  const auto events = invocation.follow(options.subjects, options.from);
  const Deadline deadline{invocation.world().clock, options.timeout};
  Printer printer{invocation.output()};
  std::int64_t seen = 0;
  while (seen != options.count) {
    const milliseconds left = deadline.left();
    if (left == milliseconds::zero()) break;
    const auto event = events->next(std::min(left, kSlice));
    if (!event) continue;
    printer.print(*event);
    ++seen;
  }
  if (options.count && seen < *options.count) {
    throw Error{ErrorCode::unavailable,
                "saw " + std::to_string(seen) + " of " + std::to_string(*options.count) +
                    " events within " + to_text(*options.timeout),
                "timeout"};
  }
}

void replay(const TailVerbOptions& options, Invocation& invocation) {
  const auto events = invocation.follow(options.subjects, options.from);
  const Deadline deadline{invocation.world().clock, options.timeout};
  Printer printer{invocation.output()};
  while (!events->caught_up()) {
    const milliseconds left = deadline.left();
    if (left == milliseconds::zero()) {
      throw Error{ErrorCode::unavailable,
                  "the logs' ends were not reached within " + to_text(*options.timeout), "timeout"};
    }
    if (const auto event = events->next(std::min(left, kSlice))) printer.print(*event);
  }
}

TailVerbOptions parse_replay(const Arguments& arguments) {
  return {
      arguments.list("SUBJECT"), arguments.number("from", 1), {}, arguments.duration("timeout")};
}

}  // namespace

void tail_events(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_tail, &tail>(arguments, invocation);
}

void replay_events(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_replay, &replay>(arguments, invocation);
}

}  // namespace ticketing::cli
