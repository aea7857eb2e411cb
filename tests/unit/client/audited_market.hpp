#pragma once
// AuditedMarket: events as the five services would publish them, step by step, for tests that leave
// a step out, take one twice or tamper with one. Checks no rule.

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ticketing/client/audit.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/messaging/tail.hpp"

namespace ticketing::testing {

class AuditedMarket {
 public:
  static constexpr milliseconds kHold{900'000};

  std::map<std::string, TicketCreated> tickets;  ///< As last published.
  std::map<std::string, OrderCreated> orders;
  std::vector<TailedEvent> events;  ///< In the order of their commits.
  Timestamp now{};                  ///< A millisecond an event.

  /// The newest event; its id is the cause of what follows from it.
  TailedEvent& last() { return events.back(); }
  std::string cause() { return events.empty() ? "r0" : last().envelope.id; }

  void list(const std::string& ticket) {
    tickets[ticket] = {};
    tickets[ticket].id = ticket;
    tickets[ticket].title = "Concert";
    tickets[ticket].price = Money::from_cents(1999);
    tickets[ticket].user_id = "seller";
    publish(tickets[ticket], request());
  }
  void edit(const std::string& ticket, std::int64_t cents) {
    tickets[ticket].price = Money::from_cents(cents);
    change(ticket, request());
  }
  void reserve(const std::string& order, const std::string& why) {
    const std::string& ticket = orders[order].ticket.id;
    tickets[ticket].order_id = order;
    change(ticket, why);
  }
  void free(const std::string& ticket, const std::string& why) {
    tickets[ticket].order_id.reset();
    change(ticket, why);
  }

  void order(const std::string& id, const std::string& ticket) {
    OrderCreated& order = orders[id];
    const TicketFact& seen = tickets[ticket];
    order.id = id;
    order.user_id = "buyer";
    order.expires_at = now + kHold;
    order.ticket = {ticket, seen.title, seen.price, seen.version};
    publish(order, request());
  }
  void become(const std::string& order, OrderStatus status, const std::string& why,
              std::optional<CancelReason> reason = {}) {
    OrderCreated& fact = orders[order];
    ++fact.version;
    fact.status = status;
    fact.reason = reason;
    if (status != OrderStatus::cancelled) return publish(as<OrderUpdated>(fact), why);
    publish(as<OrderCancelled>(fact), why);
  }
  void cancel(const std::string& order, const std::string& why,
              CancelReason reason = CancelReason::user) {
    become(order, OrderStatus::cancelled, why, reason);
  }
  /// Ordered, reserved, and waiting for its buyer.
  void hold(const std::string& id, const std::string& ticket) {
    order(id, ticket);
    reserve(id, cause());
    become(id, OrderStatus::awaiting_payment, cause());
  }

  void pay(const std::string& order, const std::string& charge) {
    publish(PaymentCreated{charge, 0, order, orders[order].ticket.price, "ch_1"}, request());
  }
  void decline(const std::string& order, const std::string& charge) {
    publish(PaymentFailed{charge, 0, order, orders[order].ticket.price, "declined"}, request());
  }
  void refund(const std::string& order, const std::string& charge) {
    publish(PaymentRefunded{charge, 1, order, orders[order].ticket.price, "re_1"}, request());
  }
  void expire(const std::string& order) {
    now = std::max(now, orders[order].expires_at);
    publish(ExpirationComplete{order}, request());
  }

  /// A ticket that is edited, declined, freed and sold; one that is cancelled while it is paid for;
  /// and one that is repriced before it can be reserved. All at rest.
  void trade() {
    list("t1");
    edit("t1", 2500);
    hold("o1", "t1");
    decline("o1", "p1");
    cancel("o1", cause(), CancelReason::payment_failed);
    free("t1", cause());
    hold("o2", "t1");
    pay("o2", "p2");
    become("o2", OrderStatus::complete, cause());
    list("t2");
    hold("o3", "t2");
    pay("o3", "p3");
    cancel("o3", request());
    free("t2", cause());
    refund("o3", "p3");
    list("t3");
    order("o4", "t3");
    edit("t3", 3000);
    cancel("o4", cause(), CancelReason::ticket_unavailable);
    order("o5", "t3");
    reserve("o5", cause());
    become("o5", OrderStatus::awaiting_payment, cause());
    for (const char* id : {"o1", "o2", "o3", "o4", "o5"}) expire(id);
    cancel("o5", cause(), CancelReason::expired);
    free("t3", cause());
  }

  template <Event E>
  void publish(const E& fact, const std::string& why) {
    const std::string log{E::kPublisher};
    Envelope envelope;
    envelope.source = "/ticketing/" + log;
    envelope.type = E::kSubject;
    envelope.aggregate_id = fact.aggregate_id();
    envelope.version = fact.aggregate_version();
    envelope.log_id = "log-" + log;
    envelope.offset = ++heads_[log];
    envelope.id = envelope.log_id + '-' + std::to_string(envelope.offset);
    envelope.time = now;
    envelope.causation_id = why;
    envelope.correlation_id = "c1";
    envelope.data.text = to_json(fact);
    events.push_back({log, std::move(envelope)});
    now += milliseconds{1};
  }
  std::string request() { return "r" + std::to_string(++requests_); }

 private:
  void change(const std::string& ticket, const std::string& why) {
    ++tickets[ticket].version;
    publish(as<TicketUpdated>(tickets[ticket]), why);
  }
  template <class To, class From>
  static To as(const From& fact) {
    To other;
    // Events of one aggregate have one base.
    using Base = std::conditional_t<std::is_base_of_v<TicketFact, To>, TicketFact, OrderFact>;
    static_cast<Base&>(other) = fact;
    return other;
  }

  std::map<std::string, std::int64_t> heads_;
  int requests_ = 0;
};

}  // namespace ticketing::testing
