#pragma once
// What the tests of races share. See at_once().

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "contract.hpp"
#include "support/at_once.hpp"
#include "support/databases.hpp"

namespace ticketing::test {

class Races : public Contract {
 protected:
  using Contract::Contract;

  std::vector<Visitor> users(std::size_t count) const {
    std::vector<Visitor> all(count, visitor());
    at_once(count, [&](std::size_t i) { all[i].sign_up(); });
    return all;
  }
  static bool becomes_final(Visitor& buyer, const std::string& order) {
    return eventually([&] { return is_final(buyer.get_order(order).status); });
  }
  /// Of a complete order the charge is kept; of a cancelled one there is none, or it is given back.
  void expect_charge_to_match(const std::string& order, OrderStatus end) const {
    const auto kept = [&] {
      const Databases stored{market_};
      return lines(
          stored.rows("select status from payments.charges where order_id = '" + order + "'"));
    };
    EXPECT_TRUE(eventually([&] {
      const std::string found = kept();
      if (end == OrderStatus::complete) return found == "completed\n";
      return found.empty() || found == "refunded\n";
    })) << name_of(end)
        << " with " << kept();
  }
  /// For whoever reads the output: how often the race went which way.
  static void print(const std::map<std::string, int>& outcomes) {
    for (const auto& [what, count] : outcomes) std::printf("  %s: %d\n", what.c_str(), count);
  }
};

}  // namespace ticketing::test
