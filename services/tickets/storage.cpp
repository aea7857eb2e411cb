#include "tickets/storage.hpp"

#include <array>
#include <utility>

#include "ticketing/core/error.hpp"

namespace tickets {
namespace {

// The list shows free tickets only, so its indexes hold only those: a page costs its own length,
// however many tickets are sold.
constexpr std::array<std::string_view, 1> kMigrations{R"(
  create table tickets (
    id text primary key, seq bigint not null, version bigint not null,
    title text not null, price_cents bigint not null, user_id text not null, order_id text);
  create unique index tickets_seq on tickets (seq);
  create index tickets_free on tickets (seq) where order_id is null;
  create index tickets_free_of_user on tickets (user_id, seq) where order_id is null;
)"};

std::vector<Ticket> read(Transaction& tx, std::string_view sql, const auto&... params) {
  std::vector<Ticket> found;
  tx.for_each<std::string, std::int64_t, std::string, Money, std::string,
              std::optional<std::string>>(
      sql,
      [&](auto&& id, auto version, auto&& title, auto price, auto&& user, auto&& order) {
        found.push_back({id, version, title, price, user, order});
      },
      params...);
  return found;
}

}  // namespace

std::span<const std::string_view> migrations() { return kMigrations; }

std::optional<Ticket> TicketTable::find(std::string_view id) const {
  auto found = read(tx_,
                    "select id, version, title, price_cents, user_id, order_id from tickets"
                    " where id = :id",
                    id);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::optional<std::int64_t> TicketTable::place_of(std::string_view id) const {
  const auto row = tx_.first<std::int64_t>("select seq from tickets where id = :id", id);
  if (!row) return std::nullopt;
  return std::get<0>(*row);
}

std::vector<Ticket> TicketTable::free_after(std::int64_t place, std::int64_t count_max,
                                            const std::optional<std::string>& seller_id) const {
  if (seller_id) {
    return read(tx_,
                "select id, version, title, price_cents, user_id, order_id from tickets"
                " where order_id is null and user_id = :user and seq > :place"
                " order by seq limit :count",
                *seller_id, place, count_max);
  }
  return read(tx_,
              "select id, version, title, price_cents, user_id, order_id from tickets"
              " where order_id is null and seq > :place order by seq limit :count",
              place, count_max);
}

void TicketTable::insert(const Ticket& ticket) const {
  tx_.execute(
      "insert into tickets (id, seq, version, title, price_cents, user_id, order_id)"
      " values (:id, (select coalesce(max(seq), 0) + 1 from tickets), :version, :title, :price,"
      " :user, :order)",
      ticket.id, ticket.version, ticket.title, ticket.price, ticket.user_id, ticket.order_id);
}

void TicketTable::update(const Ticket& ticket) const {
  const auto changed = tx_.execute(
      "update tickets set version = :version, title = :title, price_cents = :price,"
      " order_id = :order where id = :id and version = :previous",
      ticket.version, ticket.title, ticket.price, ticket.order_id, ticket.id, ticket.version - 1);
  if (changed != 1) throw Error(ErrorCode::conflict, "the ticket has changed meanwhile");
}

}  // namespace tickets
