#include "world.hpp"

#include <algorithm>

namespace ticketing::linear {
namespace {

template <class T>
T take_first(std::vector<T>& news) {
  T first = news.front();
  news.erase(news.begin());
  return first;
}

}  // namespace

World::World(std::size_t orders, std::int64_t cents, std::int64_t attempts)
    : attempts_(attempts), ticket_{0, cents, kNobody}, replica_(ticket_), orders_(orders) {}

int World::active() const {
  for (std::size_t i = 0; i < orders_.size(); ++i) {
    if (orders_[i].exists && orders_[i].status != OrderStatus::cancelled) {
      return static_cast<int>(i);
    }
  }
  return kNobody;
}

bool World::is_active() const { return active() != kNobody; }

bool World::is_settling() const {
  if (is_active()) return false;
  // A version of a ticket is ordered once: its order reserves that version, or nobody does.
  const bool ordered = std::any_of(orders_.begin(), orders_.end(), [&](const Order& order) {
    return order.exists && order.ticket_version >= replica_.version;
  });
  return replica_.holder != kNobody || ordered;
}

// ---- requests ----

bool World::place(int order) {
  if (at(order).exists || is_active() || is_settling()) return false;
  at(order).exists = true;
  at(order).ticket_version = replica_.version;
  orders_to_tickets_.push_back({order, OrderStatus::created});
  orders_to_payments_.push_back({order, OrderStatus::created});
  return true;
}

bool World::cancel(int order) {
  if (!at(order).exists || at(order).status == OrderStatus::complete) return false;
  if (at(order).status != OrderStatus::cancelled) {
    become(order, OrderStatus::cancelled, CancelReason::user);
  }
  return true;
}

bool World::expire(int order) {
  if (!at(order).exists || is_final(at(order).status)) return false;
  become(order, OrderStatus::cancelled, CancelReason::expired);
  return true;
}

bool World::edit(std::int64_t cents) {
  if (ticket_.holder != kNobody) return false;
  publish({ticket_.version + 1, cents, kNobody});
  return true;
}

bool World::may_pay(int number) const {
  const Order& paid = order(number);
  return paid.seen == OrderStatus::awaiting_payment && paid.charge == Charge::none &&
         paid.declines < attempts_;
}

bool World::charge(int order) {
  if (!may_pay(order)) return false;
  at(order).charge = Charge::kept;
  news_of_payments_.push_back({order, true});
  return true;
}

bool World::decline(int order) {
  if (!may_pay(order)) return false;
  ++at(order).declines;
  news_of_payments_.push_back({order, false});
  return true;
}

bool World::refuses_as_paid(int number) const {
  const Order& paid = order(number);
  if (!paid.seen || paid.seen == OrderStatus::cancelled) return false;
  return paid.seen == OrderStatus::complete || paid.charge != Charge::none;
}

bool World::refuses_as_cancelled(int number) const {
  const Order& paid = order(number);
  return paid.seen == OrderStatus::cancelled ||
         (paid.declines >= attempts_ && !refuses_as_paid(number));
}

// ---- events ----

void World::become(int number, OrderStatus status, std::optional<CancelReason> reason) {
  Order& order = at(number);
  ++order.version;
  order.status = status;
  order.reason = reason;
  orders_to_payments_.push_back({number, status});
  // The tickets service follows only how orders begin and how they are cancelled.
  if (status == OrderStatus::cancelled) orders_to_tickets_.push_back({number, status});
}

void World::publish(const Ticket& next) {
  ticket_ = next;
  news_of_ticket_.push_back(next);
}

void World::tickets_hears_of_an_order() {
  const OrderNews news = take_first(orders_to_tickets_);
  const bool cancelled = news.status == OrderStatus::cancelled;
  if (cancelled) at(news.order).end_known_to_tickets = true;
  const bool fits = ticket_.version == order(news.order).ticket_version;
  if (cancelled && ticket_.holder == news.order) {
    publish({ticket_.version + 1, ticket_.cents, kNobody});
  } else if (!cancelled && ticket_.holder == kNobody && fits) {
    publish({ticket_.version + 1, ticket_.cents, news.order});
  }
}

void World::orders_hears_of_the_ticket() {
  replica_ = take_first(news_of_ticket_);
  const int waiting = active();
  if (waiting == kNobody || at(waiting).status != OrderStatus::created) return;
  if (replica_.holder == waiting) {
    become(waiting, OrderStatus::awaiting_payment);
  } else if (replica_.version > at(waiting).ticket_version) {
    become(waiting, OrderStatus::cancelled, CancelReason::ticket_unavailable);
  }
}

void World::orders_hears_of_a_payment() {
  const PaymentNews news = take_first(news_of_payments_);
  Order& order = at(news.order);
  if (!news.good) ++order.declines_heard;
  if (order.status != OrderStatus::awaiting_payment) return;
  if (news.good) {
    become(news.order, OrderStatus::complete);
  } else if (order.declines_heard >= attempts_) {
    become(news.order, OrderStatus::cancelled, CancelReason::payment_failed);
  }
}

bool World::is_news_to_payments(int order) const {
  return std::any_of(orders_to_payments_.begin(), orders_to_payments_.end(),
                     [&](const OrderNews& news) { return news.order == order; });
}

/// What is before the next news of the order comes with it: nothing looks in between.
void World::payments_hears_up_to(int order) {
  for (int heard = kNobody; heard != order;) {
    const OrderNews news = take_first(orders_to_payments_);
    heard = news.order;
    at(heard).seen = news.status;
  }
}

// ---- what may happen by itself ----

void World::add_drifts_at(Place place, std::vector<Drift>& drifts) const {
  const auto hear = [&](Place where, bool any, void (World::*event)()) {
    if (!any || place != where) return;
    drifts.push_back({place, *this});
    (drifts.back().world.*event)();
  };
  hear(kTickets, !orders_to_tickets_.empty(), &World::tickets_hears_of_an_order);
  hear(kOrders, !news_of_ticket_.empty(), &World::orders_hears_of_the_ticket);
  hear(kOrders, !news_of_payments_.empty(), &World::orders_hears_of_a_payment);
  for (int i = 0; i < static_cast<int>(orders_.size()); ++i) {
    if (place == payments_of(i)) add_drifts_at_payments(i, drifts);
  }
}

void World::add_drifts_at_payments(int number, std::vector<Drift>& drifts) const {
  if (is_news_to_payments(number)) {
    drifts.push_back({payments_of(number), *this});
    drifts.back().world.payments_hears_up_to(number);
  }
  if (order(number).charge == Charge::kept && order(number).seen == OrderStatus::cancelled) {
    drifts.push_back({payments_of(number), *this});
    drifts.back().world.at(number).charge = Charge::given_back;
  }
}

/// All of it must come before anything can rest, so one place after the other will do.
std::vector<World::Drift> World::drifts_to_rest() const {
  std::vector<Drift> drifts;
  for (int i = 0; i < static_cast<int>(orders_.size()) && drifts.empty(); ++i) {
    add_drifts_at_payments(i, drifts);
  }
  for (const Place place : {kTickets, kOrders}) {
    if (drifts.empty()) add_drifts_at(place, drifts);
  }
  return drifts;
}

std::vector<World::Drift> World::drifts_for(Place place) const {
  if (place == kEverywhere) return drifts_to_rest();
  std::vector<Drift> drifts;
  add_drifts_at(place, drifts);
  if (place == kTickets) {
    if (orders_to_tickets_.empty()) add_drifts_at(kOrders, drifts);
    return drifts;
  }
  if (place != kOrders) {
    if (is_news_to_payments(order_of(place))) return drifts;
    add_drifts_at(kOrders, drifts);
  }
  if (news_of_ticket_.empty()) add_drifts_at(kTickets, drifts);
  return drifts;
}

// ---- what has arrived ----

bool World::tickets_knows_the_end_of(int number) const {
  return order(number).end_known_to_tickets;
}

bool World::payments_knows_the_end_of(int number) const {
  return order(number).seen == OrderStatus::cancelled;
}

bool World::rests() const {
  const bool quiet = news_of_ticket_.empty() && orders_to_tickets_.empty() &&
                     orders_to_payments_.empty() && news_of_payments_.empty();
  return quiet && std::all_of(orders_.begin(), orders_.end(), [](const Order& order) {
           const bool owed = order.charge == Charge::kept && order.status == OrderStatus::cancelled;
           return !order.exists || (is_final(order.status) && !owed);
         });
}

}  // namespace ticketing::linear
