#pragma once
// Ledger: the marketplace as its events tell it, and the contract's invariants on it, checked with
// every event. Throws testing::Broken.

#include <map>
#include <optional>
#include <string>

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

 private:
  struct Paid {
    std::string charge_id;
    std::int64_t cents = 0;
    bool refunded = false;
  };
  void on_order(const OrderFact& order, const Envelope& event);
  void on_ticket(const TicketFact& ticket, const Envelope& event);
  void on_held_ticket(const TicketFact& before, const TicketFact& ticket) const;
  void on_reservation(const TicketFact& before, const TicketFact& ticket) const;
  void on_expiration(const std::string& order_id, const Envelope& event);
  void on_payment(const PaymentCreated& payment);
  void on_refund(const PaymentRefunded& refund);
  const OrderFact& order(const std::string& id, std::string_view rule) const;

  std::map<std::string, OrderFact> orders_;
  std::map<std::string, TicketFact> tickets_;
  std::map<std::string, std::string> active_;  ///< Orders by ticket.
  std::map<std::string, Paid> paid_;           ///< By order.
  std::map<std::string, int> expired_;         ///< By order.
};

}  // namespace simulation
