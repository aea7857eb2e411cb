// kill -9 of random real processes at random moments under load: one, two at once, all five, and
// again while they start up. Then, at rest: what was answered is there, once, and the sums agree.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "rounds.hpp"
#include "services/aftermath.hpp"
#include "support/eventually.hpp"

namespace ticketing::test {
namespace {

constexpr std::size_t kClients = 8;
/// Then all is checked, and the next kills find empty databases: a check takes time by their size.
constexpr int kKillsOfAMarket = 25;

/// One marketplace, under load, and what befalls it.
class Storm {
 public:
  explicit Storm(std::uint64_t seed) : random_(seed) { load_.start(); }

  int kills() const { return kills_; }
  Marketplace& market() { return market_; }
  Load& load() { return load_; }

  /// By answered writes, so that it is under load whenever it strikes.
  bool wait_for_its_moment() {
    const std::int64_t goal = load_.answered() + below(150);
    return eventually([&] { return load_.answered() > goal; }, kRest);
  }
  void strike() {
    const std::vector<std::string> victims = draw_victims();
    for (const std::string& victim : victims) kill(victim);
    for (const std::string& victim : victims) market_.start(victim);
    if (below(3) == 0) strike_while_starting(victims[below(victims.size())]);
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }

  void kill(const std::string& service) {
    market_.kill(service);
    ++kills_;
  }
  std::vector<std::string> draw_victims() {
    std::vector<std::string> order = kServices;
    std::shuffle(order.begin(), order.end(), random_);
    const std::size_t dice = below(10);
    order.resize(dice == 0 ? order.size() : dice < 3 ? 2 : 1);
    return order;
  }
  /// After so many looks at it, or when it is ready: the start of a program takes some 20 of them.
  void strike_while_starting(const std::string& service) {
    std::size_t looks = below(25);
    eventually([&] { return looks-- == 0 || market_.ready(service); });
    kill(service);
    market_.start(service);
  }

  std::mt19937_64 random_;
  int kills_ = 0;
  Marketplace market_{five_with_hold("3s")};
  Load load_{market_, kClients};
};

TEST(KillStorm, nothing_is_lost_and_nothing_is_doubled) {
  const int kills_wanted = rounds_of({20, 200, 1'000});
  std::uint64_t seed = fault_seed();
  for (int kills = 0; kills < kills_wanted && !testing::Test::HasFailure(); ++seed) {
    Storm storm{seed};
    const int goal = std::min(kKillsOfAMarket, kills_wanted - kills);
    while (storm.kills() < goal) {
      ASSERT_TRUE(storm.wait_for_its_moment()) << storm.market().logs();
      storm.strike();
    }
    expect_all_in_order(storm.market(), storm.load());
    kills += storm.kills();
    std::printf("  seed %llu: %d kills so far\n", static_cast<unsigned long long>(seed), kills);
  }
}

}  // namespace
}  // namespace ticketing::test
