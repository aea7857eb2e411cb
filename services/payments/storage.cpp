#include "payments/storage.hpp"

#include <array>
#include <cstdint>
#include <utility>

namespace payments {
namespace {

// The SQL below has to spell one status; it may not drift from the definition.
static_assert(name_of(ChargeStatus::failed) == "failed");

// charges_live is what makes "one successful charge per order" true. It counts refunded ones, too:
// their order is cancelled, and must not be charged again.
constexpr std::array<std::string_view, 1> kMigrations{R"(
  create table charges (
    id text primary key, order_id text not null, user_id text not null,
    amount_cents bigint not null, status text not null, version bigint not null,
    stripe_id text, stripe_refund_id text, reason text,
    refund_due bigint not null, made_by text not null, card_token text);
  create unique index charges_live on charges (order_id) where status <> 'failed';
  create index charges_of_order on charges (order_id);
  create unique index charges_of_call on charges (user_id, made_by, order_id);
)"};

constexpr std::string_view kSelect =
    "select id, order_id, status, amount_cents, stripe_id, stripe_refund_id, reason, user_id,"
    " version, card_token, refund_due from charges ";

ChargeStatus status_of(const std::string& name) {
  const auto status = value_named<ChargeStatus>(name);
  if (!status) throw Error(ErrorCode::corrupt, "a charge has the unknown status " + name);
  return *status;
}

std::optional<Charge> read_one(Transaction& tx, const char* where, const auto&... params) {
  using Text = std::optional<std::string>;
  std::optional<Charge> found;
  tx.for_each<std::string, std::string, std::string, Money, Text, Text, Text, std::string,
              std::int64_t, Text, bool>(
      std::string{kSelect} + where,
      [&](auto&& id, auto&& order, auto&& status, auto amount, auto&&... rest) {
        found = Charge{id, order, status_of(status), amount, std::move(rest)...};
      },
      params...);
  return found;
}

}  // namespace

std::span<const std::string_view> migrations() { return kMigrations; }

std::optional<Charge> ChargeTable::find(std::string_view id) const {
  return read_one(tx_, "where id = :id", id);
}

History ChargeTable::history_of(std::string_view order_id) const {
  const auto declines = tx_.first<std::int64_t>(
      "select count(*) from charges where order_id = :order and status = 'failed'", order_id);
  return {read_one(tx_, "where order_id = :order and status <> 'failed'", order_id),
          std::get<0>(*declines)};
}

std::optional<Charge> ChargeTable::made_by(std::string_view user_id, std::string_view call,
                                           std::string_view order_id) const {
  return read_one(tx_, "where user_id = :user and made_by = :call and order_id = :order", user_id,
                  call, order_id);
}

void ChargeTable::insert(const Charge& charge, std::string_view call) const {
  tx_.execute(
      "insert into charges (id, order_id, user_id, amount_cents, status, version, refund_due,"
      " made_by, card_token) values (:id, :order, :user, :amount, :status, :version, :due, :call,"
      " :token)",
      charge.id, charge.order_id, charge.user_id, charge.amount, name_of(charge.status),
      charge.version, charge.refund_due, call, charge.card_token);
}

void ChargeTable::update(const Charge& charge) const {
  tx_.execute(
      "update charges set status = :status, version = :version, stripe_id = :stripe,"
      " stripe_refund_id = :refund, reason = :reason, card_token = :token where id = :id",
      name_of(charge.status), charge.version, charge.stripe_id, charge.stripe_refund_id,
      charge.reason, charge.card_token, charge.id);
}

void ChargeTable::note_refund_due(std::string_view id) const {
  tx_.execute("update charges set refund_due = 1 where id = :id", id);
}

}  // namespace payments
