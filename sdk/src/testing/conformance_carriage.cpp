// Cases: what may happen to messages on their way, without an event being lost or applied twice.

#include <array>

#include "testing/conformance_cases.hpp"

namespace ticketing::testing {

namespace {

constexpr int kBursts = 25;
constexpr int kBurstMax = 8;

/// Publishes on and off, so that some of it comes alone and some of it together.
void publish_on_and_off(Stage& stage) {
  for (int i = 0; i < kBursts; ++i) {
    stage.publish(1 + static_cast<int>(stage.random.below(kBurstMax)));
    stage.pump();
  }
}

/// One that wants everything, and one that wants a part.
void stands(Stage& stage, JumbleRates rates) {
  LogFollower& all = stage.add_follower({.name = "all", .subjects = {}, .starts_after = {}});
  LogFollower& part = stage.add_follower(
      {.name = "part", .subjects = {std::string{LogOwner::kMoved}}, .starts_after = {}});
  stage.start_publisher();
  stage.jumble.set(rates);
  stage.start({&all, &part});
  publish_on_and_off(stage);
  stage.rest(all);
  publish_on_and_off(stage);
  for (LogFollower* one : {&all, &part}) {
    stage.rest(*one);
    one->verify();
  }
}

void live_events(Stage& stage) { stands(stage, {}); }

void loss(Stage& stage) {
  stands(stage, {.lose = 300});
  Stage::expect(stage.jumble.counts().lost > 0, "messages do not go through Subscription::input()");
}

void duplication(Stage& stage) {
  stands(stage, {.duplicate = 500});
  Stage::expect(stage.jumble.counts().doubled > 0,
                "messages do not go through Subscription::input()");
}

void reordering(Stage& stage) {
  stands(stage, {.reorder = 500});
  Stage::expect(stage.jumble.counts().reordered > 0,
                "messages do not go through Subscription::input()");
}

void everything_at_once(Stage& stage) {
  stands(stage, {.lose = 150, .duplicate = 150, .reorder = 300});
}

/// A short cut, with a single event in it, and one that lasts until the consumer has noticed.
/// Nothing is published once it is over: that something is missing must show all the same.
void cut(Stage& stage) {
  LogFollower& follower = stage.add_follower({.name = "all", .subjects = {}, .starts_after = {}});
  stage.start_publisher();
  stage.start(follower);
  for (const bool is_long : {false, true}) {
    publish_on_and_off(stage);
    stage.rest(follower);
    stage.set_cut(true);
    stage.publish(1);
    if (is_long) {
      publish_on_and_off(stage);
      stage.wait_until("notice of a cut", [&] { return !stage.status_of(follower).caught_up; });
    }
    stage.set_cut(false);
    stage.rest(follower);
  }
  follower.verify();
}

/// Two logs on one publisher, and one consumer's process that follows both.
void two_logs(Stage& stage) {
  LogOwner& other = stage.add_owner("others");
  LogFollower& one = stage.add_follower({.name = "one", .subjects = {}, .starts_after = {}});
  LogFollower& two =
      stage.add_follower({.name = "two", .subjects = {}, .starts_after = {}}, &other);
  for (LogOwner* owner : {&stage.owner(), &other}) stage.publish(*owner, kBursts);
  stage.start_publisher();
  stage.start({&one, &two});
  for (int i = 0; i < kBursts; ++i) {
    stage.publish(stage.random.chance(500) ? stage.owner() : other, 3);
    stage.pump();
  }
  for (LogFollower* follower : {&one, &two}) {
    stage.rest(*follower);
    follower->verify();
  }
}

constexpr std::array kCases{
    ConformanceCase{"live_events_reach_every_consumer", &live_events},
    ConformanceCase{"lost_messages_are_made_up_for", &loss},
    ConformanceCase{"doubled_messages_change_nothing", &duplication},
    ConformanceCase{"reordered_messages_are_put_in_order", &reordering},
    ConformanceCase{"loss_duplication_and_reordering_at_once", &everything_at_once},
    ConformanceCase{"a_cut_heals", &cut},
    ConformanceCase{"two_logs_keep_apart", &two_logs}};

}  // namespace

std::span<const ConformanceCase> cases_of_carriage() { return kCases; }

}  // namespace ticketing::testing
