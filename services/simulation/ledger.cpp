#include "simulation/ledger.hpp"

namespace simulation {

using testing::Broken;

namespace {

void throw_if_broken(const AuditReport& report) {
  for (const AuditRow& row : report.invariants) {
    if (row.breaches == 0) continue;
    const AuditBreach& first = row.found.front();
    throw Broken(std::string{name_of(row.invariant)}, first.what, {first.about});
  }
}

/// Events are fed as they are committed: each cause before its effects, whatever clocks say.
constexpr AuditQuestion kNow{Timestamp::max(), milliseconds{0}, {}};
constexpr AuditQuestion kAtTheEnd{Timestamp::max(), milliseconds{0}, milliseconds{0}};

}  // namespace

void Ledger::on_event(const std::string& service, const Envelope& event) {
  if (event.type.starts_with("order:")) {
    orders_[event.aggregate_id] = data_of<OrderCreated>(event);
  } else if (event.type.starts_with("ticket:")) {
    tickets_[event.aggregate_id] = data_of<TicketCreated>(event);
  } else if (event.type == PaymentCreated::kSubject) {
    charges_[data_of<PaymentCreated>(event).order_id] = event.aggregate_id;
  }
  audit_.add(service, event);
  throw_if_broken(audit_.report_on_last(kNow));
}

void Ledger::at_end(std::int64_t balance_cents) const {
  const AuditReport report = audit_.report(kAtTheEnd);
  throw_if_broken(report);
  for (const auto& [id, order] : orders_) {
    if (!is_final(order.status)) throw Broken("I9", "an order never came to its end", {id});
  }
  if (report.sold.cents() == balance_cents) return;
  throw Broken("I2", "the bank holds " + std::to_string(balance_cents) +
                         " cents, the complete orders cost " + std::to_string(report.sold.cents()));
}

}  // namespace simulation
