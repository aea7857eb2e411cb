#include "fake_world.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace ticketing::test {

using namespace std::chrono_literals;

namespace {

const std::array<std::string, 4> kSubjects{"a", "b", "c", "d"};

FakeWorld::Choose choices_of(std::uint64_t seed) {
  std::minstd_rand random{static_cast<std::minstd_rand::result_type>(seed)};
  random.discard(3);  // Neighbouring seeds start alike.
  return [random]() mutable { return static_cast<std::uint32_t>(random()); };
}

}  // namespace

FakeWorld::FakeWorld(std::uint64_t seed) : FakeWorld(choices_of(seed)) {}

FakeWorld::FakeWorld(Choose choose) : choose_(std::move(choose)) {
  for (std::int64_t i = below(4); i > 0; --i) wanted_.push_back(subject_below(3));
  for (std::int64_t i = below(20); i > 0; --i) log_.push_back(subject_below(4));
  relayed_ = size();
  relay_ = Relay{"tickets", "log-1", size(), "-"};
  core_ = std::make_unique<Subscription>(options(), stored_);
}

SubscriptionOptions FakeWorld::options() {
  SubscriptionOptions options;
  options.log = "tickets";
  options.subjects = wanted_;
  options.batch_max = 1 + static_cast<std::size_t>(below(6));
  options.buffer_max = 1 + static_cast<std::size_t>(below(10));
  return options;
}

const std::string& FakeWorld::subject_below(std::int64_t bound) {
  return kSubjects[static_cast<std::size_t>(below(bound))];
}

bool FakeWorld::is_wanted(std::int64_t offset) const {
  if (wanted_.empty()) return true;
  return std::find(wanted_.begin(), wanted_.end(), log_[static_cast<std::size_t>(offset) - 1]) !=
         wanted_.end();
}

// ---- the publisher ----

void FakeWorld::publish() {
  for (std::int64_t i = 1 + below(3); i > 0; --i) log_.push_back(subject_below(4));
  if (chance(80)) relay();  // Durable first, live a little later.
}

void FakeWorld::relay() {
  std::vector<LogEntry> entries;
  for (; relayed_ < size(); ++relayed_) {
    entries.push_back(
        {relayed_ + 1, log_[static_cast<std::size_t>(relayed_)], std::to_string(relayed_ + 1)});
  }
  for (wire::Frames& message : relay_.committed(std::move(entries))) {
    stream_.push_back(message);
    send(std::move(message));
  }
}

/// As a broker does with what was not acknowledged: late, and whoever listens.
void FakeWorld::deliver_again() {
  if (stream_.empty()) return;
  const auto count = static_cast<std::int64_t>(stream_.size());
  const std::int64_t first = below(count);
  const std::int64_t end = std::min(count, first + 1 + below(6));
  for (std::int64_t i = first; i < end; ++i) {
    live_.push_back(stream_[static_cast<std::size_t>(i)]);
  }
}

void FakeWorld::beat() { send_positions(std::string{wire::kBeatTopic}); }

void FakeWorld::answer_join() {
  if (!join_under_way_) return;
  join_under_way_ = false;
  if (faults_ && chance(20)) return;
  subscribed_ = true;
  send_positions("~join/1");
}

void FakeWorld::send_positions(std::string topic) {
  send({std::move(topic), wire::encode(relay_.position())});
}

void FakeWorld::send(wire::Frames message) {
  if (!subscribed_ || (faults_ && chance(10))) return;
  if (faults_ && chance(5)) live_.push_back(message);
  live_.push_back(std::move(message));
}

void FakeWorld::lose_connection(bool notices) {
  subscribed_ = false;
  live_.clear();
  join_under_way_ = notices;  // Then the library subscribes anew by itself.
}

void FakeWorld::restart_publisher() {
  relayed_ = size();  // What was not sent yet never will be.
  relay_ = Relay{"tickets", "log-1", size(), "-"};
  requests_.clear();
  lose_connection(true);
}

// ---- the consumer ----

void FakeWorld::restart_consumer() {
  with_consumer_.reset();
  owed_replays_.clear();
  requests_.clear();
  answers_.clear();
  lose_connection(false);
  core_ = std::make_unique<Subscription>(options(), stored_);
  touched_ = true;
}

void FakeWorld::ask_for_replay() {
  const std::int64_t before = stored_ ? stored_->offset : 0;
  if (before < 2) return;
  const Gap gap{below(before), 1 + below(before)};
  core_->request_replay(gap);
  touched_ = true;
  for (std::int64_t offset = gap.after + 1; offset < gap.before; ++offset) {
    if (is_wanted(offset)) owed_replays_.insert(offset);
  }
}

void FakeWorld::receive_live() {
  for (std::int64_t i = 1 + below(4); i > 0 && !live_.empty(); --i) {
    const wire::Frames message = std::move(live_.front());
    live_.pop_front();
    const wire::Position position = wire::decode_position(message[1]);
    touched_ = true;
    if (message[0] == wire::kBeatTopic) {
      core_->on_beat(position);
    } else if (message[0].front() == '~') {
      core_->on_hello(position);
    } else {
      core_->on_event(position, message[0], message[2]);
    }
  }
}

void FakeWorld::serve_fetch() {
  if (requests_.empty()) return;
  const wire::FetchRequest request = wire::decode_fetch_request(requests_.front());
  requests_.pop_front();
  if (faults_ && chance(10)) return;
  wire::FetchAnswer answer{request.number, request.log, "log-1", request.query.after,
                           size(),         {},          {}};
  if (faults_ && chance(5)) answer.error = "unavailable";
  const std::int64_t rows_max = 1 + below(8);
  const std::int64_t end = std::min(request.query.until, size());
  while (answer.covered_to < std::min(end, request.query.after + rows_max)) {
    const std::int64_t offset = ++answer.covered_to;
    if (is_wanted(offset)) answer.events.push_back({offset, std::to_string(offset)});
  }
  answers_.push_back(wire::encode(std::move(answer)));
}

void FakeWorld::receive_answer() {
  if (answers_.empty()) return;
  const auto any = answers_.begin() + below(static_cast<std::int64_t>(answers_.size()));
  core_->on_fetched(wire::decode_fetch_answer(*any));
  touched_ = true;
  if (!faults_ || chance(80)) answers_.erase(any);  // Or it comes twice.
}

void FakeWorld::consume() {
  if (!with_consumer_) return;
  const auto batch = std::exchange(with_consumer_, nullptr);
  const bool fails = faults_ && chance(25);
  if (!fails) commit(*batch);
  if (faults_ && chance(5)) return restart_consumer();  // Before it could say so.
  fails ? core_->on_apply_failed(now_, std::chrono::milliseconds{below(500)}) : core_->on_applied();
  touched_ = true;
}

void FakeWorld::commit(const Batch& batch) {
  std::vector<std::int64_t> offsets;
  for (const ReceivedEvent& event : batch.events) {
    EXPECT_EQ(event.envelope, std::to_string(event.offset));
    offsets.push_back(event.offset);
  }
  if (batch.replay) {
    for (const std::int64_t offset : offsets) owed_replays_.erase(offset);
    return;
  }
  const std::int64_t before = stored_ ? stored_->offset : 0;
  std::vector<std::int64_t> expected;
  for (std::int64_t offset = before + 1; offset <= batch.cursor.offset; ++offset) {
    if (is_wanted(offset)) expected.push_back(offset);
  }
  ASSERT_EQ(offsets, expected) << "behind cursor " << before;
  EXPECT_LE(offsets.size(), 4 * core_->options().batch_max);
  stored_ = batch.cursor;
  applied_.insert(applied_.end(), offsets.begin(), offsets.end());
}

// ---- the driver ----

void FakeWorld::drive() {
  if (!touched_ && now_ < core_->next_deadline()) return;
  touched_ = false;
  carry_out(core_->step(now_));
}

void FakeWorld::carry_out(Subscription::Actions actions) {
  if (actions.join) join_under_way_ = true;
  if (actions.fetch) requests_.push_back(wire::encode(*actions.fetch));
  if (!actions.deliver) return;
  ASSERT_FALSE(with_consumer_) << "two batches at a time";
  with_consumer_ = std::move(actions.deliver);
}

void FakeWorld::step_with_faults() {
  const std::int64_t what = below(100);
  if (what < 20)
    publish();
  else if (what < 23)
    relay();
  else if (what < 26)
    deliver_again();
  else if (what < 30)
    beat();
  else if (what < 40)
    answer_join();
  else if (what < 60)
    receive_live();
  else if (what < 70)
    serve_fetch();
  else if (what < 80)
    receive_answer();
  else if (what < 90)
    consume();
  else if (what < 92)
    lose_connection(chance(50));
  else if (what < 93)
    restart_publisher();
  else if (what < 94)
    restart_consumer();
  else if (what < 97)
    ask_for_replay();
  else
    now_ += std::chrono::milliseconds{below(4'000)};
  now_ += std::chrono::milliseconds{below(50)};
  drive();
}

void FakeWorld::come_to_rest() {
  constexpr int kTurnsMax = 2'000;
  faults_ = false;
  for (int turn = 0; turn < kTurnsMax; ++turn) {
    if (turn % 8 == 0) beat();
    relay();
    answer_join();
    receive_live();
    serve_fetch();
    receive_answer();
    consume();
    now_ += 30ms;
    drive();
    // Caught up with what it has heard of is not enough: the news may still be on its way.
    const bool knows_all = core_->caught_up() && core_->applied() == size();
    if (knows_all && owed_replays_.empty() && live_.empty()) return;
  }
}

void FakeWorld::check_rest() const {
  std::vector<std::int64_t> expected;
  for (std::int64_t offset = 1; offset <= size(); ++offset) {
    if (is_wanted(offset)) expected.push_back(offset);
  }
  EXPECT_EQ(applied_, expected);
  EXPECT_FALSE(core_->refusal().has_value()) << *core_->refusal();
  EXPECT_TRUE(core_->caught_up());
  EXPECT_EQ(core_->lag(), 0);
  EXPECT_EQ(core_->applied(), size());
  EXPECT_TRUE(owed_replays_.empty()) << owed_replays_.size() << " offsets were not replayed";
}

}  // namespace ticketing::test
