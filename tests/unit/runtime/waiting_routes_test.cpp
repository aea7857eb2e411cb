// Requests that wait: for an event, for work that was started, for a slow job.

#include "stepped_engine.hpp"

namespace ticketing::test {
namespace {

using std::chrono::seconds;
using Names = std::vector<std::string>;

constexpr std::array<std::string_view, 1> kTables{
    "CREATE TABLE note (number INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE work (request TEXT PRIMARY KEY, state TEXT)"};
const Error kNotFound{ErrorCode::not_found, "Not Found"};

void note(Context& ctx, std::string_view name) {
  ctx.tx().execute("INSERT INTO note (name) VALUES (:name)", name);
}

Attempt again(std::size_t number, milliseconds waited = milliseconds{10}) {
  return {number, waited, false};
}

class WaitingRoutes : public testing::Test {
 protected:
  Names notes() { return engine_.rows("SELECT name FROM note ORDER BY number"); }

  bool arrived_ = false;
  int jobs_run_ = 0;
  std::function<std::string()> job_ = [] { return std::string{"result"}; };

  SteppedEngine engine_{[this](Service& service) { define(service); }, kTables, "expiration"};

 private:
  void define(Service& service);
};

void WaitingRoutes::define(Service& service) {
  service.post("/wait", Access::open, [this](Context& ctx) {
    note(ctx, "wait");
    ctx.publish(ExpirationComplete{"order"});
    ctx.schedule("timer", "one", kStart);
    if (!arrived_) ctx.wait_or(kNotFound);
    return Response::json(200, "{}");
  });
  service.get("/wait", Access::open, [this](Context& ctx) -> Response {
    if (!arrived_) ctx.wait_or(kNotFound);
    return Response::json(200, "{}");
  });
  service.post("/work", Access::open, [](Context& ctx) -> Response {
    const auto state =
        ctx.tx().first<std::string>("SELECT state FROM work WHERE request = :id", ctx.request().id);
    if (state && std::get<0>(*state) == "done") return Response::json(200, "{}");
    if (state) ctx.wait_or(kNotFound, seconds{10});
    ctx.tx().execute("INSERT INTO work (request, state) VALUES (:id, 'begun')", ctx.request().id);
    ctx.publish(ExpirationComplete{"order"});
    ctx.schedule("timer", "one", kStart + seconds{5});
    ctx.commit_and_wait(kNotFound, seconds{10});
  });
  service.post("/slow", Access::open, [this](Context& ctx) {
    note(ctx, "slow");
    const std::string result = ctx.offload([this] {
      ++jobs_run_;
      return job_();
    });
    return Response::json(200, '"' + result + '"');
  });
  service.post("/echo", Access::open, [](Context& ctx) {
    return Response::json(200, ctx.offload([body = ctx.request().body] { return body; }));
  });
}

TEST_F(WaitingRoutes, a_suspended_change_is_undone_and_run_again) {
  Call waiting = call("POST", "/wait");
  engine_.run(waiting);
  EXPECT_TRUE(waiting.suspended());
  EXPECT_TRUE(notes().empty());
  EXPECT_TRUE(engine_.log().empty());
  EXPECT_EQ(engine_->next_due(), std::nullopt);
  arrived_ = true;
  engine_.run(waiting, again(1));
  ASSERT_TRUE(waiting.answered());
  EXPECT_EQ(waiting.result->response->status, 200);
  EXPECT_EQ(notes(), Names{"wait"});
  EXPECT_EQ(engine_.log().size(), 1U);
  EXPECT_EQ(engine_->next_due(), kStart);
}

TEST_F(WaitingRoutes, what_never_arrives_is_refused_when_patience_is_over) {
  Call waiting = call("POST", "/wait");
  engine_.run(waiting, again(20, seconds{2}));
  ASSERT_TRUE(waiting.answered());
  EXPECT_EQ(waiting.result->response->status, 404);
  EXPECT_TRUE(notes().empty());
}

TEST_F(WaitingRoutes, a_request_that_may_not_wait_is_503_and_not_remembered) {
  Call waiting = call("POST", "/wait");
  waiting.request.headers.emplace_back("Idempotency-Key", "key-1");
  engine_.run(waiting, {0, milliseconds{0}, true});
  ASSERT_TRUE(waiting.answered());
  EXPECT_EQ(waiting.result->response->status, 503);
  arrived_ = true;
  engine_.run(waiting);
  EXPECT_EQ(waiting.result->response->status, 200);
}

TEST_F(WaitingRoutes, a_read_can_wait_too) {
  Call waiting = call("GET", "/wait");
  engine_.run(waiting);
  EXPECT_TRUE(waiting.suspended());
  arrived_ = true;
  engine_.run(waiting, again(1));
  EXPECT_TRUE(waiting.answered());
}

TEST_F(WaitingRoutes, commit_and_wait_keeps_what_was_written) {
  Call work = call("POST", "/work");
  engine_.run(work);
  EXPECT_TRUE(work.suspended());
  EXPECT_EQ(engine_.rows("SELECT state FROM work"), Names{"begun"});
  EXPECT_EQ(engine_.log_lines(), Names{"1 expiration:complete"});
  EXPECT_EQ(engine_.committed.size(), 1U);
  EXPECT_EQ(engine_->next_due(), kStart + seconds{5});
  engine_.run(work, again(1));
  EXPECT_TRUE(work.suspended());
  EXPECT_EQ(engine_.log().size(), 1U);
  engine_.database().write([](Transaction& tx) { tx.execute("UPDATE work SET state = 'done'"); });
  engine_.run(work, again(2));
  EXPECT_TRUE(work.answered());
}

TEST_F(WaitingRoutes, a_slow_job_runs_once_for_each_request) {
  Call slow = call("POST", "/slow");
  engine_.run(slow);
  EXPECT_TRUE(slow.suspended());
  engine_.run(slow, again(1));
  EXPECT_TRUE(slow.suspended());
  ASSERT_EQ(engine_.jobs.size(), 1U);
  EXPECT_TRUE(notes().empty());
  engine_.jobs[0]();
  EXPECT_EQ(engine_.applied, 1);  // Whoever waits is to be run again.
  engine_.run(slow, again(2));
  ASSERT_TRUE(slow.answered());
  EXPECT_EQ(slow.result->response->body, "\"result\"");
  EXPECT_EQ(jobs_run_, 1);
  EXPECT_EQ(notes(), Names{"slow"});
}

TEST_F(WaitingRoutes, a_result_is_used_up_with_the_answer) {
  Call slow = call("POST", "/slow");
  engine_.run(slow);
  engine_.jobs[0]();
  engine_.run(slow, again(1));
  ASSERT_TRUE(slow.answered());
  engine_.run(slow);
  EXPECT_TRUE(slow.suspended());
  EXPECT_EQ(engine_.jobs.size(), 2U);
}

TEST_F(WaitingRoutes, the_failure_of_a_slow_job_reaches_its_request) {
  job_ = []() -> std::string { throw Error(ErrorCode::exhausted, "Too many attempts"); };
  Call slow = call("POST", "/slow");
  engine_.run(slow);
  engine_.jobs[0]();
  engine_.run(slow, again(1));
  ASSERT_TRUE(slow.answered());
  EXPECT_EQ(slow.result->response->status, 429);
  engine_.run(slow);  // Nothing is left of it.
  EXPECT_TRUE(slow.suspended());
}

TEST_F(WaitingRoutes, a_job_that_nobody_takes_is_503) {
  engine_.takes_jobs = false;
  EXPECT_EQ(engine_.send(request("POST", "/slow")).status, 503);
  engine_.takes_jobs = true;
  Call slow = call("POST", "/slow");
  engine_.run(slow);
  EXPECT_EQ(engine_.jobs.size(), 1U);
}

TEST_F(WaitingRoutes, a_request_never_gets_the_result_of_another_that_took_its_id) {
  Call mine = call("POST", "/echo", "\"mine\"");
  Call theirs = call("POST", "/echo", "\"theirs\"");
  theirs.request.id = mine.request.id;  // Clients may choose theirs.
  engine_.run(theirs);
  engine_.run(mine);
  ASSERT_EQ(engine_.jobs.size(), 2U);
  for (auto& job : engine_.jobs) job();
  engine_.run(mine, again(1));
  engine_.run(theirs, again(1));
  EXPECT_EQ(mine.result->response->body, "\"mine\"");
  EXPECT_EQ(theirs.result->response->body, "\"theirs\"");
}

TEST_F(WaitingRoutes, requests_that_never_come_back_do_not_push_out_those_that_do) {
  for (int i = 0; i < 1'100; ++i) {
    Call gone = call("POST", "/slow");
    gone.request.id = "zzz-" + std::to_string(i);  // Chosen to sort behind all others.
    engine_.run(gone);
  }
  Call slow = call("POST", "/slow");
  engine_.run(slow);
  engine_.jobs.back()();
  engine_.run(slow, again(1));
  EXPECT_TRUE(slow.answered());
}

}  // namespace
}  // namespace ticketing::test
