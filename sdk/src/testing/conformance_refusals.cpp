// Cases: logs that must be refused, and events that cannot be applied.

#include <array>

#include "testing/conformance_cases.hpp"

namespace ticketing::testing {

namespace {

constexpr int kOlder = 10;
constexpr int kNewer = 30;

/// Puts another database under a log whose publisher is down.
void replace_log(Stage& stage, const std::string& by) {
  stage.stop_publisher();
  stage.owner().close();
  stage.owner().open(by);
}

/// While the publisher is down, so that all is in one place.
std::string keep_copy(Stage& stage) {
  stage.stop_publisher();
  stage.owner().close();
  std::string copy = stage.storage().copy_of(stage.owner().url());
  stage.owner().open();
  return copy;
}

/// By one who was there when the log changed, and again by one who starts afterwards.
void expect_refusal(Stage& stage, LogFollower& follower, const std::string& reason) {
  const std::int64_t applied = follower.applied();
  const std::int64_t heard = follower.heard();
  stage.start_publisher();
  stage.wait_for_refusal(follower, reason);
  stage.publish(kOlder / 2);
  stage.stop(follower);
  stage.start(follower);
  stage.wait_for_refusal(follower, reason);
  stage.pump();
  Stage::expect(follower.applied() == applied && follower.heard() == heard,
                "something of a refused log was applied");
}

/// The log grows, is changed to `changed`, is refused, and is put right.
void change_log(Stage& stage, bool to_older, int more, const std::string& reason) {
  LogFollower& follower = stage.add_follower({.name = "all", .subjects = {}, .starts_after = {}});
  stage.publish(kOlder);
  const std::string older = keep_copy(stage);
  stage.start_publisher();
  stage.start(follower);
  stage.publish(kNewer);
  stage.rest(follower);
  const std::string newer = keep_copy(stage);
  replace_log(stage, to_older ? older : stage.storage().make());
  if (more > 0) stage.publish(more);
  expect_refusal(stage, follower, reason);
  replace_log(stage, newer);
  stage.stop(follower);
  stage.start_publisher();
  stage.start(follower);
  stage.publish(kOlder);
  stage.rest(follower);
  follower.verify();
}

void shorter_log(Stage& stage) { change_log(stage, true, 0, "came back shorter"); }

/// Longer than what was applied, so that only its id tells.
void another_log(Stage& stage) { change_log(stage, false, 2 * kNewer, "is another log now"); }

/// Makes one event undecodable, live and fetched.
class Spoiler final : public SubscriptionInput {
 public:
  Spoiler(const std::int64_t& offset, SubscriptionInput& core) : offset_(offset), core_(core) {}
  void on_hello(const wire::Position& position) override { core_.on_hello(position); }
  void on_beat(const wire::Position& position) override { core_.on_beat(position); }
  void on_event(const wire::Position& position, std::string_view subject,
                std::string envelope) override {
    core_.on_event(position, subject, position.offset == offset_ ? "{" : std::move(envelope));
  }
  void on_fetched(wire::FetchAnswer answer) override {
    for (ReceivedEvent& event : answer.events) {
      if (event.offset == offset_) event.envelope = "{";
    }
    core_.on_fetched(std::move(answer));
  }

 private:
  const std::int64_t offset_;
  SubscriptionInput& core_;
};

/// It is kept with its reason, and holds up nothing but the replica of its thing; once it can be
/// read, after a restart, that is made up for.
void undecodable_event(Stage& stage) {
  const std::int64_t spoilt = 7;
  LogFollower& follower = stage.add_follower({.name = "all", .subjects = {}, .starts_after = {}});
  stage.subscription.between = [&](SubscriptionInput& core) {
    return std::make_unique<Spoiler>(spoilt, core);
  };
  stage.start_publisher();
  stage.start(follower);
  for (int i = 0; i < 20; ++i) stage.publish(5);
  stage.wait_until("the end of the log", [&] { return stage.has_applied_all(follower); });
  const std::vector<DeadLetter> letters = follower.set_aside();
  Stage::expect(letters.size() == 1 && letters[0].offset == spoilt && letters[0].state == "dead" &&
                    !letters[0].reason.empty(),
                "an undecodable event is not kept as a dead letter");
  Stage::expect(follower.skip(spoilt), "a dead letter cannot be skipped");
  stage.stop(follower);
  stage.subscription.between = {};
  stage.start(follower);
  stage.rest(follower);
  follower.verify({spoilt});
}

/// One fails at times, one for good: events of its thing wait behind it, all others go on.
void failing_handler(Stage& stage) {
  LogFollower& follower = stage.add_follower({.name = "all", .subjects = {}, .starts_after = {}});
  int failures_left = 2;
  bool is_mended = false;
  follower.handler = [&](const Envelope& event) {
    if (event.offset == 5 && failures_left-- > 0) throw Error(ErrorCode::conflict, "not now");
    if (event.offset == 9 && !is_mended) throw Error(ErrorCode::invalid, "never");
  };
  stage.start_publisher();
  stage.start(follower);
  for (int i = 0; i < 20; ++i) {
    stage.publish(5);
    stage.pump();
  }
  stage.wait_until("the end of the log", [&] { return stage.has_applied_all(follower); });
  const std::vector<DeadLetter> letters = follower.set_aside();
  Stage::expect(!letters.empty() && letters[0].offset == 9 && letters[0].state == "dead",
                "an event whose handler fails for good is not kept as a dead letter");
  for (const DeadLetter& letter : letters) {
    Stage::expect(letter.aggregate_id == letters[0].aggregate_id, "it holds up other things");
  }
  is_mended = true;
  Stage::expect(follower.redrive(9), "a dead letter cannot be redriven");
  stage.rest(follower);
  Stage::expect(follower.set_aside().empty(), "what waited behind a dead letter does not follow");
  follower.verify();
}

/// As on a full disk: the batch must come again, and nothing before it is done.
void refused_batches(Stage& stage) {
  LogFollower& follower = stage.add_follower({.name = "all", .subjects = {}, .starts_after = {}});
  int refusals_left = 3;
  follower.fate = [&] { return refusals_left-- > 0 ? BatchFate::refuse : BatchFate::apply; };
  stage.start_publisher();
  stage.start(follower);
  for (int i = 0; i < 10; ++i) {
    stage.publish(5);
    stage.pump();
  }
  stage.rest(follower);
  follower.verify();
}

/// A consumer that starts in the middle has replicas that miss what lies before.
void replay(Stage& stage) {
  const int before = 60;
  stage.publish(before);
  const std::string id = stage.owner().hosted().id;
  LogFollower& follower =
      stage.add_follower({.name = "half", .subjects = {}, .starts_after = Cursor{id, before}});
  stage.start_publisher();
  stage.start(follower);
  for (int i = 0; i < 20; ++i) {
    stage.publish(5);
    stage.pump();
  }
  stage.rest(follower);
  follower.verify();
}

constexpr std::array kCases{
    ConformanceCase{"a_shorter_log_is_refused", &shorter_log},
    ConformanceCase{"another_log_is_refused", &another_log},
    ConformanceCase{"an_undecodable_event_is_kept", &undecodable_event},
    ConformanceCase{"a_handler_that_fails_holds_up_its_own_thing_only", &failing_handler},
    ConformanceCase{"a_batch_that_was_not_applied_comes_again", &refused_batches},
    ConformanceCase{"what_a_replica_misses_is_replayed", &replay}};

}  // namespace

std::span<const ConformanceCase> cases_of_refusal() { return kCases; }

}  // namespace ticketing::testing
