#include "auth/storage.hpp"

#include <array>
#include <cstdint>
#include <string>

#include "ticketing/core/error.hpp"

namespace auth {
namespace {

constexpr std::array<std::string_view, 1> kMigrations{R"(
  create table users (
    id text primary key, version bigint not null, email text not null,
    tokens_valid_from bigint, password_hash text not null);
  create unique index users_email on users (email);
)"};

std::optional<User> read(Transaction& tx, const std::string& where, std::string_view key) {
  const auto row =
      tx.first<std::string, std::int64_t, std::string, std::optional<Timestamp>, std::string>(
          "select id, version, email, tokens_valid_from, password_hash from users " + where, key);
  if (!row) return std::nullopt;
  const auto& [id, version, email, valid_from, hash] = *row;
  return User{{id, version, email, valid_from}, hash};
}

}  // namespace

std::span<const std::string_view> migrations() { return kMigrations; }

std::optional<User> UserTable::find(std::string_view id) const {
  return read(tx_, "where id = :id", id);
}

std::optional<User> UserTable::find_by_email(std::string_view email) const {
  return read(tx_, "where email = :email", email);
}

void UserTable::insert(const User& user) const {
  const auto& [fact, hash] = user;
  tx_.execute(
      "insert into users (id, version, email, tokens_valid_from, password_hash)"
      " values (:id, :version, :email, :valid_from, :hash)",
      fact.id, fact.version, fact.email, fact.tokens_valid_from, hash);
}

void UserTable::update(const User& user) const {
  const auto& [fact, hash] = user;
  const auto changed = tx_.execute(
      "update users set version = :version, tokens_valid_from = :valid_from, password_hash = :hash"
      " where id = :id and version = :previous",
      fact.version, fact.tokens_valid_from, hash, fact.id, fact.version - 1);
  if (changed != 1) throw Error(ErrorCode::conflict, "the user has changed meanwhile");
}

void UserTable::rehash(std::string_view id, std::string_view hash) const {
  tx_.execute("update users set password_hash = :hash where id = :id", hash, id);
}

}  // namespace auth
