#pragma once
// A breach that is planted in a market's events, and the check that the audit finds it, and nothing
// else.

#include <gtest/gtest.h>

#include <functional>
#include <ostream>

#include "unit/client/audited_market.hpp"

namespace ticketing::testing {

struct Planted {
  const char* name;
  std::function<void(AuditedMarket&)> script;
  std::string found;  ///< All of it.
};
inline void PrintTo(const Planted& planted, std::ostream* out) { *out << planted.name; }

/// Tampers with the data of the newest event.
template <Event E, class F>
void tamper(AuditedMarket& market, F change) {
  E fact = data_of<E>(market.last().envelope);
  change(fact);
  market.last().envelope.data.text = to_json(fact);
}

/// An order that holds its ticket and waits for its buyer.
inline void start(AuditedMarket& market) {
  market.list("t1");
  market.hold("o1", "t1");
}

/// Ordered, cancelled and freed, to the end of its time.
inline void end(AuditedMarket& market, const std::string& order, const std::string& ticket) {
  market.cancel(order, market.request());
  market.free(ticket, market.cause());
  market.expire(order);
}

/// From there to its good end.
inline void sell(AuditedMarket& market) {
  market.pay("o1", "p1");
  market.become("o1", OrderStatus::complete, market.cause());
  market.expire("o1");
}

inline void expect_found(const Planted& planted) {
  AuditedMarket market;
  planted.script(market);
  Audit audit;
  for (const TailedEvent& event : market.events) audit.add(event.log, event.envelope);
  const AuditReport report = audit.report({Timestamp::max(), milliseconds{0}, milliseconds{0}});
  std::string found;
  for (const AuditRow& row : report.invariants) {
    for (const AuditBreach& breach : row.found) {
      found += std::string{name_of(row.invariant)} + ' ' + breach.about + ' ' + breach.what + '\n';
    }
  }
  EXPECT_EQ(found, planted.found);
  EXPECT_FALSE(report.held);
}

}  // namespace ticketing::testing
