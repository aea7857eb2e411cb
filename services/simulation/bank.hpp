#pragma once
// Bank: a payment provider of a simulated world, and everybody's money in it. It behaves like the
// sandbox, but takes its time, fails before and after it has acted, and keeps its own books, by
// which the services' are judged.

#include <map>
#include <memory>
#include <string>

#include "providers/provider.hpp"
#include "ticketing/testing/seeded_random.hpp"
#include "ticketing/testing/world.hpp"

namespace simulation {

using namespace ticketing;               // As services do.
namespace testing = ticketing::testing;  // There is another one, in GoogleTest.

class Bank {
 public:
  /// Per mille of calls that fail; half of them after the bank has acted.
  unsigned fails = 0;
  testing::World::Duration delay_max{};

  Bank(testing::World& world, std::uint64_t seed) : world_(world), random_(seed) {}

  /// A provider that works on this bank, which must outlive it.
  std::unique_ptr<payments::PaymentProvider> provider();

  /// What has been taken, less what was given back, in cents.
  std::int64_t balance_cents() const;

 private:
  class Provider;
  struct Charge {
    std::int64_t cents = 0;
    std::string refund_key;
  };
  void take_time();
  bool fails_now() { return random_.chance(fails / 2); }

  testing::World& world_;
  testing::SeededRandom random_;
  std::map<std::string, payments::ChargeOutcome> answers_;  ///< By key.
  std::map<std::string, Charge> charges_;                   ///< By id.
};

}  // namespace simulation
