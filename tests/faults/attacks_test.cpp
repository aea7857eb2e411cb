// Hostile clients of a real ticketd: each sees a clear answer or a closed connection, the process's
// memory stays where it is, and a good client beside them is served as if nothing were.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdio>

#include "attacks.hpp"
#include "rounds.hpp"
#include "support/marketplace.hpp"
#include "support/visitor.hpp"

namespace ticketing::test {
namespace {

constexpr std::chrono::milliseconds kP99Max{250};
constexpr long kGrowthMaxKib = 32 << 10;
constexpr long kHashesKib = 2 * (19 << 10);  ///< Two passwords are hashed at once, at most.
constexpr int kTickets = 1'000;              ///< A page of the largest size.
constexpr int kCalm = 500;                   ///< Answers before the first attack, for comparison.

void raise_descriptor_limit() {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_GT(limit.rlim_cur, 4'096U);
}

class Attacks : public testing::Test {
 protected:
  Attacks() {
    raise_descriptor_limit();
    user_.sign_up();
    for (int i = 0; i < kTickets; ++i) user_.sell(std::string(200, 't'));
    warm_up(port_);
    forget_peak(process_.pid());
    calm_ = beside([](const GoodClient& good) {
      good.wait_for(kCalm);
      return std::string{};
    });
    before_kib_ = peak_kib(process_.pid());
    std::printf(
        "| attack | the attacker sees | good client's p99 | peak of memory |\n|---|---|---|---|\n");
    std::printf("| none | | %lld ms | %ld MiB |\n", static_cast<long long>(calm_.p99.count()),
                before_kib_ >> 10);
  }

  template <class F>
  Service beside(F attack) {
    GoodClient good{port_, user_.token};
    outcome_ = attack(good);
    return good.stop();
  }

  void survive(const Attack& attack) {
    forget_peak(process_.pid());
    const Service served = beside([&](const GoodClient& good) {
      return attack.run({port_, user_.token, good});
    });
    const long growth = peak_kib(process_.pid()) - before_kib_;
    std::printf("| %s | %s | %lld ms | %+.1f MiB |\n", attack.name.c_str(), outcome_.c_str(),
                static_cast<long long>(served.p99.count()), static_cast<double>(growth) / 1024);
    EXPECT_EQ(outcome_, attack.outcome) << attack.name;
    EXPECT_EQ(served.failures, 0U) << attack.name;
    EXPECT_LT(served.p99, kP99Max) << attack.name;
    EXPECT_LT(growth, kGrowthMaxKib + (attack.hashes ? kHashesKib : 0)) << attack.name;
    EXPECT_TRUE(process_.running()) << attack.name;
  }

  Marketplace market_;
  Process& process_{market_.process_of("auth")};
  const std::string origin_{market_.origin_of("/api/tickets")};
  const std::uint16_t port_{
      static_cast<std::uint16_t>(std::stoi(origin_.substr(origin_.rfind(':') + 1)))};
  Visitor user_{market_};
  Service calm_;
  std::string outcome_;
  long before_kib_ = 0;
};

TEST_F(Attacks, leave_good_clients_and_memory_alone) {
  const int rounds = rounds_of({1, 3, 15});
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    for (const Attack& attack : attacks()) {
      if (!attack.slow || rounds > 1) survive(attack);
    }
  }
}

}  // namespace
}  // namespace ticketing::test
