// The conformance suite is tested itself: transports that make a mistake are found, and those that
// only do what a transport may do are not blamed for it.

#include <gtest/gtest.h>

#include <cstdio>
#include <ostream>

#include "bus_mistakes.hpp"
#include "conformance_transports.hpp"

namespace ticketing::test {
namespace {

struct Planted {
  std::string name;
  MakeMistake make;
  std::string found_by;  ///< One case of those that find it; empty: it is none.
};

std::vector<Planted> planted() {
  return {
      {"loses_answers_for_good", [] { return hears_by(hearing<LosesAnswers>()); },
       "a_late_joiner_gets_everything"},
      {"leaves_a_hole_in_an_answer", [] { return hears_by(hearing<LeavesHoles>()); },
       "a_late_joiner_gets_everything"},
      {"tells_heads_that_are_too_low", [] { return hears_by(hearing<TellsOldHeads>()); },
       "a_cut_heals"},
      {"says_hello_before_it_is_live_and_never_tells",
       [] { return hears_by(hearing<SaysHelloTooEarlyForGood>()); },
       "joins_while_events_are_published"},
      {"keeps_an_old_log_id",
       [] { return hears_by(hearing<KeepsOldIds>(std::make_shared<Ids::element_type>())); },
       "another_log_is_refused"},
      {"takes_no_shorter_head",
       [] { return hears_by(hearing<NeverGoesBack>(std::make_shared<std::int64_t>(0))); },
       "a_shorter_log_is_refused"},
      {"never_reconnects", &never_reconnects, "a_consumer_may_start_before_its_publisher"},
      {"goes_on_before_a_batch_is_durable", &goes_on_before_a_batch_is_durable,
       "a_batch_that_was_not_applied_comes_again"},
      {"gives_refused_batches_up", &gives_refused_batches_up,
       "a_batch_that_was_not_applied_comes_again"},
      {"offers_a_batch_twice", &offers_a_batch_twice, "live_events_reach_every_consumer"},
      {"forgets_subjects", &forgets_subjects, "live_events_reach_every_consumer"},
      {"forgets_replays", &forgets_replays, "what_a_replica_misses_is_replayed"},
      {"mixes_logs_up", &mixes_logs_up, "two_logs_keep_apart"},
      {"answers_from_an_old_snapshot", &answers_from_an_old_snapshot, "a_cut_heals"},
  };
}

std::vector<Planted> allowed() {
  return {
      {"says_everything_three_times", [] { return hears_by(hearing<Stutters>()); }, ""},
      {"never_beats", [] { return hears_by(hearing<NeverBeats>()); }, ""},
      {"says_hello_before_it_is_live", [] { return hears_by(hearing<SaysHelloTooEarly>()); }, ""},
      {"carries_no_event_live", [] { return hears_by(hearing<CarriesNothingLive>()); }, ""},
      {"answers_in_small_parts", &answers_in_small_parts, ""}};
}

void PrintTo(const Planted& one, std::ostream* out) { *out << one.name; }

testing::ConformanceReport run(const std::string& name, const Planted& one, std::uint64_t seed) {
  const auto make = [&] {
    return std::make_unique<BrokenTransport>(in_simulation(seed)(), one.make());
  };
  return testing::run_bus_case(name, make,
                               {.seed = seed, .joins = 10, .restarts = 10, .slow_events = 1'000});
}

class PlantedInABus : public ::testing::TestWithParam<Planted> {};
class AllowedInABus : public ::testing::TestWithParam<Planted> {};

TEST_P(PlantedInABus, is_found) {
  const Planted none{"none", [] { return Mistake{}; }, ""};
  const testing::ConformanceReport without = run(GetParam().found_by, none, 1);
  EXPECT_TRUE(without.passed) << testing::to_text(without);
  const testing::ConformanceReport report = run(GetParam().found_by, GetParam(), 1);
  EXPECT_FALSE(report.passed) << testing::to_text(report);
  std::printf("  %s\n", report.failure.c_str());
}

TEST_P(AllowedInABus, is_not_blamed) {
  for (const std::string& name : testing::bus_cases()) {
    const testing::ConformanceReport report = run(name, GetParam(), 1);
    EXPECT_TRUE(report.passed) << testing::to_text(report);
  }
}

const auto kName = [](const auto& test) { return test.param.name; };
INSTANTIATE_TEST_SUITE_P(, PlantedInABus, ::testing::ValuesIn(planted()), kName);
INSTANTIATE_TEST_SUITE_P(, AllowedInABus, ::testing::ValuesIn(allowed()), kName);

}  // namespace
}  // namespace ticketing::test
