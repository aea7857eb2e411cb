// Verify: the invariants against running services: their logs to the end, and what they show.

#include <algorithm>
#include <ostream>

#include "invocation.hpp"
#include "ticketing/client/audit.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

using std::chrono::nanoseconds;

constexpr milliseconds kSlice{100};       ///< How long one wait for an event lasts.
constexpr milliseconds kLookEvery{250};   ///< How often a condition is looked at.
constexpr milliseconds kQuietFor{1'000};  ///< Progress is for those who have waited so long.
constexpr std::int64_t kTicketsAtOnce = 1000;
/// An event is in its log before what it leads to is in another, and is read within moments. What
/// has no cause so long afterwards has none.
constexpr milliseconds kCausesTake{5'000};
constexpr milliseconds kUnexplainedMax{3'000};

constexpr std::array<std::string_view, 5> kLogs{"auth", "tickets", "orders", "expiration",
                                                "payments"};
constexpr std::array<std::string_view, 6> kColumns{"invariant", "checked",  "unit",
                                                   "inFlow",    "breaches", "rule"};

struct VerifyOptions {
  std::optional<milliseconds> wait;
  milliseconds timeout;
};

VerifyOptions parse_verify(const Arguments& arguments) {
  return {arguments.duration("wait"), *arguments.duration("timeout")};
}

/// How far it is, on a terminal, on one line that goes away.
class Progress {
 public:
  explicit Progress(World& world) : world_(world), next_(world.clock.monotonic() + kQuietFor) {}
  ~Progress() {
    if (shown_) world_.err << "\r\x1b[K" << std::flush;
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void tell(std::string_view what, std::int64_t count) {
    const auto now = world_.clock.monotonic();
    if (!world_.err_is_terminal || now < next_) return;
    world_.err << '\r' << count << ' ' << what << "\x1b[K" << std::flush;
    next_ = now + kLookEvery;
    shown_ = true;
  }

 private:
  World& world_;
  nanoseconds next_;
  bool shown_ = false;
};

class Verification {
 public:
  Verification(const VerifyOptions& options, Invocation& invocation)
      : options_(options),
        world_(invocation.world()),
        client_(invocation.anonymous_client()),
        events_(invocation.follow({}, 1)),
        progress_(invocation.world()) {}

  AuditReport run() {
    require_all_logs();
    read_to_the_end();
    if (options_.wait) read_on(*options_.wait, [&] { return report().owed == 0; });
    look_at_tickets();
    read_on(kCausesTake, [&] { return report().unexplained == 0; });
    return report();
  }

 private:
  void require_all_logs() const;
  void read_to_the_end();
  /// Until `done()`, which is asked now and then, or for `time`.
  template <class F>
  void read_on(milliseconds time, F done);
  void read_for(milliseconds time);
  void take(milliseconds patience);
  void look_at_tickets();
  void look_at(const std::string& ticket);
  AuditReport report() const {
    return audit_.report({world_.clock.now(), kUnexplainedMax, options_.wait});
  }

  const VerifyOptions& options_;
  World& world_;
  Client client_;
  std::unique_ptr<EventSource> events_;
  Progress progress_;
  Audit audit_;
  std::int64_t taken_ = 0;
  std::int64_t looked_at_ = 0;
};

/// Without one of them, half of the rest would look as if it came from nowhere.
void Verification::require_all_logs() const {
  const auto hosted = events_->logs();
  for (const std::string_view log : kLogs) {
    if (std::find(hosted.begin(), hosted.end(), log) != hosted.end()) continue;
    throw Error{ErrorCode::unavailable,
                "nobody publishes the log of " + std::string{log} + " there", "peer_unavailable"};
  }
}

void Verification::read_to_the_end() {
  const auto end = world_.clock.monotonic() + options_.timeout;
  while (!events_->caught_up()) {
    if (world_.clock.monotonic() >= end) {
      throw Error{ErrorCode::unavailable,
                  "the logs' ends were not reached within " + to_text(options_.timeout), "timeout"};
    }
    take(kSlice);
  }
}

template <class F>
void Verification::read_on(milliseconds time, F done) {
  const auto end = world_.clock.monotonic() + time;
  while (!done() && world_.clock.monotonic() < end) read_for(kLookEvery);
}

void Verification::read_for(milliseconds time) {
  const auto end = world_.clock.monotonic() + time;
  while (world_.clock.monotonic() < end) take(kSlice);
}

void Verification::take(milliseconds patience) {
  try {
    const auto event = events_->next(patience);
    progress_.tell("events", taken_);
    if (!event) return;
    audit_.add(event->log, event->envelope);
    ++taken_;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid) throw;
    audit_.add_unreadable(error.what());
  }
}

/// The free ones by the page; the others one by one.
void Verification::look_at_tickets() {
  ListQuery query;
  query.limit = kTicketsAtOnce;
  do {
    const auto page = client_.list_tickets(query);
    for (const TicketAnswer& ticket : page.items) audit_.add_shown(ticket, world_.clock.now());
    looked_at_ += std::ssize(page.items);
    query.after = page.next;
  } while (!query.after.empty());
  for (const std::string& ticket : audit_.tickets_not_shown()) look_at(ticket);
}

void Verification::look_at(const std::string& ticket) {
  progress_.tell("tickets", ++looked_at_);
  try {
    audit_.add_shown(client_.ticket(ticket), world_.clock.now());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    audit_.add_absent(ticket);
  }
}

void print_breaches(const AuditRow& row, Output& output) {
  const std::string name{name_of(row.invariant)};
  for (const AuditBreach& breach : row.found) {
    output.line(printable(name + "  " + breach.about + ": " + breach.what));
  }
  const std::int64_t rest = row.breaches - std::ssize(row.found);
  if (rest > 0) output.line(name + "  and " + std::to_string(rest) + " more");
}

void print(const AuditReport& report, Output& output) {
  if (output.json()) return output.record(report);
  output.records(report.invariants, kColumns);
  output.line(std::to_string(report.events) + " events; charged " + report.charged.to_text() +
              ", refunded " + report.refunded.to_text() + ", sold for " + report.sold.to_text() +
              "; " + std::to_string(report.owed) + " steps owed");
  for (const AuditRow& row : report.invariants) print_breaches(row, output);
}

std::string broken_in(const AuditReport& report) {
  std::string names;
  for (const AuditRow& row : report.invariants) {
    if (row.breaches == 0) continue;
    names += (names.empty() ? "" : ", ") + std::string{name_of(row.invariant)};
  }
  return names;
}

void verify(const VerifyOptions& options, Invocation& invocation) {
  const AuditReport report = Verification{options, invocation}.run();
  print(report, invocation.output());
  if (!report.held) throw Error{ErrorCode::invalid, "broken: " + broken_in(report), "broken"};
}

}  // namespace

void verify_invariants(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_verify, &verify>(arguments, invocation);
}

}  // namespace ticketing::cli
