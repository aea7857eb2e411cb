#pragma once
// Ledger: the marketplace as its events tell it: the audit of `ticketctl verify`, asked after each
// of them, and what the newest said. Throws testing::Broken.

#include <map>
#include <string>

#include "ticketing/client/audit.hpp"
#include "ticketing/events/envelope.hpp"
#include "ticketing/testing/world.hpp"

namespace simulation {

using namespace ticketing;               // As services do.
namespace testing = ticketing::testing;  // There is another one, in GoogleTest.

class Ledger {
 public:
  void on_event(const std::string& service, const Envelope& event);
  /// Every flow has come to its end, and the bank holds `balance_cents`.
  void at_end(std::int64_t balance_cents) const;

  const std::map<std::string, OrderFact>& orders() const { return orders_; }
  const std::map<std::string, TicketFact>& tickets() const { return tickets_; }
  /// The charge that has succeeded, by order.
  const std::map<std::string, std::string>& charges() const { return charges_; }

 private:
  Audit audit_;
  std::map<std::string, OrderFact> orders_;
  std::map<std::string, TicketFact> tickets_;
  std::map<std::string, std::string> charges_;
};

}  // namespace simulation
