#pragma once
// What an Audit remembers, and how events change it.

#include <map>
#include <string>
#include <unordered_map>

#include "client/audit_log.hpp"
#include "client/audit_stories.hpp"

namespace ticketing {

class Audit::Impl {
 public:
  void add(const std::string& log, const Envelope& event);
  void add_shown(const TicketAnswer& shown, Timestamp now);

  AuditReport report(const AuditQuestion& question) const;
  AuditReport report_on_last(const AuditQuestion& question) const;

  audit::Findings& findings() { return findings_; }
  std::map<std::string, audit::TicketStory>& tickets() { return tickets_; }

 private:
  void read_data(const Envelope& event, audit::Place place);
  void on_ticket(const TicketFact& ticket, const Envelope& event, audit::Place place);
  void on_change(const TicketFact& before, const TicketFact& ticket, const Envelope& event);
  void on_held_change(const TicketFact& before, const TicketFact& ticket, const Envelope& event);
  void on_order(const OrderFact& order, const Envelope& event, audit::Place place);
  void on_new_order(const OrderFact& order, audit::TicketStory& ticket);
  void on_order_change(const OrderFact& before, const OrderFact& order);
  void on_charge(const PaymentCreated& payment, const Envelope& event);
  void on_refund(const PaymentRefunded& refund, const Envelope& event);
  void compare(const TicketFact& fact, const TicketAnswer& shown);

  /// The story that the event belongs to.
  audit::OrderStory& story_of(const std::string& order_id, const Envelope& event);
  template <class E>
  E fact_of(const Envelope& event);
  void judge_shown(audit::Judge& judge) const;
  void judge_money(audit::Findings& findings) const;
  void judge_order(const std::string& id, const audit::OrderStory& story,
                   audit::Judge& judge) const;

  audit::Findings findings_;  ///< What is wrong with events by themselves, or with their order.
  std::unordered_map<std::string, audit::LogCheck> logs_;
  std::map<std::string, audit::TicketStory> tickets_;  ///< In the order of their ids, so that
  std::map<std::string, audit::OrderStory> orders_;    ///< the same events give the same report.
  /// The newest event of a snapshot: what began before may lack steps, in any log.
  Timestamp snapshots_until_ = Timestamp::min();
  std::string last_;  ///< The order that the last event concerned.
};

}  // namespace ticketing
