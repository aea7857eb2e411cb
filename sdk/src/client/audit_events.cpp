#include <algorithm>
#include <utility>

#include "client/audit_impl.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing {

using audit::OrderStory;
using audit::Place;
using audit::TicketStory;

void Audit::Impl::add(const std::string& log, const Envelope& event) {
  ++findings_.report().events;
  if (event.from_snapshot) {
    ++findings_.report().from_snapshots;
    snapshots_until_ = std::max(snapshots_until_, event.time);
  }
  last_.clear();
  const Place place = logs_.try_emplace(log, log).first->second.add(event, findings_);
  if (place == Place::repeated) return;
  try {
    read_data(event, place);
  } catch (const Error& error) {
    findings_.breach(Invariant::complete_logs, event.aggregate_id,
                     log + " #" + std::to_string(event.offset) + ": " + event.type +
                         " cannot be read: " + error.what());
  }
}

void Audit::Impl::read_data(const Envelope& event, Place place) {
  if (event.type.starts_with("ticket:")) {
    on_ticket(fact_of<TicketCreated>(event), event, place);
  } else if (event.type.starts_with("order:")) {
    on_order(fact_of<OrderCreated>(event), event, place);
  } else if (event.type == ExpirationComplete::kSubject) {
    story_of(fact_of<ExpirationComplete>(event).order_id, event).expired = event.time;
  } else if (event.type == PaymentCreated::kSubject) {
    on_charge(fact_of<PaymentCreated>(event), event);
  } else if (event.type == PaymentFailed::kSubject) {
    ++story_of(fact_of<PaymentFailed>(event).order_id, event).declines;
  } else if (event.type == PaymentRefunded::kSubject) {
    on_refund(fact_of<PaymentRefunded>(event), event);
  }
}

template <class E>
E Audit::Impl::fact_of(const Envelope& event) {
  E fact = data_of<E>(event);
  if (fact.aggregate_id() != event.aggregate_id || fact.aggregate_version() != event.version) {
    throw Error(ErrorCode::invalid, "it speaks of version " +
                                        std::to_string(fact.aggregate_version()) + " of " +
                                        std::string{fact.aggregate_id()});
  }
  return fact;
}

OrderStory& Audit::Impl::story_of(const std::string& order_id, const Envelope& event) {
  last_ = order_id;
  const auto [found, is_new] = orders_.try_emplace(order_id);
  OrderStory& story = found->second;
  story.oldest = is_new ? event.time : std::min(story.oldest, event.time);
  story.newest = std::max(story.newest, event.time);
  return story;
}

// ---- tickets ----

void Audit::Impl::on_ticket(const TicketFact& ticket, const Envelope& event, Place place) {
  TicketStory& story = tickets_[ticket.id];
  if (story.fact && place == Place::next) on_change(*story.fact, ticket, event);
  if (!story.fact && ticket.order_id) {
    findings_.breach(Invariant::reservations, ticket.id, "was held before it was listed");
  }
  story.fact = ticket;
  if (story.ahead && ticket.version >= story.ahead->version) {
    compare(ticket, *std::exchange(story.ahead, std::nullopt));
  }
}

void Audit::Impl::on_change(const TicketFact& before, const TicketFact& ticket,
                            const Envelope& event) {
  const bool is_hold = before.order_id || ticket.order_id;
  if (is_hold && (ticket.price != before.price || ticket.title != before.title)) {
    findings_.breach(Invariant::reservations, ticket.id,
                     "was edited while it was held, at version " + std::to_string(ticket.version));
  }
  if (before.order_id) return on_held_change(before, ticket, event);
  if (!ticket.order_id) return;
  OrderStory& story = story_of(*ticket.order_id, event);
  if (story.reserved) {
    findings_.breach(Invariant::effects_once, ticket.id,
                     "was reserved for order " + *ticket.order_id + " a second time");
  }
  story.reserved = before;
}

void Audit::Impl::on_held_change(const TicketFact& before, const TicketFact& ticket,
                                 const Envelope& event) {
  OrderStory& story = story_of(*before.order_id, event);
  if (ticket.order_id) {
    findings_.breach(Invariant::reservations, ticket.id,
                     "changed at version " + std::to_string(ticket.version) + " while order " +
                         *before.order_id + " held it");
  } else {
    story.freed = event.causation_id.value_or("nothing");
  }
}

void Audit::Impl::add_shown(const TicketAnswer& shown, Timestamp now) {
  TicketStory& story = tickets_[shown.id];
  story.was_shown = true;
  findings_.checked(Invariant::copies);
  if (!story.fact || story.fact->version < shown.version) {
    story.ahead = shown;
    story.ahead_since = now;
  } else {
    compare(*story.fact, shown);
  }
}

void Audit::Impl::compare(const TicketFact& fact, const TicketAnswer& shown) {
  if (shown.version != fact.version) {
    findings_.breach(Invariant::copies, shown.id,
                     "is shown at version " + std::to_string(shown.version) + "; its log is at " +
                         std::to_string(fact.version));
  } else if (shown.title != fact.title || shown.price != fact.price ||
             shown.order_id != fact.order_id || shown.user_id != fact.user_id) {
    findings_.breach(
        Invariant::copies, shown.id,
        "is shown otherwise than its log says at version " + std::to_string(shown.version));
  }
}

// ---- orders ----

void Audit::Impl::on_order(const OrderFact& order, const Envelope& event, Place place) {
  OrderStory& story = story_of(order.id, event);
  TicketStory& ticket = tickets_[order.ticket.id];
  findings_.checked(Invariant::order_life);
  if (!story.order) on_new_order(order, ticket);
  if (story.order && place == Place::next) on_order_change(*story.order, order);
  const bool cancelled = order.status == OrderStatus::cancelled;
  if (cancelled != order.reason.has_value() ||
      cancelled != (event.type == OrderCancelled::kSubject)) {
    findings_.breach(Invariant::order_life, order.id,
                     "is " + std::string{name_of(order.status)} + " by an " + event.type +
                         (order.reason ? " with" : " without") + " a reason");
  }
  if (cancelled) story.cancelled_by = event.id;
  if (cancelled && ticket.active_order == order.id) ticket.active_order.clear();
  if (order.status == OrderStatus::awaiting_payment) story.has_waited = true;
  story.order = order;
}

void Audit::Impl::on_new_order(const OrderFact& order, TicketStory& ticket) {
  if (order.version == 0 && order.status != OrderStatus::created) {
    findings_.breach(Invariant::order_life, order.id,
                     "began as " + std::string{name_of(order.status)});
  }
  if (!ticket.active_order.empty()) {
    findings_.breach(Invariant::one_active_order, order.ticket.id,
                     "is ordered by " + order.id + " while " + ticket.active_order + " is active");
  }
  if (order.ticket.version < ticket.seen_version) {
    findings_.breach(Invariant::copies, order.ticket.id,
                     "was seen at version " + std::to_string(ticket.seen_version) +
                         ", and by a later buyer at " + std::to_string(order.ticket.version));
  }
  ticket.seen_version = std::max(ticket.seen_version, order.ticket.version);
  ticket.active_order = order.id;
}

void Audit::Impl::on_order_change(const OrderFact& before, const OrderFact& order) {
  const std::string step =
      std::string{name_of(before.status)} + " to " + std::string{name_of(order.status)};
  const bool from_created = before.status == OrderStatus::created;
  const bool wrong_reason = (order.reason == CancelReason::payment_failed && from_created) ||
                            (order.reason == CancelReason::ticket_unavailable && !from_created);
  if (!may_become(before.status, order.status)) {
    findings_.breach(Invariant::order_life, order.id, "went from " + step);
  } else if (wrong_reason) {
    findings_.breach(Invariant::order_life, order.id,
                     "went from " + step + " as " + std::string{name_of(*order.reason)});
  }
  if (order.ticket.id != before.ticket.id || order.ticket.price != before.ticket.price ||
      order.ticket.version != before.ticket.version || order.user_id != before.user_id ||
      order.expires_at != before.expires_at) {
    findings_.breach(Invariant::order_life, order.id,
                     "has other terms at version " + std::to_string(order.version));
  }
}

// ---- charges ----

void Audit::Impl::on_charge(const PaymentCreated& payment, const Envelope& event) {
  OrderStory& story = story_of(payment.order_id, event);
  if (story.charge) {
    findings_.breach(Invariant::charges, payment.order_id,
                     "was charged twice, by " + story.charge->id + " and " + payment.id);
  }
  findings_.report().charged =
      Money::from_cents(findings_.report().charged.cents() + payment.amount.cents());
  story.charge = {payment.id, payment.amount, false};
}

void Audit::Impl::on_refund(const PaymentRefunded& refund, const Envelope& event) {
  OrderStory& story = story_of(refund.order_id, event);
  const bool was_charged = story.charge && story.charge->id == refund.id;
  if (!was_charged || story.charge->refunded || story.charge->amount != refund.amount) {
    findings_.breach(Invariant::charges, refund.order_id,
                     "was given back " + refund.amount.to_text() + " of charge " + refund.id +
                         ", which was not charged or was given back before");
  }
  findings_.report().refunded =
      Money::from_cents(findings_.report().refunded.cents() + refund.amount.cents());
  if (was_charged) story.charge->refunded = true;
}

}  // namespace ticketing
