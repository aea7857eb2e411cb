#include "client/audit_stories.hpp"

namespace ticketing::audit {

namespace {

/// One judgement of one order.
class Hearing {
 public:
  Hearing(const std::string& id, const OrderStory& story, Told told, Judge& judge)
      : id_(id), story_(story), told_(told), judge_(judge) {}

  void nobody_knows_it();
  void hold();
  void release();
  void copy(const TicketStory* ticket);
  void progress();
  void charge();
  void refund();
  void expiry();
  void reason(const TicketStory* ticket);

 private:
  const OrderFact& order() const { return *story_.order; }
  bool is(OrderStatus status) const { return order().status == status; }
  bool is_over_for(CancelReason reason) const { return order().reason == reason; }

  void breach(Invariant invariant, const std::string& what) { judge_.breach(invariant, id_, what); }
  void unexplained(Invariant invariant, const std::string& what) {
    judge_.unexplained(invariant, id_, what, story_.newest);
  }
  void owed(Invariant invariant, const std::string& what) {
    judge_.owed(invariant, id_, what, story_.newest);
  }

  const std::string& id_;
  const OrderStory& story_;
  Told told_;
  Judge& judge_;
};

void Hearing::nobody_knows_it() {
  if (story_.reserved) unexplained(Invariant::reservations, "a ticket is held for no order");
  if (story_.charge || story_.declines > 0) {
    unexplained(Invariant::charges, "a charge without an order");
  }
  if (story_.expired) unexplained(Invariant::order_life, "an order expired that was never made");
}

void Hearing::hold() {
  if (!story_.reserved) {
    if (story_.has_waited && told_ == Told::all) {
      unexplained(Invariant::reservations, "waits for payment, and does not hold its ticket");
    }
    return;
  }
  judge_.checked(Invariant::reservations);
  const TicketFact& before = *story_.reserved;
  if (before.id != order().ticket.id) {
    breach(Invariant::reservations, "holds " + before.id + ", and is of " + order().ticket.id);
  } else if (before.version != order().ticket.version) {
    breach(Invariant::reservations, "its ticket was reserved at version " +
                                        std::to_string(before.version) + "; its buyer saw " +
                                        std::to_string(order().ticket.version));
  }
}

void Hearing::release() {
  if (!story_.freed) {
    const bool is_held = story_.reserved && is(OrderStatus::cancelled);
    if (is_held && told_ == Told::all)
      owed(Invariant::reservations, "is cancelled, and still holds its ticket");
    return;
  }
  judge_.checked(Invariant::reservations);
  if (is(OrderStatus::complete)) {
    breach(Invariant::reservations, "is complete, and its ticket was freed");
  } else if (!is(OrderStatus::cancelled)) {
    unexplained(Invariant::reservations, "is not cancelled, and its ticket was freed");
  } else if (*story_.freed != story_.cancelled_by) {
    breach(Invariant::reservations,
           "its ticket was freed by " + *story_.freed + ", not by its end, " + story_.cancelled_by);
  }
}

void Hearing::copy(const TicketStory* ticket) {
  const TicketSnapshot& seen = order().ticket;
  const bool told = ticket != nullptr && ticket->fact && ticket->fact->version >= seen.version;
  if (!told) {
    return unexplained(Invariant::copies, "its buyer saw version " + std::to_string(seen.version) +
                                              " of " + seen.id + ", which was never told");
  }
  // A version that is over without a hold is not remembered.
  if (!story_.reserved && ticket->fact->version > seen.version) return;
  const TicketFact& fact = story_.reserved ? *story_.reserved : *ticket->fact;
  judge_.checked(Invariant::copies);
  if (fact.version == seen.version && (fact.price != seen.price || fact.title != seen.title)) {
    breach(Invariant::copies, "its buyer saw \"" + seen.title + "\" for " + seen.price.to_text() +
                                  "; it was \"" + fact.title + "\" for " + fact.price.to_text());
  }
}

void Hearing::progress() {
  if (is(OrderStatus::created)) {
    owed(Invariant::reservations, "got neither its ticket nor an answer");
  } else if (is(OrderStatus::awaiting_payment) && story_.charge) {
    owed(Invariant::conservation, "is paid, and not complete");
  } else if (is(OrderStatus::awaiting_payment) && story_.expired) {
    owed(Invariant::order_life, "its time is over, and it is not cancelled");
  }
}

void Hearing::charge() {
  for (std::int64_t i = 0; i < story_.declines; ++i) judge_.checked(Invariant::charges);
  if (is_final(order().status)) judge_.checked(Invariant::conservation);
  if (!story_.charge) {
    if (is(OrderStatus::complete))
      unexplained(Invariant::conservation, "is complete, and not paid");
    return;
  }
  judge_.checked(Invariant::charges);
  if (!story_.has_waited && told_ == Told::all) {
    unexplained(Invariant::charges, "was charged before it held its ticket");
  }
  if (story_.charge->amount != order().ticket.price) {
    breach(Invariant::conservation, "costs " + order().ticket.price.to_text() +
                                        ", and was charged " + story_.charge->amount.to_text());
  }
}

void Hearing::refund() {
  if (!story_.charge) return;
  const std::string charge = "charge " + story_.charge->id;
  if (!story_.charge->refunded) {
    if (is(OrderStatus::cancelled)) owed(Invariant::charges, "is cancelled, and keeps " + charge);
    return;
  }
  judge_.checked(Invariant::charges);
  if (is(OrderStatus::complete)) {
    breach(Invariant::conservation, "is complete, and was given back " + charge);
  } else if (!is(OrderStatus::cancelled)) {
    unexplained(Invariant::charges, "is not cancelled, and was given back " + charge);
  }
}

void Hearing::expiry() {
  const std::string end = to_text(order().expires_at);
  if (story_.expired) {
    judge_.checked(Invariant::order_life);
    if (*story_.expired < order().expires_at) {
      breach(Invariant::order_life, "expired at " + to_text(*story_.expired) + ", before " + end);
    }
  } else if (judge_.now() >= order().expires_at) {
    judge_.owed(Invariant::order_life, id_, "its time was over at " + end + ", and nobody said so",
                order().expires_at);
  } else {
    judge_.waiting(Invariant::order_life);
  }
}

void Hearing::reason(const TicketStory* ticket) {
  if (is_over_for(CancelReason::expired) && !story_.expired) {
    unexplained(Invariant::order_life, "is cancelled as expired, and its time is not over");
  }
  if (is_over_for(CancelReason::payment_failed) && story_.declines == 0) {
    unexplained(Invariant::order_life, "is cancelled for a payment that did not fail");
  }
  if (!is_over_for(CancelReason::ticket_unavailable)) return;
  if (story_.reserved) {
    return breach(Invariant::order_life, "is cancelled for want of the ticket that it was given");
  }
  const bool moved =
      ticket != nullptr && ticket->fact && ticket->fact->version > order().ticket.version;
  if (!moved) unexplained(Invariant::order_life, "is cancelled for want of a ticket that is free");
}

}  // namespace

void judge(const std::string& id, const OrderStory& story, Told told, const TicketStory* ticket,
           Judge& judge) {
  Hearing hearing{id, story, told, judge};
  if (!story.order) return hearing.nobody_knows_it();
  judge.checked(Invariant::one_active_order);
  hearing.hold();
  hearing.release();
  hearing.copy(ticket);
  hearing.progress();
  hearing.charge();
  hearing.refund();
  hearing.expiry();
  hearing.reason(ticket);
}

}  // namespace ticketing::audit
