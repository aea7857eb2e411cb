#include "client/audit_findings.hpp"

#include <utility>

namespace ticketing::audit {

namespace {

struct Rule {
  std::string_view unit;
  std::string_view text;
};

// In the order of Invariant.
constexpr std::array<Rule, kInvariantNames.size()> kRules{{
    {"orders", "at most one active order of a ticket"},
    {"orders", "charged less refunded is what the complete orders cost"},
    {"events", "logs without a gap, versions one by one"},
    {"changes", "an event takes effect once"},
    {"copies", "what is copied or shown is what the log says"},
    {"holds", "a held ticket is not edited, and freed by its order alone"},
    {"charges", "one charge of an order, none without, none kept in vain"},
    {"steps", "legal steps, no early expiry; what is final stays so"},
}};

}  // namespace

Findings::Findings() {
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    AuditRow& row = report_.invariants.emplace_back();
    row.invariant = static_cast<Invariant>(i);
    row.unit = kRules[i].unit;
    row.rule = kRules[i].text;
  }
}

void Findings::breach(Invariant invariant, std::string about, std::string what) {
  report_.held = false;
  AuditRow& broken = row(invariant);
  ++broken.breaches;
  if (broken.found.size() < AuditRow::kFoundMax) {
    broken.found.push_back({std::move(about), std::move(what)});
  }
}

void Judge::unexplained(Invariant invariant, const std::string& about, const std::string& what,
                        Timestamp since) {
  ++findings_.report().unexplained;
  count(invariant, about, what, question_.unexplained_max, since);
}

void Judge::owed(Invariant invariant, const std::string& about, const std::string& what,
                 Timestamp since) {
  ++findings_.report().owed;
  count(invariant, about, what, question_.owed_max, since);
}

void Judge::count(Invariant invariant, const std::string& about, const std::string& what,
                  std::optional<milliseconds> age_max, Timestamp since) {
  const bool is_over = age_max && question_.now - since >= *age_max;
  is_over ? breach(invariant, about, what) : findings_.in_flow(invariant);
}

}  // namespace ticketing::audit
