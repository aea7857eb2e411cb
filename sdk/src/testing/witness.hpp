#pragma once
// Witness: what the tables of the SDK say between two commits, as lines of a trace: what was
// scheduled, parked, set aside or given up, and what is over.

#include <map>
#include <set>
#include <string>

#include "testing/trace.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing::testing {

class Witness {
 public:
  explicit Witness(Trace& trace) : trace_(trace) {}
  /// Adds what is different in the tables of `service` since the last look.
  void look(const std::string& service, const Database& database);

 private:
  Trace& trace_;
  std::map<std::string, std::set<std::string>> seen_;  ///< By service.
};

}  // namespace ticketing::testing
