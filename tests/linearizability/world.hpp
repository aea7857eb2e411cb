#pragma once
// World: one ticket and its orders, as three services know them and as events carry it between
// them. The sequential specification (docs/reference/linearizability.md): what each request may do
// and be answered, and what each event leads to when it arrives.
//
// Written from the contract and shares no rule with the services, so that a wrong rule of theirs is
// seen. A request that may not be answered so yields false, and leaves the world as it was.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/events/order_status.hpp"

namespace ticketing::linear {

inline constexpr int kNobody = -1;

/// A ticket in one version.
struct Ticket {
  std::int64_t version = 0;
  std::int64_t cents = 0;
  int holder = kNobody;  ///< Number of the order that holds it.
  friend bool operator==(const Ticket&, const Ticket&) = default;
};

enum class Charge { none, kept, given_back };

/// An order as its service has it; below, what payments has of it.
struct Order {
  bool exists = false;
  OrderStatus status = OrderStatus::created;
  std::optional<CancelReason> reason;
  std::int64_t version = 0;
  std::int64_t ticket_version = 0;  ///< The one that its buyer saw.
  std::int64_t declines_heard = 0;

  std::optional<OrderStatus> seen;  ///< The status in the replica of payments.
  std::int64_t declines = 0;
  Charge charge = Charge::none;

  bool end_known_to_tickets = false;
};

/// Where things happen. At payments no order minds another: each is a place of its own, though they
/// hear of all in one order.
using Place = unsigned;
inline constexpr Place kOrders = 0;
inline constexpr Place kTickets = 1;
inline constexpr Place kEverywhere = 2;
constexpr Place payments_of(int order) { return 3 + static_cast<Place>(order); }
constexpr int order_of(Place payments) { return static_cast<int>(payments) - 3; }

class World {
 public:
  struct Drift;

  World(std::size_t orders, std::int64_t cents, std::int64_t attempts);

  const Ticket& ticket() const { return ticket_; }
  const Ticket& replica() const { return replica_; }
  const Order& order(int number) const { return orders_[static_cast<std::size_t>(number)]; }
  /// Some order of the ticket is not cancelled.
  bool is_active() const;
  /// Nothing is ordered, but what an order that has ended does to the ticket is on its way.
  bool is_settling() const;

  // ---- at the orders service ----
  bool place(int order);
  bool cancel(int order);
  bool expire(int order);
  // ---- at the tickets service ----
  bool edit(std::int64_t cents);
  // ---- at the payments service; the card is charged at once ----
  bool may_pay(int order) const;
  bool charge(int order);
  bool decline(int order);
  /// "Order is already paid", and "Cannot pay for a cancelled order" but for the time's sake.
  bool refuses_as_paid(int order) const;
  bool refuses_as_cancelled(int order) const;

  // ---- what has arrived ----
  bool tickets_knows_the_end_of(int order) const;
  bool payments_knows_the_end_of(int order) const;
  /// No event is on its way, no refund is due, every order is final.
  bool rests() const;

  /// One event or one refund on, each: what a step at `place` may need next. News in a queue are
  /// taken before more is put behind them, which changes nothing for whoever takes them.
  std::vector<Drift> drifts_for(Place place) const;
  /// Equal for equal worlds, and for those alone.
  std::string key() const;
  std::string describe(const std::vector<std::string>& order_names) const;

 private:
  struct OrderNews {
    int order;
    OrderStatus status;
  };
  struct PaymentNews {
    int order;
    bool good;
  };

  Order& at(int number) { return orders_[static_cast<std::size_t>(number)]; }
  int active() const;
  void become(int order, OrderStatus status, std::optional<CancelReason> reason = std::nullopt);
  void publish(const Ticket& next);
  std::vector<Drift> drifts_to_rest() const;
  void add_drifts_at(Place place, std::vector<Drift>& drifts) const;
  void tickets_hears_of_an_order();
  void orders_hears_of_the_ticket();
  void orders_hears_of_a_payment();
  bool is_news_to_payments(int order) const;
  void payments_hears_up_to(int order);
  void add_drifts_at_payments(int order, std::vector<Drift>& drifts) const;

  std::int64_t attempts_;
  Ticket ticket_;
  Ticket replica_;  ///< Of the orders service.
  std::vector<Order> orders_;
  std::vector<Ticket> news_of_ticket_;  ///< Oldest first, as all of these.
  std::vector<OrderNews> orders_to_tickets_;
  std::vector<OrderNews> orders_to_payments_;
  std::vector<PaymentNews> news_of_payments_;
};

/// What it leads to that an event arrives at a service, or that payments gives a charge back.
struct World::Drift {
  Place at;
  World world;
};

}  // namespace ticketing::linear
