// The checker looks at few of the moments at which news may arrive. That it misses none that
// matters is compared here with a search that looks at all of them, on small histories at random.

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "tale.hpp"

namespace ticketing::linear {
namespace {

constexpr int kHistories = 5'000;
constexpr int kOperations = 6;
constexpr int kHoldMs = 20;

/// The same model, but anything may move before any step.
class Unreduced final : public Specification {
 public:
  explicit Unreduced(TicketModel& model) : model_(model) {}
  const std::vector<Step>& steps() const override { return model_.steps(); }
  State initial() override { return model_.initial(); }
  std::vector<State> after(State state, std::size_t step) override {
    return model_.after(state, step);
  }
  std::vector<Move> drift(State state, unsigned) override {
    std::vector<Move> all;
    for (const Place place : {kOrders, kTickets, payments_of(0), payments_of(1)}) {
      for (const Move& move : model_.drift(state, place)) {
        if (move.here) all.push_back(move);
      }
    }
    return all;
  }

 private:
  TicketModel& model_;
};

/// Something that is sometimes true of a ticket that A, and then B, orders.
void tell_something(Tale& tale, unsigned dice, Times times) {
  const std::string id = dice % 2 == 0 ? "A" : "B";
  const int version = id == "A" ? 0 : 2;
  switch (dice / 2 % 11) {
    case 0:
    case 1:
      tale.pay(times, id);
      break;
    case 2:
      tale.cancel(times, id);
      break;
    case 3:
      tale.see(times, id, 1, OrderStatus::awaiting_payment, version);
      break;
    case 4:
      tale.see(times, id, 2, OrderStatus::complete, version);
      break;
    case 5:
      tale.see(times, id, 2, OrderStatus::cancelled, version, CancelReason::expired);
      break;
    case 6:
      tale.refused(times, Kind::pay, Outcome::order_cancelled, id);
      break;
    case 7:
      tale.ticket(times, version + 1, 2000, id);
      break;
    case 8:
      tale.ticket(times, version, 2000);
      break;
    case 9:
      tale.edit(times, version + 2, 2100);
      break;
    default:
      tale.refused(times, Kind::order, Outcome::ticket_reserved);
  }
}

Tale random_tale(std::minstd_rand& random) {
  Tale tale;
  tale.rules.hold = std::chrono::milliseconds{kHoldMs};
  tale.order({0, 4}, "A", 0);
  tale.history.operations.back().answer.expires_at = at_ms(kHoldMs);
  if (random() % 2 == 0) {
    tale.order({10, 14}, "B", 2);
    tale.history.operations.back().answer.expires_at = at_ms(10 + kHoldMs);
  }
  std::map<std::string, bool> paid;  // A charge has one name: each order is answered 201 once.
  while (tale.history.operations.size() < kOperations) {
    const int from = static_cast<int>(random() % 40);
    const std::size_t before = tale.history.operations.size();
    tell_something(tale, static_cast<unsigned>(random()),
                   {from, from + static_cast<int>(random() % 12)});
    const Operation& told = tale.history.operations[before];
    if (told.call.kind == Kind::pay && told.answer.outcome == Outcome::done &&
        std::exchange(paid[told.call.id], true)) {
      tale.history.operations.pop_back();
    }
  }
  return tale;
}

TEST(Reduction, comes_to_the_verdict_of_a_search_that_looks_at_every_arrival) {
  std::minstd_rand random{11};
  std::map<Verdict, int> verdicts;
  for (int i = 0; i < kHistories; ++i) {
    const Tale tale = random_tale(random);
    TicketModel model{tale.history, tale.rules};
    TicketModel same{tale.history, tale.rules};
    Unreduced unreduced{same};
    const Verdict verdict = check(model).verdict;
    ASSERT_EQ(verdict, check(unreduced).verdict) << describe(tale.history);
    ++verdicts[verdict];
  }
  EXPECT_GT(verdicts[Verdict::linearizable], kHistories / 200);
  EXPECT_GT(verdicts[Verdict::violated], kHistories / 200);
  EXPECT_EQ(verdicts[Verdict::undecided], 0);
}

}  // namespace
}  // namespace ticketing::linear
