#pragma once
// Sale: one ticket listed, ordered and paid for, by people who try again until they are answered;
// whatever happens to the disks meanwhile.

#include <optional>
#include <string>

#include "simulation/bank.hpp"
#include "simulation/ledger.hpp"
#include "ticketing/testing/world.hpp"

namespace ticketing::test {

class Sale {
 public:
  explicit Sale(std::uint64_t seed);

  testing::World& world() { return world_; }
  /// Starts everything, sells, and lets it all come to its end. Throws testing::Broken.
  void run();
  /// The invariants hold, the order is complete, and what was answered is there.
  void check();

 private:
  using Next = std::function<void(const Response&)>;
  static void take_new_key(Request& request);
  void ask(Request request, Next next, int tries = 60);
  void sell();
  void order(const std::string& ticket);
  void pay(const std::string& order);

  testing::World world_;
  simulation::Bank bank_;
  simulation::Ledger ledger_;
  std::string order_;
  std::optional<std::string> charge_;
};

}  // namespace ticketing::test
