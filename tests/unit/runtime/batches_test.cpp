// What applying other services' events does: effects, replicas, events in turn, revocations.

#include "stepped_engine.hpp"
#include "support/error_of.hpp"

namespace ticketing::test {
namespace {

using Names = std::vector<std::string>;

constexpr std::array<std::string_view, 1> kTables{
    "CREATE TABLE note (number INTEGER PRIMARY KEY, name TEXT)"};
const Replica<TicketFact> kTickets{"ticket"};

TicketFact ticket(const std::string& id, std::int64_t version) {
  return {id, version, "Concert", Money::from_cents(2000), "ann", {}};
}
TicketCreated created(const std::string& id) { return {ticket(id, 0)}; }
TicketUpdated updated(const std::string& id, std::int64_t version) { return {ticket(id, version)}; }
UserUpdated signed_out(const std::string& user, std::int64_t version, Timestamp valid_from) {
  return {{user, version, user + "@example.com", valid_from}};
}

class Batches : public testing::Test {
 protected:
  void on_ticket(const TicketFact& fact, Context& ctx) {
    const auto known = kTickets.find(ctx.tx(), fact.id);
    ctx.tx().execute("INSERT INTO note (name) VALUES (:name)",
                     fact.id + std::to_string(known ? known->version : -1));
    ctx.publish(ExpirationComplete{fact.id});
    ctx.schedule("timer", fact.id, kStart);
    if (pause_) ctx.again_after(*pause_);
    if (failures_left_ > 0) {
      --failures_left_;
      throw Error(failure_, "it failed");
    }
  }
  Names notes() { return engine_.rows("SELECT name FROM note ORDER BY number"); }
  std::int64_t cursor(const std::string& log) {
    const auto stored =
        engine_.database().read([&](Transaction& tx) { return Inbox::cursor(tx, log); });
    return stored ? stored->offset : -1;
  }
  bool sees(const std::pair<std::string, std::string>& credentials) {
    return engine_.send(request("GET", "/me", "", {credentials})).status == 200;
  }

  int failures_left_ = 0;
  std::optional<milliseconds> pause_;  ///< For as long as it is set, the handler is not finished.
  ErrorCode failure_ = ErrorCode::unavailable;
  SteppedEngine engine_{[this](Service& service) { define(service); }, kTables, "expiration"};

 private:
  void define(Service& service) {
    service.on<TicketCreated>([this](const TicketCreated& e, Context& ctx) { on_ticket(e, ctx); });
    service.on<TicketUpdated>([this](const TicketUpdated& e, Context& ctx) { on_ticket(e, ctx); });
    service.replicate<TicketCreated, TicketUpdated>(kTickets);
    service.get("/me", Access::require_user, [](Context&) { return Response::json(200, "{}"); });
  }
};

TEST_F(Batches, effects_replicas_events_timers_and_cursor_commit_as_one) {
  EXPECT_TRUE(engine_.apply(batch_of("tickets", {received(created("a"), 7)})));
  EXPECT_EQ(notes(), Names{"a0"});
  EXPECT_EQ(engine_.log_lines(), Names{"1 expiration:complete"});
  EXPECT_EQ(engine_->next_due(), kStart);
  EXPECT_EQ(cursor("tickets"), 7);
  EXPECT_EQ(engine_.committed.size(), 1U);
  EXPECT_EQ(engine_.applied, 1);
  EXPECT_EQ(engine_.timers_changed, 1);
}

TEST_F(Batches, an_event_that_comes_again_changes_nothing) {
  const Batch batch = batch_of("tickets", {received(created("a"), 1), received(created("b"), 2)});
  EXPECT_TRUE(engine_.apply(batch));
  EXPECT_TRUE(engine_.apply(batch));
  engine_.restart();
  EXPECT_TRUE(engine_.apply(batch));
  EXPECT_EQ(notes(), (Names{"a0", "b0"}));
  EXPECT_EQ(engine_.log().size(), 2U);
  EXPECT_EQ(engine_.committed.size(), 2U);
}

TEST_F(Batches, a_replica_is_up_to_date_before_handlers_run) {
  engine_.apply(batch_of("tickets", {received(created("a"), 1), received(updated("a", 1), 2)}));
  EXPECT_EQ(notes(), (Names{"a0", "a1"}));
}

TEST_F(Batches, an_event_in_turn_carries_the_cause_on) {
  const ReceivedEvent cause = received(created("a"), 1, "00-cause-01");
  engine_.apply(batch_of("tickets", {cause}));
  const Envelope effect = engine_.log().at(0);
  EXPECT_EQ(effect.correlation_id, "buyer-1");
  EXPECT_EQ(effect.causation_id, "tickets-log-1");
  EXPECT_EQ(effect.traceparent, "00-cause-01");
}

TEST_F(Batches, subjects_that_nobody_wants_only_move_the_cursor) {
  EXPECT_TRUE(
      engine_.apply(batch_of("payments", {received(PaymentRefunded{"p", 1, "o", {}, "r"}, 4)})));
  EXPECT_TRUE(notes().empty());
  EXPECT_EQ(cursor("payments"), 4);
}

TEST_F(Batches, a_gap_in_versions_is_told_and_healed_by_a_replay_without_effects) {
  engine_.apply(batch_of("tickets", {received(created("a"), 1), received(updated("a", 2), 3)}));
  ASSERT_EQ(engine_.missing.size(), 1U);
  EXPECT_EQ(engine_.missing[0].first, "tickets");
  EXPECT_EQ(engine_.missing[0].second.after, 1);
  EXPECT_EQ(engine_.missing[0].second.before, 3);
  EXPECT_EQ(notes(), (Names{"a0", "a0"}));
  Batch replay = batch_of("tickets", {received(updated("a", 1), 2)});
  replay.replay = true;
  EXPECT_TRUE(engine_.apply(replay));
  EXPECT_EQ(notes().size(), 2U);
  EXPECT_EQ(cursor("tickets"), 3);
  const auto healed =
      engine_.database().read([](Transaction& tx) { return kTickets.store().version_of(tx, "a"); });
  EXPECT_EQ(healed, 2);
  EXPECT_TRUE(engine_->missing().empty());
}

TEST_F(Batches, a_gap_is_still_known_after_a_restart) {
  engine_.apply(batch_of("tickets", {received(created("a"), 1), received(updated("a", 2), 3)}));
  engine_.restart();
  const std::vector<Gap> gaps = engine_->missing();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].log, "tickets");
  EXPECT_EQ(gaps[0].after, 1);
  EXPECT_EQ(gaps[0].before, 3);
}

TEST_F(Batches, an_event_that_fails_is_tried_again_when_it_is_due) {
  failures_left_ = 2;  // Once with the whole batch, once alone.
  EXPECT_TRUE(engine_.apply(batch_of("tickets", {received(created("a"), 1)})));
  EXPECT_TRUE(notes().empty());
  EXPECT_TRUE(engine_.log().empty());
  EXPECT_TRUE(engine_.committed.empty());
  EXPECT_EQ(cursor("tickets"), 1);
  const auto due = engine_->next_due();
  ASSERT_TRUE(due);
  EXPECT_GT(*due, kStart);
  engine_.clock.time = *due - milliseconds{1};
  EXPECT_TRUE(engine_.run_due());
  EXPECT_TRUE(notes().empty());
  engine_.clock.time = *due;
  EXPECT_TRUE(engine_.run_due());
  EXPECT_EQ(notes(), Names{"a0"});
  EXPECT_EQ(engine_.committed.size(), 1U);
}

TEST_F(Batches, an_event_that_is_not_finished_leaves_nothing_and_is_tried_after_its_pause) {
  pause_ = milliseconds{250};
  EXPECT_TRUE(engine_.apply(batch_of("tickets", {received(created("a"), 1)})));
  for (int i = 1; i <= 20; ++i) {
    EXPECT_EQ(engine_->next_due(), kStart + i * *pause_);
    engine_.clock.time = kStart + i * *pause_;
    EXPECT_TRUE(engine_.run_due());
  }
  EXPECT_TRUE(notes().empty());
  EXPECT_TRUE(engine_.log().empty());
  pause_.reset();
  engine_.clock.time += milliseconds{250};
  EXPECT_TRUE(engine_.run_due());
  EXPECT_EQ(notes(), Names{"a0"});
  EXPECT_EQ(engine_.log_lines(), Names{"1 expiration:complete"});
}

TEST_F(Batches, a_gap_that_a_retry_finds_is_asked_for_in_its_log) {
  engine_.apply(batch_of("tickets", {received(created("a"), 1)}));
  failures_left_ = 2;
  engine_.apply(batch_of("tickets", {received(updated("a", 2), 3)}));
  EXPECT_TRUE(engine_.missing.empty());
  engine_.clock.time = engine_->next_due().value() + std::chrono::seconds{1};
  EXPECT_TRUE(engine_.run_due());
  ASSERT_EQ(engine_.missing.size(), 1U);
  EXPECT_EQ(engine_.missing[0].first, "tickets");
}

TEST_F(Batches, a_batch_that_finds_the_disk_full_is_to_be_delivered_again) {
  if (tests_use_postgres()) GTEST_SKIP() << "a full disk is made with what SQLite alone has";
  const auto limit_pages = [this](std::string_view pragma) {
    engine_.database().write([&](Transaction& tx) { tx.first<std::int64_t>(pragma); });
  };
  limit_pages("PRAGMA max_page_count = 1");  // Not a page more than there is.
  TicketCreated large = created("a");
  large.title = std::string(100'000, 'x');
  const Batch batch = batch_of("tickets", {received(large, 1)});
  EXPECT_FALSE(engine_.apply(batch));
  EXPECT_TRUE(engine_.logger.has("could not apply events"));
  EXPECT_FALSE(engine_->database().healthy());
  EXPECT_EQ(cursor("tickets"), -1);
  limit_pages("PRAGMA max_page_count = 1000000");
  EXPECT_TRUE(engine_.apply(batch));
  EXPECT_EQ(notes(), Names{"a0"});
}

TEST_F(Batches, a_probe_tells_when_the_database_can_commit_again) {
  if (tests_use_postgres()) GTEST_SKIP() << "a full disk is made with what SQLite alone has";
  std::optional<bool> healthy;
  const auto probe = [&] {
    engine_->probe([&](bool result) { healthy = result; });
    engine_.step();
    return healthy.value();
  };
  EXPECT_TRUE(probe());
  const auto fill = [](Transaction& tx) {
    tx.first<std::int64_t>("PRAGMA max_page_count = 1");
    tx.execute("INSERT INTO note (name) VALUES (:name)", std::string(100'000, 'x'));
  };
  EXPECT_ERROR(ErrorCode::unavailable, engine_.database().write(fill));
  EXPECT_FALSE(engine_->database().healthy());
  EXPECT_TRUE(probe());  // It needs no further page.
  EXPECT_TRUE(engine_->database().healthy());
}

using BatchesDeathTest = Batches;
const auto kStops = testing::ExitedWithCode(70);

TEST_F(BatchesDeathTest, a_handler_that_finds_a_contradiction_stops_the_process) {
  failure_ = ErrorCode::corrupt;
  failures_left_ = 2;
  const Batch batch = batch_of("tickets", {received(created("a"), 1)});
  EXPECT_EXIT(engine_.apply(batch), kStops, "it failed");
}

// It was only offered again, for ever and without a word, and timers stood still behind it.
TEST_F(BatchesDeathTest, a_retry_that_finds_a_contradiction_stops_the_process) {
  failures_left_ = 2;
  EXPECT_TRUE(engine_.apply(batch_of("tickets", {received(created("a"), 1)})));
  failure_ = ErrorCode::corrupt;
  failures_left_ = 1;
  engine_.clock.time = engine_->next_due().value();
  EXPECT_EXIT(engine_.run_due(), kStops, "it failed");
}

TEST_F(BatchesDeathTest, a_batch_of_another_log_stops_the_process) {
  engine_.apply(batch_of("tickets", {received(created("a"), 1)}));
  Batch other = batch_of("tickets", {received(created("b"), 2)});
  other.cursor.log_id = "another-log";
  EXPECT_EXIT(engine_.apply(other), kStops, "another log");
  EXPECT_EQ(notes(), Names{"a0"});
}

TEST_F(Batches, everyone_follows_users_and_from_where_they_stopped) {
  engine_.apply(batch_of("tickets", {received(created("a"), 7)}));
  const auto logs = engine_->followed_logs();
  ASSERT_EQ(logs.size(), 2U);
  EXPECT_EQ(logs[0].log, "auth");
  EXPECT_EQ(logs[0].subjects, Names{"user:updated"});
  EXPECT_FALSE(engine_->cursor("auth"));
  EXPECT_EQ(logs[1].log, "tickets");
  EXPECT_EQ(logs[1].subjects, (Names{"ticket:created", "ticket:updated"}));
  EXPECT_EQ(engine_->cursor("tickets").value().offset, 7);
  EXPECT_EQ(engine_->cursor("tickets")->log_id, "tickets-log");
}

TEST_F(Batches, a_revocation_refuses_older_tokens_also_after_a_restart) {
  const auto before = engine_.bearer("ann");
  const auto other = engine_.bearer("ben");
  EXPECT_TRUE(sees(before));
  engine_.clock.time += std::chrono::seconds{1};
  engine_.apply(batch_of("auth", {received(signed_out("ann", 1, engine_.clock.time), 1)}));
  EXPECT_FALSE(sees(before));
  EXPECT_TRUE(sees(other));
  EXPECT_TRUE(sees(engine_.bearer("ann")));
  engine_.restart();
  EXPECT_FALSE(sees(before));
  EXPECT_TRUE(sees(other));
  EXPECT_TRUE(sees(engine_.bearer("ann")));
}

TEST_F(Batches, an_older_revocation_takes_nothing_back) {
  const auto before = engine_.bearer("ann");
  engine_.clock.time += std::chrono::seconds{2};
  engine_.apply(batch_of("auth", {received(signed_out("ann", 2, kStart + milliseconds{1}), 1)}));
  engine_.apply(batch_of("auth", {received(signed_out("ann", 1, kStart - milliseconds{1}), 2)}));
  engine_.restart();
  EXPECT_FALSE(sees(before));
}

// ---- logs that begin with a snapshot ----

TEST_F(Batches, versions_may_be_missing_up_to_the_horizon) {
  Batch batch = batch_of("tickets", {received(created("a"), 1), received(updated("a", 3), 9)});
  batch.horizon = 9;
  EXPECT_TRUE(engine_.apply(batch));
  EXPECT_TRUE(engine_.missing.empty());
  EXPECT_EQ(notes(), (Names{"a0", "a3"}));
  EXPECT_TRUE(engine_.apply(batch_of("tickets", {received(updated("a", 5), 11)})));
  EXPECT_EQ(engine_.missing.size(), 1U) << "above it nothing may";
}

TEST_F(Batches, what_failed_below_the_horizon_is_taken_from_there_when_it_is_tried_again) {
  failures_left_ = 2;  // Once with the whole batch, once alone.
  Batch batch = batch_of("tickets", {received(updated("a", 3), 9)});
  batch.horizon = 9;
  EXPECT_TRUE(engine_.apply(batch));
  EXPECT_EQ(notes(), Names{});
  engine_.restart();
  engine_.clock.time += std::chrono::seconds{1};
  EXPECT_TRUE(engine_.run_due());
  EXPECT_EQ(notes(), Names{"a3"});
}

TEST_F(Batches, a_replay_that_finds_nothing_below_the_horizon_ends_the_wait_for_it) {
  engine_.apply(batch_of("tickets", {received(created("a"), 1), received(updated("a", 3), 9)}));
  const auto version = [&] {
    return engine_.database().read(
        [](Transaction& tx) { return kTickets.store().version_of(tx, "a"); });
  };
  EXPECT_EQ(version(), 0);
  Batch replay;
  replay.log = "tickets";
  replay.cursor = {"tickets-log", 9};
  replay.replay = true;
  replay.horizon = 8;
  EXPECT_TRUE(engine_.apply(replay));
  EXPECT_EQ(version(), 0);
  replay.horizon = 9;
  EXPECT_TRUE(engine_.apply(replay));
  EXPECT_EQ(version(), 3);
}

}  // namespace
}  // namespace ticketing::test
