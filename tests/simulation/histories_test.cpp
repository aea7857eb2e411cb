// Histories of simulated clients, under faults that real ones do not see on every change: checked
// as those of real clients are (tests/linearizability).

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "linearizability/model.hpp"
#include "simulation/crowd.hpp"

namespace ticketing::test {
namespace {

using linear::Outcome;

std::uint64_t histories_wanted() {
  const char* const given = std::getenv("TICKETING_SIM_LONG");
  return 300 * (given == nullptr ? 1 : std::strtoull(given, nullptr, 10));
}

linear::Rules rules() {
  linear::Rules rules;
  rules.hold = Crowd::kHold;
  rules.clock_error = std::chrono::milliseconds{2};  // Times on the wire are cut to milliseconds.
  return rules;
}

TEST(Histories, of_simulated_clients_under_faults_are_linearizable) {
  std::map<std::string, int> seen;
  std::size_t operations = 0;
  for (std::uint64_t seed = 1; seed <= histories_wanted(); ++seed) {
    const linear::History history = Crowd{seed}.play();
    linear::TicketModel model{history, rules()};
    const linear::Result result = check(model);
    ASSERT_EQ(result.verdict, linear::Verdict::linearizable)
        << "seed " << seed << '\n'
        << describe(history) << model.explain(result);
    operations += history.operations.size();
    for (const linear::Operation& one : history.operations) {
      ++seen[std::string{name_of(one.call.kind)} + ' ' + std::string{name_of(one.answer.outcome)}];
    }
  }
  std::printf("  %zu operations\n", operations);
  for (const auto& [what, count] : seen) std::printf("  %s: %d\n", what.c_str(), count);
  for (const char* what :
       {"order done", "order ticket_reserved", "order unknown", "cancel done",
        "cancel order_complete", "pay done", "pay card_declined", "pay order_cancelled",
        "pay order_paid", "pay unknown", "edit done", "edit ticket_reserved", "read_charge done"}) {
    EXPECT_GT(seen[what], 0) << what;
  }
}

}  // namespace
}  // namespace ticketing::test
