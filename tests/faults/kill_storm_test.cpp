// kill -9 of real processes at random moments under load: any one, two at once, all five, and again
// while they start up; and each of the five in turn, while the logs are shortened. Then, at rest:
// what was answered is there, once, and the sums agree.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "rounds.hpp"
#include "services/aftermath.hpp"
#include "services/flags.hpp"
#include "support/eventually.hpp"

namespace ticketing::test {
namespace {

constexpr std::size_t kClients = 16;
/// Then all is checked, and the next kills find empty databases: a check takes time by their size.
constexpr int kKillsOfAMarket = 40;

enum class Aim { anyone, in_turn };

MarketplaceOptions with_short_logs() {
  MarketplaceOptions options = five_with_hold("2s");
  options.adjust = [](const std::string&, Command& command) {
    set_flag(command, "log-retention", "1ms");
  };
  return options;
}

/// One marketplace, under load, and what befalls it.
class Storm {
 public:
  Storm(std::uint64_t seed, Aim aim)
      : random_(seed),
        aim_(aim),
        market_(aim == Aim::anyone ? five_with_hold("2s") : with_short_logs()) {
    load_.start();
  }

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
    if (aim_ == Aim::in_turn) return;
    if (below(3) == 0) strike_while_starting(victims[below(victims.size())]);
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }

  void kill(const std::string& service) {
    market_.kill(service);
    ++kills_;
  }
  std::vector<std::string> draw_victims() {
    if (aim_ == Aim::in_turn)
      return {kServices[static_cast<std::size_t>(kills_) % kServices.size()]};
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
  Aim aim_;
  int kills_ = 0;
  Marketplace market_;
  Load load_{market_, kClients};
};

/// The logs of `stored` have lost what newer events have replaced.
void expect_shortened(const Databases& stored) {
  const auto sum = [&](const std::string& service, const std::string& name) {
    return stored.number("select coalesce(sum(cast(value as integer)), 0) from " + service +
                         ".ticketing_meta where name = '" + name + "'");
  };
  for (const std::string& service : kServices) EXPECT_GT(sum(service, "horizon"), 0) << service;
  EXPECT_GT(sum("tickets", "removed"), 0);
  EXPECT_GT(sum("orders", "removed"), 0);
}

/// All that has happened in one test.
class Tally {
 public:
  int kills() const { return kills_; }
  void add(Storm& storm) {
    kills_ += storm.kills();
    writes_ += storm.load().answered();
    events_ += events_of(Databases{storm.market()});
  }
  void print() const {
    const std::chrono::duration<double> took = SteadyClock::now() - started_;
    std::printf("  %d kills, %lld answered writes, %lld events, %.1f s\n", kills_,
                static_cast<long long>(writes_), static_cast<long long>(events_), took.count());
  }

 private:
  SteadyClock::time_point started_ = SteadyClock::now();
  int kills_ = 0;
  std::int64_t writes_ = 0;
  std::int64_t events_ = 0;
};

class KillStorm : public testing::Test {
 protected:
  void run(Aim aim, int kills_wanted) {
    Tally tally;
    for (std::uint64_t seed = fault_seed(); tally.kills() < kills_wanted; ++seed) {
      std::printf("  seed %llu\n", static_cast<unsigned long long>(seed));
      Storm storm{seed, aim};
      ASSERT_NO_FATAL_FAILURE(rage(storm, std::min(kKillsOfAMarket, kills_wanted - tally.kills())));
      if (aim == Aim::in_turn) expect_shortened(Databases{storm.market()});
      tally.add(storm);
      tally.print();
      if (HasFailure()) return;
    }
  }

 private:
  static void rage(Storm& storm, int kills) {
    while (storm.kills() < kills) {
      ASSERT_TRUE(storm.wait_for_its_moment()) << storm.market().logs();
      storm.strike();
    }
    expect_all_in_order(storm.market(), storm.load());
  }
};

TEST_F(KillStorm, nothing_is_lost_and_nothing_is_doubled) {
  run(Aim::anyone, rounds_of({12, 200, 1'000}));
}

TEST_F(KillStorm, nothing_is_lost_when_each_is_killed_in_turn_while_logs_are_shortened) {
  run(Aim::in_turn, rounds_of({5, 40, 1'000}));
}

}  // namespace
}  // namespace ticketing::test
