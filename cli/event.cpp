// Events: tail, replay.

#include <algorithm>
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

struct EventsOptions {
  std::vector<std::string> subjects;
  std::vector<std::string> publishers;  ///< Empty: all.
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> to;
  std::optional<std::int64_t> count;
  std::optional<milliseconds> timeout;
  EventFormat format = EventFormat::lines;
};

EventFormat parse_format(const Arguments& arguments) {
  const std::string text = arguments.text("output");
  const auto format = value_named<EventFormat>(text);
  if (!format) throw usage_error("--output must be lines or cloudevents, not '" + text + "'");
  return arguments.is_set("json") ? EventFormat::cloudevents : *format;
}

/// What tail and replay have in common.
EventsOptions parse_common(const Arguments& arguments) {
  EventsOptions options;
  options.subjects = arguments.list("SUBJECT");
  for (std::string& subject : arguments.list("subject")) {
    options.subjects.push_back(std::move(subject));
  }
  options.publishers = arguments.list("publisher");
  options.from = arguments.number("from", 1);
  options.timeout = arguments.duration("timeout");
  options.format = parse_format(arguments);
  return options;
}

EventsOptions parse_tail(const Arguments& arguments) {
  EventsOptions options = parse_common(arguments);
  options.count = arguments.number("count", 1);
  return options;
}

EventsOptions parse_replay(const Arguments& arguments) {
  EventsOptions options = parse_common(arguments);
  options.to = arguments.number("to", *options.from);
  return options;
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

/// Which of the events that come are wanted, and when no more can come.
class Selection {
 public:
  Selection(const EventsOptions& options, const EventSource& events) : options_(options) {
    const std::vector<std::string_view> wanted{options.publishers.begin(),
                                               options.publishers.end()};
    require_logs(events, wanted);
    const auto logs = options.publishers.empty() ? events.logs() : options.publishers;
    unread_.insert(logs.begin(), logs.end());
  }

  bool takes(const TailedEvent& event) {
    const bool beyond = options_.to && event.envelope.offset > *options_.to;
    const bool wanted = is_wanted(event.log);
    if (options_.to && event.envelope.offset >= *options_.to) unread_.erase(event.log);
    return wanted && !beyond;
  }
  /// Every log that is wanted has been read up to `to`.
  bool is_over() const { return unread_.empty(); }

 private:
  bool is_wanted(const std::string& log) const {
    const auto& wanted = options_.publishers;
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), log) != wanted.end();
  }

  const EventsOptions& options_;
  std::set<std::string> unread_;
};

/// Prints events, and says once for each log that its beginning is a snapshot.
class Printer {
 public:
  Printer(EventFormat format, Output& output) : format_(format), output_(output) {}
  void print(const TailedEvent& event) {
    if (event.envelope.from_snapshot && told_.insert(event.log).second) {
      output_.note(printable(event.log) +
                   " begins with a snapshot: of each aggregate only the newest event of a subject");
    }
    output_.line(format_ == EventFormat::cloudevents ? encode(event.envelope) : event_line(event));
    ++printed_;
  }
  std::int64_t printed() const { return printed_; }

 private:
  EventFormat format_;
  Output& output_;
  std::set<std::string> told_;
  std::int64_t printed_ = 0;
};

void tail(const EventsOptions& options, Invocation& invocation) {
  const auto events = invocation.follow(options.subjects, options.from);
  Selection selection{options, *events};
  const Deadline deadline{invocation.world().clock, options.timeout};
  Printer printer{options.format, invocation.output()};
  std::int64_t seen = 0;
  while (seen != options.count) {
    const milliseconds left = deadline.left();
    if (left == milliseconds::zero()) break;
    const auto event = events->next(std::min(left, kSlice));
    if (!event || !selection.takes(*event)) continue;
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

void replay(const EventsOptions& options, Invocation& invocation) {
  const auto events = invocation.follow(options.subjects, options.from);
  Selection selection{options, *events};
  const Deadline deadline{invocation.world().clock, options.timeout};
  Printer printer{options.format, invocation.output()};
  while (!events->caught_up() && !selection.is_over()) {
    const milliseconds left = deadline.left();
    if (left == milliseconds::zero()) {
      throw Error{ErrorCode::unavailable,
                  "the logs' ends were not reached within " + to_text(*options.timeout), "timeout"};
    }
    const auto event = events->next(std::min(left, kSlice));
    if (event && selection.takes(*event)) printer.print(*event);
  }
  if (printer.printed() > 0) return;
  std::string logs;
  for (const std::string& log : events->logs()) logs += (logs.empty() ? "" : ", ") + printable(log);
  invocation.output().note("nothing to replay in the logs that were read: " + logs +
                           "; others are read with --peer ENDPOINT");
}

}  // namespace

void tail_events(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_tail, &tail>(arguments, invocation);
}

void replay_events(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_replay, &replay>(arguments, invocation);
}

}  // namespace ticketing::cli
