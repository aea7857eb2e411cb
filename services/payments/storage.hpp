#pragma once
// The charges table. Nothing else in this service knows SQL.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "payments/charge.hpp"
#include "ticketing/storage/transaction.hpp"

namespace payments {

std::span<const std::string_view> migrations();

class ChargeTable {
 public:
  /// Borrows `tx`.
  explicit ChargeTable(Transaction& tx) : tx_(tx) {}

  std::optional<Charge> find(std::string_view id) const;
  History history_of(std::string_view order_id) const;
  /// The charge that the payer's call of that name has made for the order, if it has.
  std::optional<Charge> made_by(std::string_view user_id, std::string_view call,
                                std::string_view order_id) const;

  /// Throws Error(conflict) when the order has a charge that has not failed.
  void insert(const Charge& charge, std::string_view call) const;
  void update(const Charge& charge) const;
  void note_refund_due(std::string_view id) const;

 private:
  Transaction& tx_;
};

}  // namespace payments
