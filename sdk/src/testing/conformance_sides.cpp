// Cases: consumers and publishers that come, go and lag.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "testing/conformance_cases.hpp"

namespace ticketing::testing {

namespace {

constexpr int kTimesSlower = 10;
constexpr int kWarmUp = 2'000;
constexpr int kPerTransaction = 50;

/// Of this process; 0 where nobody says.
std::int64_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::int64_t size = 0;
  std::int64_t resident = 0;
  if (!(statm >> size >> resident)) return 0;
  return resident * ::sysconf(_SC_PAGESIZE);
}

/// Between 1 and `most`.
int some(Stage& stage, int most) {
  return 1 + static_cast<int>(stage.random.below(static_cast<std::uint64_t>(most)));
}

void publish_in_parts(Stage& stage, int count) {
  for (int left = count; left > 0; left -= kPerTransaction) {
    stage.publish(std::min(left, kPerTransaction));
    stage.pump();
  }
}

/// The consumer may apply an event once ten times as many have been published. Its buffer is small
/// and so, in the long form, are the transport's queues, beside what is published.
void slow_consumer(Stage& stage) {
  LogFollower& slow = stage.add_follower({.name = "slow", .subjects = {}, .starts_after = {}});
  stage.subscription.batch_max = kPerTransaction;
  stage.subscription.buffer_max = 500;
  stage.subscription.fetch_timeout = std::chrono::milliseconds{2'000};
  stage.start_publisher();
  stage.start(slow);
  publish_in_parts(stage, kWarmUp);
  stage.rest(slow);
  const std::int64_t first = stage.owner().head();
  slow.may_apply = [&] {
    return (slow.applied() - first) * kTimesSlower < stage.owner().head() - first;
  };
  const bool measures = stage.options.memory_growth_bytes_max > 0;
  const std::int64_t before = measures ? resident_bytes() : 0;
  for (int left = stage.options.slow_events; left > 0; left -= kPerTransaction) {
    stage.publish(std::min(left, kPerTransaction));
    stage.pump();
    if (!measures) continue;
    const std::int64_t growth = resident_bytes() - before;
    stage.tally.memory_growth_bytes = std::max(stage.tally.memory_growth_bytes, growth);
  }
  stage.tally.lag_max = stage.owner().head() - slow.applied();
  Stage::expect(stage.tally.lag_max >= stage.options.slow_events * 8 / 10, "it was not slow");
  Stage::expect(stage.tally.memory_growth_bytes <= stage.options.memory_growth_bytes_max,
                "memory grew by " + std::to_string(stage.tally.memory_growth_bytes) + " bytes");
  slow.may_apply = {};
  stage.rest(slow);
  slow.verify();
}

/// Each time a consumer joins, some is published before, while and after it does. Now and then one
/// joins that has forgotten where it was.
void join_while_publishing(Stage& stage) {
  constexpr int kForgetsEvery = 10;
  LogFollower& follower = stage.add_follower({.name = "comer", .subjects = {}, .starts_after = {}});
  stage.start_publisher();
  for (int i = 1; i <= stage.options.joins; ++i) {
    if (stage.random.chance(500)) stage.publish(some(stage, 3));
    stage.starts_over = i % kForgetsEvery == 0;
    stage.start(follower);
    for (int burst = some(stage, 4); burst > 0; --burst) {
      if (stage.random.chance(500)) stage.pump();
      stage.publish(some(stage, 3));
    }
    stage.rest(follower);
    stage.stop(follower);
  }
  follower.verify();
}

/// More pages than one, and then it is live.
void late_joiner(Stage& stage) {
  LogFollower& early = stage.add_follower({.name = "early", .subjects = {}, .starts_after = {}});
  LogFollower& late = stage.add_follower({.name = "late", .subjects = {}, .starts_after = {}});
  LogFollower& picky = stage.add_follower(
      {.name = "picky", .subjects = {std::string{LogOwner::kMade}}, .starts_after = {}});
  stage.subscription.fetch_timeout = std::chrono::milliseconds{2'000};
  stage.start_publisher();
  stage.start(early);
  publish_in_parts(stage, 2'500);
  stage.rest(early);
  stage.start({&late, &picky});
  publish_in_parts(stage, 100);
  for (LogFollower* follower : {&early, &late, &picky}) {
    stage.rest(*follower);
    follower->verify();
  }
}

void late_publisher(Stage& stage) {
  LogFollower& follower = stage.add_follower({.name = "first", .subjects = {}, .starts_after = {}});
  stage.start_publisher();
  stage.stop_publisher();  // It has told where it will be.
  stage.start(follower);
  stage.publish(10);
  stage.start_publisher();
  publish_in_parts(stage, 10);
  stage.rest(follower);
  follower.verify();
}

/// Starts what is down; counts.
void start_again(Stage& stage, LogFollower& follower, bool publisher_too) {
  if (publisher_too) {
    stage.stop_publisher();
    // It died between a commit and its announcement, or had nothing to announce.
    if (stage.random.chance(500)) stage.publish(some(stage, 5));
    stage.start_publisher();
    ++stage.tally.restarts;
  }
  if (stage.is_up(follower)) return;
  stage.start(follower);
  ++stage.tally.restarts;
}

/// Lets the consumer die with the `batches`-th batch from now, before or after its commit.
void let_die(Stage& stage, LogFollower& follower, int batches) {
  const BatchFate death =
      stage.random.chance(500) ? BatchFate::die_before_commit : BatchFate::die_after_commit;
  follower.fate = [left = batches, death]() mutable {
    return --left == 0 ? death : BatchFate::apply;
  };
}

/// Either side, or both, at any point; half of the time the network is bad as well.
void restarts(Stage& stage) {
  LogFollower& follower =
      stage.add_follower({.name = "mortal", .subjects = {}, .starts_after = {}});
  stage.start_publisher();
  stage.start(follower);
  while (stage.tally.restarts < stage.options.restarts) {
    const bool is_bad = stage.random.chance(500);
    stage.jumble.set(is_bad ? JumbleRates{100, 100, 100} : JumbleRates{});
    const bool publisher_dies = stage.random.chance(500);
    const bool consumer_dies = !publisher_dies || stage.random.chance(300);
    if (consumer_dies) let_die(stage, follower, some(stage, 3));
    for (int burst = some(stage, 5); burst > 0; --burst) {
      stage.publish(some(stage, 10));
      stage.pump();
    }
    if (consumer_dies && stage.random.chance(700)) {
      stage.wait_until("a batch",
                       [&] { return !stage.is_up(follower) || stage.has_applied_all(follower); });
    }
    if (consumer_dies) stage.stop(follower);  // Idle, should it not have died yet.
    follower.fate = {};
    start_again(stage, follower, publisher_dies);
  }
  stage.jumble.set({});
  stage.rest(follower);
  follower.verify();
}

constexpr std::array kCases{
    ConformanceCase{"a_slow_consumer_costs_no_memory_and_misses_nothing", &slow_consumer},
    ConformanceCase{"joins_while_events_are_published", &join_while_publishing},
    ConformanceCase{"a_late_joiner_gets_everything", &late_joiner},
    ConformanceCase{"a_consumer_may_start_before_its_publisher", &late_publisher},
    ConformanceCase{"restarts_of_either_side_at_any_point", &restarts}};

}  // namespace

std::span<const ConformanceCase> cases_of_sides() { return kCases; }

}  // namespace ticketing::testing
