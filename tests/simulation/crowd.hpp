#pragma once
// Crowd: one ticket, and buyers who order, cancel, pay and look, all at once, while services die
// and messages are lost; and the history of what they asked and were answered.

#include <string>
#include <vector>

#include "linearizability/history.hpp"
#include "simulation/bank.hpp"
#include "ticketing/testing/world.hpp"

namespace ticketing::test {

class Crowd {
 public:
  static constexpr std::chrono::seconds kHold{3};

  explicit Crowd(std::uint64_t seed);

  /// Sells, lets everybody act, and looks at everything in the end. Throws testing::Broken.
  linear::History play();

 private:
  struct Made {
    std::string id;
    std::string buyer;
  };

  void offer();
  void plan_actions();
  void plan_faults();
  void act();
  void act_on(const Made& order);
  void strike();
  void look_at_everything();

  void order();
  void edit();
  void pay(const Made& order);
  void look_at(linear::Kind kind, const std::string& path, const Made& what);
  void ask(linear::Call call, Request request, const std::string& who);
  void told(std::size_t number, const linear::Call& call, const std::string& who,
            const std::optional<Response>& response);
  std::string any_buyer();

  testing::World world_;
  testing::SeededRandom random_;
  simulation::Bank bank_;
  linear::History history_;
  std::vector<Made> orders_;
  std::vector<Made> charges_;
};

}  // namespace ticketing::test
