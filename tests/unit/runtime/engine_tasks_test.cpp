// Tasks: timers whose work leaves the process.

#include "stepped_engine.hpp"

namespace ticketing::test {
namespace {

using std::chrono::seconds;
using Names = std::vector<std::string>;

constexpr std::array<std::string_view, 1> kTables{
    "CREATE TABLE charged (number INTEGER PRIMARY KEY, id TEXT)"};

class EngineTasks : public testing::Test {
 protected:
  void set(const std::string& id, Timestamp due) {
    engine_.send(request("POST", "/charges/" + id, "{}", {{"X-Due", to_text(due)}}));
  }
  /// Runs the oldest task that was started, to the end of its commit.
  void finish_task() {
    ASSERT_FALSE(engine_.tasks.empty()) << "no task was started";
    const auto task = std::move(engine_.tasks.front());
    engine_.tasks.pop_front();
    task();
    engine_.step();
  }
  Names charged() { return engine_.rows("SELECT id FROM charged ORDER BY number"); }

  int runs_ = 0;
  std::function<void()> on_run_ = [] {};
  std::function<void(Context&)> on_result_ = [](Context&) {};
  SteppedEngine engine_{[this](Service& service) { define(service); }, kTables, "expiration"};

 private:
  void define(Service& service) {
    service.post("/charges/:id", Access::open, [](Context& ctx) {
      const auto due = parse_timestamp(ctx.request().header("X-Due").value());
      ctx.schedule("charge", ctx.param("id"), due.value());
      return Response::json(201, "{}");
    });
    service.on_task("charge", [this](const std::string& id) -> Service::TaskResult {
      ++runs_;
      on_run_();
      return [this, id](Context& ctx) {
        ctx.tx().execute("INSERT INTO charged (id) VALUES (:id)", id);
        ctx.publish(ExpirationComplete{id});
        on_result_(ctx);
      };
    });
  }
};

TEST_F(EngineTasks, a_result_commits_with_the_end_of_its_timer) {
  set("a", kStart);
  EXPECT_TRUE(engine_.run_due());
  ASSERT_EQ(engine_.tasks.size(), 1U);
  EXPECT_EQ(runs_, 0);
  finish_task();
  EXPECT_EQ(charged(), Names{"a"});
  EXPECT_EQ(engine_.log_lines(), Names{"1 expiration:complete"});
  EXPECT_EQ(engine_.committed.size(), 1U);
  EXPECT_EQ(engine_.applied, 1);  // Whoever waits for it may run again.
  EXPECT_EQ(engine_->next_due(), std::nullopt);
  engine_.run_due();
  EXPECT_TRUE(engine_.tasks.empty());
}

TEST_F(EngineTasks, what_a_result_publishes_carries_on_what_set_the_timer) {
  const Request sent = request("POST", "/charges/a", "{}", {{"X-Due", to_text(kStart)}});
  engine_.send(sent);
  engine_.run_due();
  finish_task();
  EXPECT_EQ(engine_.log().at(0).correlation_id, sent.id);
}

TEST_F(EngineTasks, a_task_is_not_started_before_its_time) {
  set("a", kStart + seconds{1});
  engine_.run_due();
  EXPECT_TRUE(engine_.tasks.empty());
  EXPECT_EQ(engine_->next_due(), kStart + seconds{1});
}

TEST_F(EngineTasks, a_task_that_runs_is_neither_started_again_nor_due) {
  set("a", kStart);
  set("b", kStart + seconds{5});
  engine_.run_due();
  EXPECT_EQ(engine_->next_due(), kStart + seconds{5});
  engine_.run_due();
  EXPECT_EQ(engine_.tasks.size(), 1U);
  engine_.clock.time += seconds{5};
  engine_.run_due();
  EXPECT_EQ(engine_.tasks.size(), 2U);
  EXPECT_EQ(engine_->next_due(), std::nullopt);
}

TEST_F(EngineTasks, a_task_that_fails_is_tried_again_later) {
  on_run_ = [] { throw Error(ErrorCode::unavailable, "the provider is down"); };
  set("a", kStart);
  engine_.run_due();
  finish_task();
  EXPECT_TRUE(charged().empty());
  EXPECT_TRUE(engine_.logger.has("the provider is down"));
  const auto again = engine_->next_due();
  ASSERT_TRUE(again);
  EXPECT_GT(*again, kStart);
  on_run_ = [] {};
  engine_.clock.time = *again;
  engine_.run_due();
  finish_task();
  EXPECT_EQ(charged(), Names{"a"});
  EXPECT_EQ(runs_, 2);
}

TEST_F(EngineTasks, a_task_may_throw_anything_at_all) {
  on_run_ = [] { throw 42; };
  set("a", kStart);
  engine_.run_due();
  finish_task();
  EXPECT_GT(engine_->next_due().value(), kStart);
}

TEST_F(EngineTasks, a_result_that_cannot_be_committed_is_undone_and_the_task_tried_again) {
  on_result_ = [](Context&) { throw Error(ErrorCode::conflict, "not like this"); };
  set("a", kStart);
  engine_.run_due();
  finish_task();
  EXPECT_TRUE(charged().empty());
  EXPECT_TRUE(engine_.log().empty());
  on_result_ = [](Context&) {};
  engine_.clock.time = engine_->next_due().value();
  engine_.run_due();
  finish_task();
  EXPECT_EQ(charged(), Names{"a"});
}

TEST_F(EngineTasks, a_task_that_a_crash_has_cut_off_runs_again) {
  set("a", kStart);
  engine_.run_due();
  engine_.restart();
  EXPECT_EQ(engine_->next_due(), kStart);
  engine_.run_due();
  finish_task();
  EXPECT_EQ(charged(), Names{"a"});
}

TEST_F(EngineTasks, what_nobody_takes_now_is_still_due) {
  engine_.takes_tasks = false;
  set("a", kStart);
  EXPECT_FALSE(engine_.run_due());  // The driver is to pause.
  EXPECT_EQ(engine_->next_due(), kStart);
  engine_.takes_tasks = true;
  EXPECT_TRUE(engine_.run_due());
  finish_task();
  EXPECT_EQ(charged(), Names{"a"});
}

TEST_F(EngineTasks, a_timer_that_is_set_anew_while_its_task_runs_is_not_lost) {
  set("a", kStart);
  engine_.run_due();
  set("a", kStart + seconds{10});
  finish_task();
  EXPECT_EQ(engine_->next_due(), kStart + seconds{10});
  engine_.clock.time += seconds{10};
  engine_.run_due();
  finish_task();
  EXPECT_EQ(charged(), Names{"a"});
  EXPECT_EQ(engine_->next_due(), std::nullopt);
}

TEST_F(EngineTasks, a_result_may_set_the_next_timer) {
  on_result_ = [](Context& ctx) { ctx.schedule("charge", "a", ctx.now() + seconds{10}); };
  set("a", kStart);
  engine_.run_due();
  finish_task();
  EXPECT_EQ(engine_->next_due(), kStart + seconds{10});
}

}  // namespace
}  // namespace ticketing::test
