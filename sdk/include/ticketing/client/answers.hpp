#pragma once
// What the reference services answer, as described records. They belong to the HTTP API, not to the
// events: the two say the same today and may evolve apart. Plain values: any thread may use them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/core/record.hpp"
#include "ticketing/events/events.hpp"

namespace ticketing {

struct UserAnswer {
  std::string id;
  std::string email;

  static constexpr std::array kFields{
      field<&UserAnswer::id>("id"),
      field<&UserAnswer::email>("email"),
  };
};

/// Whom a session token belongs to.
struct SessionAnswer {
  std::string id;
  std::string email;
  std::int64_t issued_at = 0;  ///< Unix seconds, as in the token.

  static constexpr std::array kFields{
      field<&SessionAnswer::id>("id"),
      field<&SessionAnswer::email>("email"),
      field<&SessionAnswer::issued_at>("iat"),
  };
};

struct TicketAnswer {
  std::string id;
  std::string title;
  Money price;
  std::string user_id;
  std::int64_t version = 0;
  std::optional<std::string> order_id;  ///< The order that holds it; absent while free.

  static constexpr std::array kFields{
      field<&TicketAnswer::id>("id"),           field<&TicketAnswer::title>("title"),
      field<&TicketAnswer::price>("price"),     field<&TicketAnswer::user_id>("userId"),
      field<&TicketAnswer::version>("version"), field<&TicketAnswer::order_id>("orderId"),
  };
};

struct OrderAnswer {
  std::string id;
  std::string user_id;
  OrderStatus status = OrderStatus::created;
  Timestamp expires_at;
  std::int64_t version = 0;
  TicketSnapshot ticket;               ///< As its buyer saw it.
  std::optional<CancelReason> reason;  ///< Only of a cancelled order.

  static constexpr std::array kFields{
      field<&OrderAnswer::id>("id"),           field<&OrderAnswer::user_id>("userId"),
      field<&OrderAnswer::status>("status"),   field<&OrderAnswer::expires_at>("expiresAt"),
      field<&OrderAnswer::version>("version"), field<&OrderAnswer::ticket>("ticket"),
      field<&OrderAnswer::reason>("reason"),
  };
};

/// The id of a payment that was just made; Client::payment() tells the rest.
struct PaymentAnswer {
  std::string id;

  static constexpr std::array kFields{field<&PaymentAnswer::id>("id")};
};

struct ChargeAnswer {
  std::string id;
  std::string order_id;
  std::string status;
  Money amount;
  std::optional<std::string> stripe_id;         ///< Absent until the card has been charged.
  std::optional<std::string> stripe_refund_id;  ///< Present once refunded.

  static constexpr std::array kFields{
      field<&ChargeAnswer::id>("id"),
      field<&ChargeAnswer::order_id>("orderId"),
      field<&ChargeAnswer::status>("status"),
      field<&ChargeAnswer::amount>("amount"),
      field<&ChargeAnswer::stripe_id>("stripeId"),
      field<&ChargeAnswer::stripe_refund_id>("stripeRefundId"),
  };
};

/// One page of a listing.
template <Record T>
struct Page {
  std::vector<T> items;
  std::string next;  ///< Goes into ListQuery::after for the next page; empty on the last one.
};

}  // namespace ticketing
