#pragma once
// TicketModel: the history of one ticket, as steps of the World that the checker can order.
//
// An operation is a step between its invocation and its answer. Beside them stand steps that nobody
// invoked: an order expires, from `expiresAt` on; a card is charged behind an answer that does not
// tell; and, where a bound on delay is claimed, what must have arrived by when. No threads, no
// clock. Throws std::invalid_argument for a history that names what it cannot mean.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "checker.hpp"
#include "history.hpp"
#include "world.hpp"

namespace ticketing::linear {

/// What the services of the history were set to, and what is claimed of them.
struct Rules {
  std::chrono::milliseconds hold{std::chrono::minutes{15}};
  std::int64_t attempts = 1;                  ///< Declined cards that cancel an order.
  std::chrono::milliseconds patience{2'000};  ///< How long a request waits for an event.
  /// Within it, an order that has reached its time is over, and the end of an order that a client
  /// knows of is known to all services. Empty: only what rest operations say is claimed.
  std::optional<std::chrono::milliseconds> lag_max;
  /// By how much `expires_at` may be off on the history's clock.
  Instant clock_error{};
};

class TicketModel final : public Specification {
 public:
  /// Borrows `history`.
  TicketModel(const History& history, Rules rules);

  const std::vector<Step>& steps() const override { return steps_; }
  State initial() override;
  std::vector<State> after(State state, std::size_t step) override;
  std::vector<Move> drift(State state, unsigned place) override;

  /// How far an order was found, where that led, and which operations could not follow.
  std::string explain(const Result& result);

 private:
  enum class Role {
    operation,
    hidden_charge,  ///< By a payment that was refused, since the order ended meanwhile.
    expiry,
    over,              ///< The order is final.
    known_to_tickets,  ///< That the order was cancelled.
    known_to_payments,
  };
  struct Part {
    Role role{};
    std::size_t operation = 0;
    int order = kNobody;
  };
  /// What the answers say about one order.
  struct Known {
    std::string id;
    bool answered = false;        ///< Its buyer got the 201.
    Instant expires_at = kNever;  ///< kNever: nobody has seen it.
    Instant cancelled_by = kNever;
  };

  void name_orders();
  void note_what_is_known();
  void add_operation(std::size_t number);
  void add_expiries();
  void add_deadlines();
  void add(Step step, Part part);
  Place place_of(const Part& part) const;
  Step window_of(const Operation& operation, int order) const;
  int number_of(const std::string& order_id);

  bool apply(World& world, const Part& part) const;
  bool apply(World& world, const Operation& operation, int order) const;
  bool apply_order(World& world, const Operation& operation, int order) const;
  bool apply_cancel(World& world, const Operation& operation, int order) const;
  bool apply_pay(World& world, const Operation& operation, int order) const;
  bool apply_edit(World& world, const Operation& operation) const;
  bool shows_order(const World& world, const Answer& answer, int order) const;
  bool shows_ticket(const Ticket& ticket, const Answer& answer) const;
  bool waited(const Operation& operation) const;
  State name(World world);

  const History& history_;
  const Rules rules_;
  std::map<std::string, int> order_numbers_;
  std::map<std::string, int> charges_;  ///< Of a charge: its order.
  std::vector<Known> orders_;
  std::map<std::size_t, int> unanswered_;  ///< Of an order operation without an answer.
  std::vector<Step> steps_;
  std::vector<Part> parts_;
  std::unordered_map<std::string, State> names_;
  std::vector<World> worlds_;  ///< By State.
};

}  // namespace ticketing::linear
