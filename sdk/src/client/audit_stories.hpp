#pragma once
// Stories: what the logs tell of one order and of one ticket. An order's story is put together from
// four logs, in whatever order they are read, and judged as a whole.

#include <optional>
#include <string>

#include "client/audit_findings.hpp"

namespace ticketing::audit {

struct TicketStory {
  std::optional<TicketFact> fact;  ///< As its newest event says.
  std::string active_order;
  std::int64_t seen_version = 0;      ///< Of the newest order's snapshot.
  std::optional<TicketAnswer> ahead;  ///< Was shown, and is newer than its log as far as fed ...
  Timestamp ahead_since;              ///< ... at this time.
  bool was_shown = false;
};

struct ChargeStory {
  std::string id;
  Money amount;
  bool refunded = false;
};

struct OrderStory {
  // By its own log.
  std::optional<OrderFact> order;  ///< As its newest event says.
  bool has_waited = false;         ///< It was waiting for its buyer to pay, at least.
  std::string cancelled_by;        ///< The event that tells of it.
  // By the tickets' log.
  std::optional<TicketFact> reserved;  ///< The ticket right before it was held for this order.
  std::optional<std::string> freed;    ///< The event that led to the end of the hold.
  // By the log of payments.
  std::optional<ChargeStory> charge;  ///< The one that succeeded.
  std::int64_t declines = 0;
  // By the log of expiration.
  std::optional<Timestamp> expired;

  Timestamp oldest;  ///< Of all the events above.
  Timestamp newest;
};

/// How much of a story has been told.
enum class Told {
  all,
  part,  ///< It reaches back into a log's snapshot: steps of it may be gone.
};

/// Judges what can be said of a whole story; `ticket` is nullptr when its log tells of none.
void judge(const std::string& id, const OrderStory& story, Told told, const TicketStory* ticket,
           Judge& judge);

}  // namespace ticketing::audit
