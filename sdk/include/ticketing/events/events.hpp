#pragma once
// The shared events: each defined once, as a struct with its subject, its publisher and its fields.
//
// That definition yields the codec (core/json.hpp) and everything that is generated from it.
// Evolution is additive: a reader ignores fields that it does not know, and a missing optional
// field has its default. Plain values: any thread may use them.

#include <cstdint>
#include <optional>
#include <string>

#include "ticketing/core/record.hpp"
#include "ticketing/events/order_status.hpp"

namespace ticketing {

/// Two words with a colon between them: what it happened to, and what happened.
constexpr bool is_subject(std::string_view text) {
  const std::size_t colon = text.find(':');
  return colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
         text.find(':', colon + 1) == std::string_view::npos &&
         text.find_first_of(" \t\n=,") == std::string_view::npos;
}

/// A type that can be published: a described struct with a subject, a publisher and an aggregate.
template <class T>
concept Event = Record<T> && is_subject(T::kSubject) && requires(const T& event) {
  std::string_view{T::kPublisher};
  std::string_view{event.aggregate_id()};
  std::int64_t{event.aggregate_version()};
};

/// What a user looks like to other services.
struct UserFact {
  std::string id;
  std::int64_t version = 0;
  std::string email;
  std::optional<Timestamp> tokens_valid_from;

  static constexpr std::string_view kPublisher = "auth";
  static constexpr std::array kFields{
      field<&UserFact::id>("id"),
      field<&UserFact::version>("version"),
      field<&UserFact::email>("email").means("in lower case"),
      field<&UserFact::tokens_valid_from>("tokensValidFrom")
          .means("tokens that were issued before it are refused"),
  };
  const std::string& aggregate_id() const { return id; }
  std::int64_t aggregate_version() const { return version; }
};
struct UserCreated : UserFact {
  static constexpr std::string_view kSubject = "user:created";
  static constexpr std::string_view kMeaning = "someone signed up";
};
struct UserUpdated : UserFact {
  static constexpr std::string_view kSubject = "user:updated";
  static constexpr std::string_view kMeaning = "someone signed out, or changed the password";
};

struct TicketFact {
  std::string id;
  std::int64_t version = 0;
  std::string title;
  Money price;
  std::string user_id;
  std::optional<std::string> order_id;

  static constexpr std::string_view kPublisher = "tickets";
  static constexpr std::array kFields{
      field<&TicketFact::id>("id"),
      field<&TicketFact::version>("version"),
      field<&TicketFact::title>("title"),
      field<&TicketFact::price>("price"),
      field<&TicketFact::user_id>("userId").means("its seller"),
      field<&TicketFact::order_id>("orderId").means("the order that holds it; absent while free"),
  };
  const std::string& aggregate_id() const { return id; }
  std::int64_t aggregate_version() const { return version; }
};
struct TicketCreated : TicketFact {
  static constexpr std::string_view kSubject = "ticket:created";
  static constexpr std::string_view kMeaning = "a ticket was listed";
};
struct TicketUpdated : TicketFact {
  static constexpr std::string_view kSubject = "ticket:updated";
  static constexpr std::string_view kMeaning = "a ticket was edited, reserved or freed";
};

struct TicketSnapshot {
  std::string id;
  std::string title;
  Money price;
  std::int64_t version = 0;

  static constexpr std::array kFields{
      field<&TicketSnapshot::id>("id"),
      field<&TicketSnapshot::title>("title"),
      field<&TicketSnapshot::price>("price"),
      field<&TicketSnapshot::version>("version"),
  };
};

struct OrderFact {
  std::string id;
  std::int64_t version = 0;
  OrderStatus status = OrderStatus::created;
  std::string user_id;
  Timestamp expires_at;
  TicketSnapshot ticket;
  std::optional<CancelReason> reason;

  static constexpr std::string_view kPublisher = "orders";
  static constexpr std::array kFields{
      field<&OrderFact::id>("id"),
      field<&OrderFact::version>("version"),
      field<&OrderFact::status>("status"),
      field<&OrderFact::user_id>("userId").means("its buyer"),
      field<&OrderFact::expires_at>("expiresAt").means("when an unpaid order ends"),
      field<&OrderFact::ticket>("ticket").means("as the buyer saw it when ordering"),
      field<&OrderFact::reason>("reason").means("present exactly when cancelled"),
  };
  const std::string& aggregate_id() const { return id; }
  std::int64_t aggregate_version() const { return version; }
};
struct OrderCreated : OrderFact {
  static constexpr std::string_view kSubject = "order:created";
  static constexpr std::string_view kMeaning = "someone ordered a ticket";
};
struct OrderUpdated : OrderFact {
  static constexpr std::string_view kSubject = "order:updated";
  static constexpr std::string_view kMeaning = "the ticket is reserved, or the order complete";
};
struct OrderCancelled : OrderFact {
  static constexpr std::string_view kSubject = "order:cancelled";
  static constexpr std::string_view kMeaning =
      "an order ended: by its buyer, in time, for a declined card, or for want of the ticket";
};

struct ExpirationComplete {
  std::string order_id;

  static constexpr std::string_view kSubject = "expiration:complete";
  static constexpr std::string_view kMeaning = "an order's time is over, whatever has become of it";
  static constexpr std::string_view kPublisher = "expiration";
  static constexpr std::array kFields{field<&ExpirationComplete::order_id>("orderId")};
  const std::string& aggregate_id() const { return order_id; }
  std::int64_t aggregate_version() const { return 0; }
};

struct PaymentCreated {
  std::string id;
  std::int64_t version = 0;
  std::string order_id;
  Money amount;
  std::string stripe_id;

  static constexpr std::string_view kSubject = "payment:created";
  static constexpr std::string_view kMeaning = "a card was charged";
  static constexpr std::string_view kPublisher = "payments";
  static constexpr std::array kFields{
      field<&PaymentCreated::id>("id").means("the charge's"),
      field<&PaymentCreated::version>("version"),
      field<&PaymentCreated::order_id>("orderId"),
      field<&PaymentCreated::amount>("amount"),
      field<&PaymentCreated::stripe_id>("stripeId"),
  };
  const std::string& aggregate_id() const { return id; }
  std::int64_t aggregate_version() const { return version; }
};

struct PaymentFailed {
  std::string id;
  std::int64_t version = 0;
  std::string order_id;
  Money amount;
  std::string reason;

  static constexpr std::string_view kSubject = "payment:failed";
  static constexpr std::string_view kMeaning = "a card was declined";
  static constexpr std::string_view kPublisher = "payments";
  static constexpr std::array kFields{
      field<&PaymentFailed::id>("id").means("the charge's"),
      field<&PaymentFailed::version>("version"),
      field<&PaymentFailed::order_id>("orderId"),
      field<&PaymentFailed::amount>("amount"),
      field<&PaymentFailed::reason>("reason").means("the payment provider's words"),
  };
  const std::string& aggregate_id() const { return id; }
  std::int64_t aggregate_version() const { return version; }
};

struct PaymentRefunded {
  std::string id;
  std::int64_t version = 0;
  std::string order_id;
  Money amount;
  std::string stripe_refund_id;

  static constexpr std::string_view kSubject = "payment:refunded";
  static constexpr std::string_view kMeaning =
      "a charge was given back, since its order is cancelled";
  static constexpr std::string_view kPublisher = "payments";
  static constexpr std::array kFields{
      field<&PaymentRefunded::id>("id").means("the charge's"),
      field<&PaymentRefunded::version>("version"),
      field<&PaymentRefunded::order_id>("orderId"),
      field<&PaymentRefunded::amount>("amount"),
      field<&PaymentRefunded::stripe_refund_id>("stripeRefundId"),
  };
  const std::string& aggregate_id() const { return id; }
  std::int64_t aggregate_version() const { return version; }
};

}  // namespace ticketing
