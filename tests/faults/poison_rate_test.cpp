// While the aggregate of a poison event waits, a thousand others flow as fast as without it; and
// after a redrive every replica is as its owner has it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "rounds.hpp"
#include "stream.hpp"
#include "support/eventually.hpp"

namespace ticketing::test {
namespace {

constexpr std::int64_t kUsers = 1'001;  ///< The first of them is poisoned.
constexpr std::int64_t kAtOnce = 1'000;
constexpr std::int64_t kEvents = 15'000;  ///< In each round, of all of them in turn.
constexpr double kRatioMin = 0.5;

// Sanitizers have a pace of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr bool kMeasures = false;
#else
constexpr bool kMeasures = true;
#endif

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

class PoisonRate : public testing::Test {
 protected:
  PoisonRate() {
    source_.change(kUsers, kUsers);
    well_.start(kWell);
    sick_.start(kSick);
    EXPECT_TRUE(well_.catches_up());
    EXPECT_TRUE(eventually([&] { return sick_.set_aside("dead") == 1; }));
    stop();
  }
  void stop() {
    EXPECT_EQ(well_.stop(), 0);
    EXPECT_EQ(sick_.stop(), 0);
  }
  void publish() {
    for (std::int64_t i = 0; i < kEvents; i += kAtOnce) source_.change(kUsers, kAtOnce);
  }
  /// How many events a second it applies, from the first that it is seen to have applied.
  double rate(Sink& sink, const std::vector<std::string>& flags) const {
    const std::int64_t before = sink.applied();
    sink.start(flags);
    EXPECT_TRUE(eventually([&] { return sink.applied() > before; }));
    const std::int64_t first = sink.applied();
    const auto started = SteadyClock::now();
    EXPECT_TRUE(eventually([&] { return sink.applied() == source_.head(); }, kPatience));
    const std::chrono::duration<double> took = SteadyClock::now() - started;
    return static_cast<double>(source_.head() - first) / took.count();
  }
  std::int64_t events_of_the_poisoned() const {
    return Databases{{{"auth", source_.database()}}}.number(
        "select count(*) from auth.ticketing_log where aggregate_id ="
        " (select aggregate_id from auth.ticketing_log where log_offset = 1)");
  }
  Outcome redrive() const {
    return run_to_end({path_of_program("ticketctl"),
                       {"dlq", "redrive", "--all", "--admin", sick_.admin()},
                       {},
                       {}});
  }

  static constexpr std::chrono::seconds kPatience{60};
  const std::vector<std::string> kWell{"--hear-changes"};
  const std::vector<std::string> kSick{"--hear-changes", "--fails-at", "1"};
  Source source_;
  Sink well_{source_};
  Sink sick_{source_};
};

TEST_F(PoisonRate, a_thousand_other_aggregates_flow_at_full_speed_and_a_redrive_makes_all_equal) {
  std::vector<double> well, sick, ratios;
  for (int round = 0; round < rounds_of({3, 9, 25}); ++round) {
    publish();
    well.push_back(rate(well_, kWell));
    sick.push_back(rate(sick_, kSick));
    ratios.push_back(sick.back() / well.back());
    stop();
  }
  std::printf("  events a second: %.0f without, %.0f with an aggregate that waits; ratio %.2f\n",
              median(well), median(sick), median(ratios));
  if (kMeasures) {
    EXPECT_GE(median(ratios), kRatioMin);
  }
  // All that waits is of the one aggregate, and all of that waits.
  EXPECT_EQ(sick_.set_aside("dead"), 1);
  EXPECT_EQ(sick_.set_aside("behind"), events_of_the_poisoned() - 1);

  well_.start(kWell);
  sick_.start(kWell);
  ASSERT_TRUE(eventually([&] { return sick_.ready(); })) << sick_.process().err();
  EXPECT_EQ(redrive().status, 0);
  ASSERT_TRUE(eventually([&] { return sick_.set_aside("behind") == 0; }, kPatience));
  ASSERT_TRUE(sick_.catches_up() && well_.catches_up());
  sick_.expect_each_heard_once();
  well_.expect_all_heard_once();
  EXPECT_EQ(sick_.replicas(), well_.replicas());
  EXPECT_EQ(sick_.replicas().size(), static_cast<std::size_t>(kUsers));
}

}  // namespace
}  // namespace ticketing::test
