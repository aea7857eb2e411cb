#pragma once
// Reviews: who has bought a ticket may review it, once; everyone may read it, and other services
// hear of it. It decides with a replica of orders.

#include <array>

#include "ticketing/runtime/service.hpp"

namespace reviews {

using namespace ticketing;

/// The body of POST /api/reviews.
struct NewReview {
  std::string order_id;
  std::int64_t stars = 0;
  std::string text;

  static constexpr Rule kStars{.value_min = 1, .value_max = 5, .message = "Give 1 to 5 stars"};
  static constexpr std::array kFields{
      field<&NewReview::order_id>("orderId", Rule::id()),
      field<&NewReview::stars>("stars", kStars),
      field<&NewReview::text>("text", Rule::text(1, 2000).trim().says("Say why")),
  };
};

/// The event. A review is written once, and never changes.
struct ReviewWritten {
  std::string id;  ///< Its order's: there is one review of each.
  std::string ticket_id;
  std::int64_t stars = 0;
  std::string text;

  static constexpr std::string_view kSubject = "review:written";
  static constexpr std::string_view kPublisher = "reviews";
  static constexpr std::array kFields{
      field<&ReviewWritten::id>("id"),
      field<&ReviewWritten::ticket_id>("ticketId"),
      field<&ReviewWritten::stars>("stars"),
      field<&ReviewWritten::text>("text"),
  };
  const std::string& aggregate_id() const { return id; }
  std::int64_t aggregate_version() const { return 0; }
};

void define(Service& service);

}  // namespace reviews
