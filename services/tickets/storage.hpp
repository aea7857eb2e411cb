#pragma once
// The tickets table. Nothing else in this service knows SQL.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/storage/transaction.hpp"
#include "tickets/ticket.hpp"

namespace tickets {

std::span<const std::string_view> migrations();

class TicketTable {
 public:
  /// Borrows `tx`.
  explicit TicketTable(Transaction& tx) : tx_(tx) {}

  std::optional<Ticket> find(std::string_view id) const;
  /// Where a ticket stands in the order of creation, or nullopt when there is none of that id.
  std::optional<std::int64_t> place_of(std::string_view id) const;
  /// Free tickets behind `place`, in creation order; of one seller, if given.
  std::vector<Ticket> free_after(std::int64_t place, std::int64_t count_max,
                                 const std::optional<std::string>& seller_id) const;

  void insert(const Ticket& ticket) const;
  /// Requires: the stored version is the one before ticket.version; else Error(conflict).
  void update(const Ticket& ticket) const;

 private:
  Transaction& tx_;
};

}  // namespace tickets
