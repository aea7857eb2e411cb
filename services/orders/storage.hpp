#pragma once
// The orders tables. Nothing else in this service knows SQL.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orders/order.hpp"
#include "ticketing/storage/transaction.hpp"

namespace orders {

std::span<const std::string_view> migrations();

class OrderTable {
 public:
  /// Borrows `tx`.
  explicit OrderTable(Transaction& tx) : tx_(tx) {}

  std::optional<Order> find(std::string_view id) const;
  /// The one order of the ticket that is not cancelled, if any.
  std::optional<Order> active_of(std::string_view ticket_id) const;
  Demand demand_for(const TicketFact& ticket) const;

  /// Where a buyer's order stands in the order of creation, or nullopt.
  std::optional<std::int64_t> place_of(std::string_view id, std::string_view buyer_id) const;
  std::vector<Order> of_buyer(std::string_view buyer_id, std::int64_t after_place,
                              std::int64_t count_max, std::optional<OrderStatus> status) const;

  /// Throws Error(conflict) when the ticket has an active order.
  void insert(const Order& order) const;
  /// Requires: the stored version is the one before order.version; else Error(conflict).
  void update(const Order& order) const;
  /// Counts a declined card, which is no change of the order; returns how many there are now.
  std::int64_t count_decline(std::string_view order_id) const;

 private:
  Transaction& tx_;
};

}  // namespace orders
