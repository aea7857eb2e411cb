#pragma once
// The users table. Nothing else in this service knows SQL.

#include <optional>
#include <span>
#include <string_view>

#include "auth/user.hpp"
#include "ticketing/storage/transaction.hpp"

namespace auth {

std::span<const std::string_view> migrations();

class UserTable {
 public:
  /// Borrows `tx`.
  explicit UserTable(Transaction& tx) : tx_(tx) {}

  std::optional<User> find(std::string_view id) const;
  std::optional<User> find_by_email(std::string_view email) const;
  /// Throws Error(conflict) when the email is in use.
  void insert(const User& user) const;
  /// Requires: the stored version is the one before the user's; else Error(conflict).
  void update(const User& user) const;
  /// The same password, hashed at another cost: nothing that anyone is told of.
  void rehash(std::string_view id, std::string_view hash) const;

 private:
  Transaction& tx_;
};

}  // namespace auth
