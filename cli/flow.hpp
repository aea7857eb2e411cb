#pragma once
// Flow: what one request has set going, judged by its events: whether anything is still to come.
//
// Nothing is guessed from silence. The order's life says what each state of an order leads to, and
// versions say what has been seen; so a flow is at rest exactly when nothing is owed. An order that
// waits for its buyer to pay is at rest. Pure, without clock or socket. Not thread-safe. Throws
// Error(invalid) for an event of a known type with alien data.

#include <map>
#include <optional>
#include <string>

#include "ticketing/client/answers.hpp"
#include "ticketing/events/envelope.hpp"

namespace ticketing::cli {

class Flow {
 public:
  /// `request`: the correlation id of what is to be followed.
  explicit Flow(std::string request) : request_(std::move(request)) {}

  /// The ticket and its order as they stood at some moment since events are read.
  void follow(const TicketAnswer& ticket);
  void follow(const OrderAnswer& order);
  /// The answer says that the event that brings the aggregate `id` to `version` must come. What it
  /// has led to may well be read before it, for that is in other logs.
  void expect(const std::string& id, std::int64_t version) { expected_[id] = version; }
  /// It says that the order's card was charged or declined, under an id that only the event tells.
  void expect_payment() { expects_payment_ = true; }

  /// Whether `event` is the request's, or one of the order or the ticket that are followed.
  bool concerns(const Envelope& event) const;
  /// The next event that concerns it. Of one log in its order; of several in any.
  void learn(const Envelope& event);

  /// What is still to come, in words; empty: at rest.
  std::string owed() const;
  /// Why the order that is followed was cancelled; nullopt: it was not.
  std::optional<CancelReason> cancelled() const;

 private:
  enum class Payment { none, declined, made, refunded };

  void learn_ticket(const TicketFact& ticket);
  void learn_order(const OrderFact& order);
  void learn_payment(const std::string& order, Payment outcome);
  std::string owed_by_order() const;
  bool holds_ticket() const;
  bool is_ticket_untouched() const;

  std::string request_;
  bool expects_payment_ = false;
  std::map<std::string, std::int64_t> expected_;
  std::optional<TicketAnswer> ticket_;
  std::optional<OrderAnswer> order_;
  Payment payment_ = Payment::none;
};

}  // namespace ticketing::cli
