// Worlds as text: short to tell them apart, longer to be read.

#include "world.hpp"

namespace ticketing::linear {
namespace {

/// Numbers are small: a ticket has few versions, a history few orders.
void append(std::string& key, std::int64_t number) {
  const auto value = static_cast<std::uint64_t>(number + 1);
  for (std::uint64_t rest = value;; rest >>= 7U) {
    key.push_back(static_cast<char>((rest & 0x7fU) | (rest > 0x7fU ? 0x80U : 0U)));
    if (rest <= 0x7fU) return;
  }
}

template <class E>
void append(std::string& key, const std::optional<E>& value) {
  append(key, value ? static_cast<std::int64_t>(*value) : -1);
}

void append(std::string& key, const Ticket& ticket) {
  append(key, ticket.version);
  append(key, ticket.cents);
  append(key, ticket.holder);
}

void append(std::string& key, const Order& order) {
  append(key, order.exists ? 1 : 0);
  if (!order.exists) return;
  append(key, static_cast<std::int64_t>(order.status));
  append(key, order.reason);
  append(key, order.version);
  append(key, order.ticket_version);
  append(key, order.declines_heard);
  append(key, order.seen);
  append(key, order.declines);
  append(key, static_cast<std::int64_t>(order.charge));
  append(key, order.end_known_to_tickets ? 1 : 0);
}

std::string shown(const Ticket& ticket, const std::vector<std::string>& order_names) {
  return "v" + std::to_string(ticket.version) + " at " + std::to_string(ticket.cents) +
         " held by " +
         (ticket.holder == kNobody ? "nobody"
                                   : order_names[static_cast<std::size_t>(ticket.holder)]);
}

}  // namespace

std::string World::key() const {
  std::string key;
  linear::append(key, ticket_);
  linear::append(key, replica_);
  for (const Order& order : orders_) linear::append(key, order);
  // Each queue says its length first, so that two cannot be taken for each other.
  linear::append(key, static_cast<std::int64_t>(news_of_ticket_.size()));
  for (const Ticket& news : news_of_ticket_) linear::append(key, news);
  for (const auto* queue : {&orders_to_tickets_, &orders_to_payments_}) {
    linear::append(key, static_cast<std::int64_t>(queue->size()));
    for (const OrderNews& news : *queue) {
      linear::append(key, news.order);
      linear::append(key, static_cast<std::int64_t>(news.status));
    }
  }
  for (const PaymentNews& news : news_of_payments_) {
    linear::append(key, news.order);
    linear::append(key, news.good ? 1 : 0);
  }
  return key;
}

std::string World::describe(const std::vector<std::string>& order_names) const {
  std::string text = "ticket " + shown(ticket_, order_names) + "; orders sees it " +
                     shown(replica_, order_names) + "\n";
  for (std::size_t i = 0; i < orders_.size(); ++i) {
    const Order& order = orders_[i];
    if (!order.exists) continue;
    text += "order " + order_names[i] + " of v" + std::to_string(order.ticket_version) + ": " +
            std::string{name_of(order.status)} + ", payments sees " +
            (order.seen ? std::string{name_of(*order.seen)} : "nothing") +
            (order.charge == Charge::kept ? ", charged" : "") + "\n";
  }
  return text;
}

}  // namespace ticketing::linear
