#include "ticketing/client/audit.hpp"

#include "client/audit_impl.hpp"

namespace ticketing {

using audit::Findings;
using audit::Judge;
using audit::OrderStory;

void Audit::Impl::judge_order(const std::string& id, const OrderStory& story, Judge& judge) const {
  const auto ticket = story.order ? tickets_.find(story.order->ticket.id) : tickets_.end();
  const auto told = story.oldest <= snapshots_until_ ? audit::Told::part : audit::Told::all;
  audit::judge(id, story, told, ticket == tickets_.end() ? nullptr : &ticket->second, judge);
}

void Audit::Impl::judge_shown(Judge& judge) const {
  for (const auto& [id, ticket] : tickets_) {
    if (!ticket.ahead) continue;
    judge.unexplained(Invariant::copies, id,
                      "is shown at version " + std::to_string(ticket.ahead->version) +
                          ", of which its log does not tell",
                      ticket.ahead_since);
  }
}

/// The books as a whole, beside each order by itself: money that belongs to no order's story shows.
void Audit::Impl::judge_money(Findings& findings) const {
  std::int64_t kept = 0;
  std::int64_t sold = 0;
  for (const auto& [id, story] : orders_) {
    if (story.charge && !story.charge->refunded) kept += story.charge->amount.cents();
    const bool complete = story.order && story.order->status == OrderStatus::complete;
    if (complete) sold += story.order->ticket.price.cents();
  }
  AuditReport& report = findings.report();
  report.sold = Money::from_cents(sold);
  const std::int64_t left = report.charged.cents() - report.refunded.cents();
  if (left == kept) return;
  findings.breach(Invariant::conservation, "payments",
                  "charged less refunded is " + Money::from_cents(left).to_text() +
                      ", and the orders' charges come to " + Money::from_cents(kept).to_text());
}

AuditReport Audit::Impl::report(const AuditQuestion& question) const {
  Findings findings = findings_;
  Judge judge{findings, question};
  for (const auto& [id, story] : orders_) judge_order(id, story, judge);
  judge_shown(judge);
  judge_money(findings);
  return findings.report();
}

AuditReport Audit::Impl::report_on_last(const AuditQuestion& question) const {
  Findings findings = findings_;
  Judge judge{findings, question};
  const auto order = orders_.find(last_);
  if (order != orders_.end()) judge_order(order->first, order->second, judge);
  return findings.report();
}

Audit::Audit() : impl_(std::make_unique<Impl>()) {}
Audit::~Audit() = default;
Audit::Audit(Audit&&) noexcept = default;
Audit& Audit::operator=(Audit&&) noexcept = default;

void Audit::add(const std::string& log, const Envelope& event) { impl_->add(log, event); }
void Audit::add_unreadable(const std::string& why) {
  impl_->findings().breach(Invariant::complete_logs, "a log",
                           "holds an event that cannot be read: " + why);
}
void Audit::add_shown(const TicketAnswer& ticket, Timestamp now) { impl_->add_shown(ticket, now); }
void Audit::add_absent(const std::string& ticket_id) {
  impl_->tickets()[ticket_id].was_shown = true;
  impl_->findings().breach(Invariant::copies, ticket_id, "is in the log, and nowhere else");
}

std::vector<std::string> Audit::tickets_not_shown() const {
  std::vector<std::string> ids;
  for (const auto& [id, ticket] : impl_->tickets()) {
    if (ticket.fact && !ticket.was_shown) ids.push_back(id);
  }
  return ids;
}

AuditReport Audit::report(const AuditQuestion& question) const { return impl_->report(question); }
AuditReport Audit::report_on_last(const AuditQuestion& question) const {
  return impl_->report_on_last(question);
}

}  // namespace ticketing
