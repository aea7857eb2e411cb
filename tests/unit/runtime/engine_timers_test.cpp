// Timers: once, at or after their time, whatever happens in between.

#include "stepped_engine.hpp"

namespace ticketing::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Names = std::vector<std::string>;

constexpr std::array<std::string_view, 1> kTables{
    "CREATE TABLE fired (number INTEGER PRIMARY KEY, id TEXT)"};

class EngineTimers : public testing::Test {
 protected:
  void set(const std::string& id, Timestamp due, const std::string& kind = "expire") {
    const Response done = engine_.send(
        request("POST", "/timers/" + kind + "/" + id, "{}", {{"X-Due", to_text(due)}}));
    ASSERT_EQ(done.status, 201);
  }
  Names run_at(Timestamp time) {
    engine_.clock.time = time;
    EXPECT_TRUE(engine_.run_due());
    return fired();
  }
  Names fired() { return engine_.rows("SELECT id FROM fired ORDER BY number"); }

  std::function<void(const std::string& id, Context&)> on_fire_ = [](const std::string&, Context&) {
  };
  SteppedEngine engine_{[this](Service& service) { define(service); }, kTables, "expiration"};

 private:
  void define(Service& service) {
    service.post("/timers/:kind/:id", Access::open, [](Context& ctx) {
      const auto due = parse_timestamp(ctx.request().header("X-Due").value());
      ctx.schedule(ctx.param("kind"), ctx.param("id"), due.value());
      return Response::json(201, "{}");
    });
    service.on_timer("expire", [this](const std::string& id, Context& ctx) {
      ctx.tx().execute("INSERT INTO fired (id) VALUES (:id)", id);
      ctx.publish(ExpirationComplete{id});
      on_fire_(id, ctx);
    });
  }
};

TEST_F(EngineTimers, a_timer_fires_once_at_its_time_and_never_before) {
  set("a", kStart + minutes{15});
  EXPECT_EQ(engine_->next_due(), kStart + minutes{15});
  EXPECT_EQ(engine_.timers_changed, 1);
  EXPECT_TRUE(run_at(kStart + minutes{15} - milliseconds{1}).empty());
  EXPECT_EQ(run_at(kStart + minutes{15}), Names{"a"});
  EXPECT_EQ(run_at(kStart + minutes{60}), Names{"a"});
  EXPECT_EQ(engine_->next_due(), std::nullopt);
  EXPECT_EQ(engine_.committed.size(), 1U);
}

TEST_F(EngineTimers, an_overdue_timer_fires_after_a_restart) {
  set("a", kStart + minutes{15});
  engine_.restart();
  EXPECT_EQ(engine_->next_due(), kStart + minutes{15});
  EXPECT_EQ(run_at(kStart + std::chrono::hours{24}), Names{"a"});
  engine_.restart();
  EXPECT_EQ(run_at(kStart + std::chrono::hours{24}), Names{"a"});
}

TEST_F(EngineTimers, the_earliest_decides_when_to_look_and_fires_first) {
  set("late", kStart + seconds{3});
  set("early", kStart + seconds{1});
  EXPECT_EQ(engine_->next_due(), kStart + seconds{1});
  EXPECT_EQ(run_at(kStart + seconds{1}), Names{"early"});
  EXPECT_EQ(engine_->next_due(), kStart + seconds{3});
  EXPECT_EQ(run_at(kStart + seconds{9}), (Names{"early", "late"}));
}

TEST_F(EngineTimers, setting_a_timer_again_replaces_it) {
  set("a", kStart + seconds{1});
  set("a", kStart + seconds{5});
  EXPECT_TRUE(run_at(kStart + seconds{1}).empty());
  EXPECT_EQ(run_at(kStart + seconds{5}), Names{"a"});
}

TEST_F(EngineTimers, what_a_timer_publishes_carries_on_what_set_it) {
  const Request sent = request("POST", "/timers/expire/a", "{}", {{"X-Due", to_text(kStart)}});
  engine_.send(sent);
  run_at(kStart);
  const Envelope fired = engine_.log().at(0);
  EXPECT_EQ(fired.correlation_id, sent.id);
  EXPECT_EQ(fired.causation_id, sent.id);
  EXPECT_TRUE(fired.traceparent);
}

TEST_F(EngineTimers, a_timer_that_fails_is_undone_put_off_and_leaves_others_alone) {
  on_fire_ = [](const std::string& id, Context&) {
    if (id == "bad") throw std::runtime_error("it failed");
  };
  set("bad", kStart);
  set("good", kStart + milliseconds{1});
  EXPECT_EQ(run_at(kStart + seconds{1}), Names{"good"});
  EXPECT_EQ(engine_.log_lines(), Names{"1 expiration:complete"});
  EXPECT_EQ(engine_.committed.size(), 1U);
  EXPECT_TRUE(engine_.logger.has("a timer failed"));
  const auto again = engine_->next_due();
  ASSERT_TRUE(again);
  EXPECT_GT(*again, kStart + seconds{1});
  on_fire_ = [](const std::string&, Context&) {};
  EXPECT_EQ(run_at(*again), (Names{"good", "bad"}));
}

TEST_F(EngineTimers, a_timer_that_fails_for_long_is_tried_ever_more_rarely_but_never_lost) {
  on_fire_ = [](const std::string&, Context&) { throw std::runtime_error("it failed"); };
  set("a", kStart);
  milliseconds pause{0};
  for (int i = 0; i < 30; ++i) {
    run_at(engine_->next_due().value());
    pause = *engine_->next_due() - engine_.clock.time;
  }
  EXPECT_GE(pause, milliseconds{7'500});
  EXPECT_LE(pause, milliseconds{12'500});
  on_fire_ = [](const std::string&, Context&) {};
  EXPECT_EQ(run_at(engine_->next_due().value()), Names{"a"});
}

TEST_F(EngineTimers, a_timer_that_throws_anything_at_all_is_put_off) {
  on_fire_ = [](const std::string& id, Context&) {
    if (id == "odd") throw 42;
  };
  set("odd", kStart);
  set("good", kStart);
  EXPECT_EQ(run_at(kStart), Names{"good"});
  EXPECT_GT(engine_->next_due().value(), kStart);
}

TEST_F(EngineTimers, a_timer_can_set_itself_anew) {
  on_fire_ = [](const std::string& id, Context& ctx) {
    ctx.schedule("expire", id, ctx.now() + seconds{10});
  };
  set("a", kStart);
  EXPECT_EQ(run_at(kStart), Names{"a"});
  EXPECT_EQ(engine_->next_due(), kStart + seconds{10});
  EXPECT_EQ(run_at(kStart + seconds{10}), (Names{"a", "a"}));
}

TEST_F(EngineTimers, a_timer_whose_handler_is_gone_waits_for_it) {
  set("a", kStart, "unknown");
  set("b", kStart);
  EXPECT_EQ(run_at(kStart), Names{"b"});
  EXPECT_TRUE(engine_.logger.has("no handler for timers of kind unknown"));
  EXPECT_TRUE(engine_->next_due());
}

TEST_F(EngineTimers, many_overdue_timers_all_fire) {
  for (int i = 0; i < 250; ++i) set("t" + std::to_string(i), kStart);
  while (engine_->next_due()) run_at(kStart + seconds{1});
  EXPECT_EQ(fired().size(), 250U);
}

TEST_F(EngineTimers, the_clock_may_jump_back_without_a_timer_firing_early_or_twice) {
  set("a", kStart + minutes{15});
  EXPECT_TRUE(run_at(kStart - std::chrono::hours{24}).empty());
  EXPECT_EQ(run_at(kStart + minutes{15}), Names{"a"});
  EXPECT_EQ(run_at(kStart), Names{"a"});
}

}  // namespace
}  // namespace ticketing::test
