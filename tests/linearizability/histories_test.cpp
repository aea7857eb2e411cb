// Histories of real clients against real processes, checked; then the same histories with one
// thing changed, which the checker must find out.
//
// TICKETING_TEST_HISTORIES says how many, over both layouts; the default is 200.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "crowd.hpp"
#include "model.hpp"
#include "mutation.hpp"

namespace ticketing::linear {
namespace {

using test::Layout;
using test::Marketplace;

constexpr milliseconds kHold{300};
/// Tickets that are in play at once: one round of bursts over them takes less than a hold.
constexpr std::size_t kTicketsAtOnce = 20;
constexpr std::size_t kMutationsOfEach = 1;
constexpr std::size_t kMutantConfigurationsMax = 40'000;

std::size_t histories_wanted() {
  const char* wanted = std::getenv("TICKETING_TEST_HISTORIES");
  return (wanted == nullptr ? 200U : std::strtoul(wanted, nullptr, 10)) / 2;
}

Rules rules() {
  Rules rules;
  rules.hold = kHold;
  rules.lag_max = std::chrono::seconds{5};  // Two patiences, and a second for a busy machine.
  // Times on the wire are cut to milliseconds, and the two clocks are not read at once.
  rules.clock_error = std::chrono::milliseconds{2};
  return rules;
}

Marketplace& market_of(Layout layout) {
  static std::map<Layout, Marketplace> markets;
  test::MarketplaceOptions options;
  options.layout = layout;
  options.hold = to_text(kHold);
  return markets.try_emplace(layout, options).first->second;
}

class Histories : public testing::TestWithParam<Layout> {
 protected:
  void check_all(const std::vector<History>& histories) {
    for (const History& history : histories) {
      TicketModel model{history, rules()};
      const Result result = check(model);
      configurations_most_ = std::max(configurations_most_, result.configurations);
      configurations_ += result.configurations;
      EXPECT_EQ(result.verdict, Verdict::linearizable)
          << describe(history) << model.explain(result);
      for (const Operation& operation : history.operations) {
        ++seen_[std::string{name_of(operation.call.kind)} + " " +
                std::string{name_of(operation.answer.outcome)}];
        if (operation.answer.reason) {
          ++seen_["order cancelled: " + std::string{ticketing::name_of(*operation.answer.reason)}];
        }
        ++operations_;
      }
    }
  }

  void mutate_all(const std::vector<History>& histories, std::minstd_rand& random) {
    for (const History& history : histories) {
      for (std::size_t i = 0; i < kMutationsOfEach; ++i) mutate_one(history, random);
    }
  }

  void mutate_one(const History& history, std::minstd_rand& random) {
    const auto number = random() % kMutationNames.size();
    const auto mutated = mutate(history, static_cast<Mutation>(number), random);
    if (!mutated) return;
    TicketModel model{*mutated, rules()};
    ++mutants_[kMutationNames[number]][check(model, kMutantConfigurationsMax).verdict];
  }

  /// The races that this is about have taken place.
  void expect_variety() {
    for (const char* what :
         {"order done", "order ticket_reserved", "cancel done", "cancel order_complete", "pay done",
          "pay card_declined", "pay order_cancelled", "pay order_paid", "edit done",
          "edit ticket_reserved", "read_order done", "read_ticket done", "read_charge done",
          "order cancelled: user", "order cancelled: expired", "order cancelled: payment_failed"}) {
      EXPECT_GT(seen_[what], 0) << what;
    }
  }

  /// Of each kind of mutation most are found out; what is not may be a correct history by chance.
  void expect_most_mutants_to_be_caught() {
    for (auto& [what, verdicts] : mutants_) {
      const int caught = verdicts[Verdict::violated];
      const int missed = verdicts[Verdict::linearizable];
      std::printf("  mutants %.*s: %d caught, %d still linearizable, %d undecided\n",
                  static_cast<int>(what.size()), what.data(), caught, missed,
                  verdicts[Verdict::undecided]);
      EXPECT_GT(caught, missed) << what;
    }
  }

  void print() const {
    std::printf("  %zu operations, %zu configurations, at most %zu for one history\n", operations_,
                configurations_, configurations_most_);
    for (const auto& [what, count] : seen_) std::printf("  %s: %d\n", what.c_str(), count);
  }

  std::map<std::string, int> seen_;
  std::map<std::string_view, std::map<Verdict, int>> mutants_;
  std::size_t operations_ = 0;
  std::size_t configurations_ = 0;
  std::size_t configurations_most_ = 0;
};

TEST_P(Histories, of_sixteen_clients_are_linearizable_and_changed_ones_are_not) {
  Marketplace& market = market_of(GetParam());
  Crowd crowd{market, 1};
  std::minstd_rand random{7};
  for (std::size_t left = histories_wanted(); left > 0;) {
    const std::size_t count = std::min(left, kTicketsAtOnce);
    const std::vector<History> recorded = crowd.histories(count);
    check_all(recorded);
    mutate_all(recorded, random);
    left -= count;
  }
  print();
  expect_variety();
  expect_most_mutants_to_be_caught();
}

std::string name_of_layout(const testing::TestParamInfo<Layout>& info) {
  return info.param == Layout::one ? "ticketd" : "five_processes";
}
INSTANTIATE_TEST_SUITE_P(Layouts, Histories, testing::Values(Layout::one, Layout::five),
                         name_of_layout);

}  // namespace
}  // namespace ticketing::linear
