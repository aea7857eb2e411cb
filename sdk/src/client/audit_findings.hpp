#pragma once
// Findings: the rows of an audit's report while they are filled.

#include <string>

#include "ticketing/client/audit.hpp"

namespace ticketing::audit {

class Findings {
 public:
  Findings();

  void checked(Invariant invariant) { ++row(invariant).checked; }
  void in_flow(Invariant invariant) { ++row(invariant).in_flow; }
  void breach(Invariant invariant, std::string about, std::string what);

  const AuditReport& report() const { return report_; }
  AuditReport& report() { return report_; }

 private:
  AuditRow& row(Invariant invariant) {
    return report_.invariants[static_cast<std::size_t>(invariant)];
  }

  AuditReport report_;
};

/// Sorts what a story is found to be by what the question asks for.
class Judge {
 public:
  Judge(Findings& findings, const AuditQuestion& question)
      : findings_(findings), question_(question) {}

  Timestamp now() const { return question_.now; }
  void checked(Invariant invariant) { findings_.checked(invariant); }
  void breach(Invariant invariant, const std::string& about, const std::string& what) {
    findings_.breach(invariant, about, what);
  }
  /// What must have come before it has not been fed.
  void unexplained(Invariant invariant, const std::string& about, const std::string& what,
                   Timestamp since);
  /// The services have to act on it.
  void owed(Invariant invariant, const std::string& about, const std::string& what,
            Timestamp since);
  /// It has time, or somebody else has to act.
  void waiting(Invariant invariant) { findings_.in_flow(invariant); }

 private:
  void count(Invariant invariant, const std::string& about, const std::string& what,
             std::optional<milliseconds> age_max, Timestamp since);

  Findings& findings_;
  const AuditQuestion& question_;
};

}  // namespace ticketing::audit
