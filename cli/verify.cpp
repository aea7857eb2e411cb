// Verify: the invariants against running services: their logs to the end, and what they show.

#include <array>

#include "invocation.hpp"
#include "log_reader.hpp"
#include "ticketing/client/audit.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

constexpr std::int64_t kTicketsAtOnce = 1000;
constexpr milliseconds kUnexplainedMax{3'000};

constexpr std::array<std::string_view, 6> kColumns{"invariant", "checked",  "unit",
                                                   "inFlow",    "breaches", "rule"};

struct VerifyOptions {
  std::optional<milliseconds> wait;
  milliseconds timeout;
};

VerifyOptions parse_verify(const Arguments& arguments) {
  return {arguments.duration("wait"), *arguments.duration("timeout")};
}

class Verification {
 public:
  Verification(const VerifyOptions& options, Invocation& invocation)
      : options_(options),
        clock_(invocation.world().clock),
        client_(invocation.anonymous_client()),
        progress_(invocation.world()),
        reader_(invocation, progress_,
                {[this](const TailedEvent& event) { audit_.add(event.log, event.envelope); },
                 [this](const std::string& reason) { audit_.add_unreadable(reason); }}) {}

  AuditReport run() {
    reader_.read_to_the_end(options_.timeout);
    if (options_.wait) reader_.read_on(*options_.wait, [&] { return report().owed == 0; });
    look_at_tickets();
    reader_.read_on(kCausesTake, [&] { return report().unexplained == 0; });
    return report();
  }

 private:
  void look_at_tickets();
  void look_at(const std::string& ticket);
  AuditReport report() const {
    return audit_.report({clock_.now(), kUnexplainedMax, options_.wait});
  }

  const VerifyOptions& options_;
  const Clock& clock_;
  Client client_;
  Audit audit_;
  Progress progress_;
  LogReader reader_;
  std::int64_t looked_at_ = 0;
};

/// The free ones by the page; the others one by one.
void Verification::look_at_tickets() {
  ListQuery query;
  query.limit = kTicketsAtOnce;
  do {
    const auto page = client_.list_tickets(query);
    for (const TicketAnswer& ticket : page.items) audit_.add_shown(ticket, clock_.now());
    looked_at_ += std::ssize(page.items);
    query.after = page.next;
  } while (!query.after.empty());
  for (const std::string& ticket : audit_.tickets_not_shown()) look_at(ticket);
}

void Verification::look_at(const std::string& ticket) {
  progress_.tell("tickets", ++looked_at_);
  try {
    audit_.add_shown(client_.ticket(ticket), clock_.now());
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
  if (report.from_snapshots > 0) {
    output.line(std::to_string(report.from_snapshots) +
                " of the events are from snapshots; what these replaced was not judged");
  }
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
