#include "orders/storage.hpp"

#include <array>
#include <utility>

#include "ticketing/core/error.hpp"

namespace orders {
namespace {

// The SQL below has to spell one status; it may not drift from the definition.
static_assert(name_of(OrderStatus::cancelled) == "cancelled");

// orders_active is what makes "one active order per ticket" true; every check before it only
// finds better words.
constexpr std::array<std::string_view, 1> kMigrations{R"(
  create table orders (
    id text primary key, seq bigint not null, version bigint not null,
    status text not null, reason text,
    user_id text not null, expires_at bigint not null,
    ticket_id text not null, ticket_title text not null,
    ticket_price_cents bigint not null, ticket_version bigint not null);
  create unique index orders_seq on orders (seq);
  create unique index orders_active on orders (ticket_id) where status <> 'cancelled';
  create index orders_of_ticket on orders (ticket_id, ticket_version);
  create index orders_of_buyer on orders (user_id, seq);
  create table order_declines (order_id text primary key, declines bigint not null);
)"};

constexpr std::string_view kSelect =
    "select id, version, status, user_id, expires_at, ticket_id, ticket_title,"
    " ticket_price_cents, ticket_version, reason from orders ";

template <class E>
E named(const std::string& name) {
  const auto value = value_named<E>(name);
  if (!value) throw Error(ErrorCode::corrupt, "the orders table holds an unknown name: " + name);
  return *value;
}

template <class E>
std::optional<std::string_view> name_if(std::optional<E> value) {
  if (!value) return std::nullopt;
  return name_of(*value);
}

std::vector<Order> read(Transaction& tx, const char* where, const auto&... params) {
  std::vector<Order> found;
  tx.for_each<std::string, std::int64_t, std::string, std::string, Timestamp, std::string,
              std::string, Money, std::int64_t, std::optional<std::string>>(
      std::string{kSelect} + where,
      [&](auto&& id, auto version, auto&& status, auto&& user, auto expires_at, auto&& ticket_id,
          auto&& title, auto price, auto ticket_version, auto&& reason) {
        const TicketSnapshot ticket{ticket_id, title, price, ticket_version};
        Order order{id, version, named<OrderStatus>(status), user, expires_at, ticket, {}};
        if (reason) order.reason = named<CancelReason>(*reason);
        found.push_back(std::move(order));
      },
      params...);
  return found;
}

std::optional<Order> read_one(Transaction& tx, const char* where, const auto&... params) {
  auto found = read(tx, where, params...);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace

std::span<const std::string_view> migrations() { return kMigrations; }

std::optional<Order> OrderTable::find(std::string_view id) const {
  return read_one(tx_, "where id = :id", id);
}

std::optional<Order> OrderTable::active_of(std::string_view ticket_id) const {
  return read_one(tx_, "where ticket_id = :ticket and status <> 'cancelled'", ticket_id);
}

Demand OrderTable::demand_for(const TicketFact& ticket) const {
  const auto holder = ticket.order_id ? find(*ticket.order_id) : std::nullopt;
  const auto newest = tx_.first<std::int64_t>(
      "select coalesce(max(ticket_version), -1) from orders where ticket_id = :ticket", ticket.id);
  return {active_of(ticket.id).has_value(), holder ? std::optional{holder->status} : std::nullopt,
          std::get<0>(*newest)};
}

std::optional<std::int64_t> OrderTable::place_of(std::string_view id,
                                                 std::string_view buyer_id) const {
  const auto row = tx_.first<std::int64_t>(
      "select seq from orders where id = :id and user_id = :buyer", id, buyer_id);
  if (!row) return std::nullopt;
  return std::get<0>(*row);
}

std::vector<Order> OrderTable::of_buyer(std::string_view buyer_id, std::int64_t after_place,
                                        std::int64_t count_max,
                                        std::optional<OrderStatus> status) const {
  return read(tx_,
              "where user_id = :buyer and seq > :place and status = coalesce(:status, status)"
              " order by seq limit :count",
              buyer_id, after_place, name_if(status), count_max);
}

void OrderTable::insert(const Order& order) const {
  tx_.execute(
      "insert into orders (id, seq, version, status, reason, user_id, expires_at, ticket_id,"
      " ticket_title, ticket_price_cents, ticket_version)"
      " values (:id, (select coalesce(max(seq), 0) + 1 from orders), :version, :status, :reason,"
      " :buyer, :expires_at, :ticket, :title, :price, :ticket_version)",
      order.id, order.version, name_of(order.status), name_if(order.reason), order.user_id,
      order.expires_at, order.ticket.id, order.ticket.title, order.ticket.price,
      order.ticket.version);
}

void OrderTable::update(const Order& order) const {
  // All else is fixed when the order is made.
  const auto changed = tx_.execute(
      "update orders set version = :version, status = :status, reason = :reason"
      " where id = :id and version = :previous",
      order.version, name_of(order.status), name_if(order.reason), order.id, order.version - 1);
  if (changed != 1) throw Error(ErrorCode::conflict, "the order has changed meanwhile");
}

std::int64_t OrderTable::count_decline(std::string_view order_id) const {
  const auto row = tx_.first<std::int64_t>(
      "insert into order_declines (order_id, declines) values (:id, 1)"
      " on conflict (order_id) do update set declines = order_declines.declines + 1"
      " returning declines",
      order_id);
  return std::get<0>(*row);
}

}  // namespace orders
