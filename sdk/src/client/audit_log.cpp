#include "client/audit_log.hpp"

#include <algorithm>

namespace ticketing::audit {

std::string LogCheck::at(const Envelope& event) const {
  return name_ + " #" + std::to_string(event.offset) + ": ";
}

Place LogCheck::add(const Envelope& event, Findings& findings) {
  findings.checked(Invariant::complete_logs);
  check_identity(event, findings);
  check_offset(event, findings);
  Aggregate& aggregate = aggregates_[event.aggregate_id];
  const std::int64_t expected = aggregate.version + 1;
  const std::string what = at(event) + event.type + " is version " + std::to_string(event.version);
  if (event.version < expected) {
    findings.breach(Invariant::effects_once, event.aggregate_id, what + " once more");
    return Place::repeated;
  }
  check_cause(event, aggregate, findings);
  aggregate.version = event.version;
  if (event.version == expected) return Place::next;
  if (event.from_snapshot) return Place::after_gap;
  findings.breach(Invariant::complete_logs, event.aggregate_id,
                  what + ", and nothing tells of " + std::to_string(expected));
  return Place::after_gap;
}

void LogCheck::check_identity(const Envelope& event, Findings& findings) {
  if (id_.empty()) id_ = event.log_id;
  if (event.log_id != id_) {
    findings.breach(Invariant::complete_logs, name_,
                    at(event) + "is of the log " + event.log_id + ", not of " + id_);
  } else if (event.id != id_ + '-' + std::to_string(event.offset)) {
    findings.breach(Invariant::complete_logs, name_, at(event) + "calls itself " + event.id);
  }
}

void LogCheck::check_offset(const Envelope& event, Findings& findings) {
  const bool follows =
      event.from_snapshot ? event.offset > position_ : event.offset == position_ + 1;
  if (!follows) {
    findings.breach(Invariant::complete_logs, name_,
                    at(event) + "comes after #" + std::to_string(position_));
  }
  position_ = std::max(position_, event.offset);
}

/// A cause that acts twice acts twice in a row: what is done once cannot be done again later. Not
/// so for charges, where one request may lead to a charge and to its refund.
void LogCheck::check_cause(const Envelope& event, Aggregate& aggregate, Findings& findings) const {
  if (!event.type.starts_with("ticket:") && !event.type.starts_with("order:")) return;
  findings.checked(Invariant::effects_once);
  const std::string cause = event.causation_id.value_or("");
  if (!cause.empty() && cause == aggregate.cause) {
    findings.breach(Invariant::effects_once, event.aggregate_id,
                    at(event) + event.type + " is the second effect of " + cause);
  }
  aggregate.cause = cause;
}

}  // namespace ticketing::audit
