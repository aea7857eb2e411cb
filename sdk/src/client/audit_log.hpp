#pragma once
// LogCheck: one log by itself: its offsets, and the versions of each aggregate in it, follow one by
// one, but for what a snapshot has left out.

#include <string>
#include <unordered_map>

#include "client/audit_findings.hpp"

namespace ticketing::audit {

/// How an event stands to those of its aggregate before it.
enum class Place {
  next,       ///< Right behind them.
  after_gap,  ///< Others are missing between, or gone: what changed there is unknown.
  repeated,   ///< Its version has been told before.
};

class LogCheck {
 public:
  explicit LogCheck(std::string name) : name_(std::move(name)) {}

  Place add(const Envelope& event, Findings& findings);

 private:
  struct Aggregate {
    std::int64_t version = -1;
    std::string cause;
  };
  void check_identity(const Envelope& event, Findings& findings);
  void check_offset(const Envelope& event, Findings& findings);
  void check_cause(const Envelope& event, Aggregate& aggregate, Findings& findings) const;
  std::string at(const Envelope& event) const;

  std::string name_;
  std::string id_;
  std::int64_t position_ = 0;
  std::unordered_map<std::string, Aggregate> aggregates_;
};

}  // namespace ticketing::audit
