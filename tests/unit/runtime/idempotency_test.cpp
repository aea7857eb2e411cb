// Idempotency keys: the first answer, given again.

#include "runtime/idempotency.hpp"

#include "stepped_engine.hpp"
#include "support/error_of.hpp"

namespace ticketing::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array<std::string_view, 1> kTables{
    "CREATE TABLE note (number INTEGER PRIMARY KEY, body TEXT)"};

Response count_up(Context& ctx) {
  ctx.tx().execute("INSERT INTO note (body) VALUES (:body)", ctx.request().body);
  const auto row = ctx.tx().first<std::int64_t>("SELECT count(*) FROM note");
  return Response::json(201, std::to_string(std::get<0>(*row)));
}

class IdempotencyKeys : public testing::Test {
 protected:
  static Request keyed(const std::string& path, const std::string& body,
                       const std::string& key = "key-1") {
    return request("POST", path, body, {{"Idempotency-Key", key}});
  }
  /// True when there is nothing left to forget.
  bool prune() {
    bool is_done = false;
    engine_->prune([&](bool done) { is_done = done; });
    engine_.step();
    return is_done;
  }
  std::int64_t notes() { return engine_.database().count("SELECT count(*) FROM note"); }

  std::optional<Error> refusal_;
  SteppedEngine engine_{[this](Service& service) { define(service); }, kTables};

 private:
  void define(Service& service) {
    const auto route = [this](Context& ctx) {
      const Response answer = count_up(ctx);
      if (refusal_) throw *refusal_;
      return answer;
    };
    service.post("/count", Access::open, route);
    service.post("/count-too", Access::open, route);
    service.del("/count", Access::open, route);
    service.post("/cookie", Access::open,
                 [](Context& ctx) { return count_up(ctx).with("Set-Cookie", "session=one"); });
    service.post(
        "/session", Access::open, [this](Context& ctx) { return session(ctx); }, Repeat::run_again);
  }

  /// Counts once for each body; who comes again is let in again.
  Response session(Context& ctx) {
    if (refusal_) throw *refusal_;
    Response answer = Response::json(201, ctx.request().body);
    if (!ctx.repeated()) count_up(ctx);
    return answer.with("Set-Cookie", "session=" + std::to_string(++sessions_));
  }
  int sessions_ = 0;
};

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

TEST_F(IdempotencyKeys, a_repeated_command_gets_the_first_answer_again) {
  const Response first = engine_.send(keyed("/count", "{}"));
  const Response second = engine_.send(keyed("/count", "{}"));
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(first.body, "1");
  EXPECT_EQ(header(first, "Idempotent-Replayed"), "");
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.body, "1");
  EXPECT_EQ(header(second, "Idempotent-Replayed"), "true");
  EXPECT_EQ(notes(), 1);
}

TEST_F(IdempotencyKeys, repetitions_in_one_commit_are_told_apart_too) {
  Call first{keyed("/count", "{}"), {}};
  Call second{keyed("/count", "{}"), {}};
  engine_.begin(first);
  engine_.begin(second);
  engine_.step();
  EXPECT_EQ(first.result->response->body, "1");
  EXPECT_EQ(second.result->response->body, "1");
  EXPECT_EQ(notes(), 1);
}

TEST_F(IdempotencyKeys, the_answer_is_remembered_across_a_restart) {
  engine_.send(keyed("/count", "{}"));
  engine_.restart();
  EXPECT_EQ(engine_.send(keyed("/count", "{}")).body, "1");
  EXPECT_EQ(notes(), 1);
}

TEST_F(IdempotencyKeys, an_answer_with_a_cookie_is_not_stored) {
  EXPECT_EQ(engine_.send(keyed("/cookie", "{}")).body, "1");
  const Response again = engine_.send(keyed("/cookie", "{}"));
  EXPECT_EQ(again.body, "2");
  EXPECT_EQ(header(again, "Set-Cookie"), "session=one");
  EXPECT_EQ(engine_.database().count("SELECT count(*) FROM ticketing_idempotency"), 0);
}

TEST_F(IdempotencyKeys, what_opens_a_session_runs_again_and_opens_another) {
  const Response first = engine_.send(keyed("/session", "{}"));
  const Response again = engine_.send(keyed("/session", "{}"));
  EXPECT_EQ(header(first, "Set-Cookie"), "session=1");
  EXPECT_EQ(header(first, "Idempotent-Replayed"), "");
  EXPECT_EQ(header(again, "Set-Cookie"), "session=2");
  EXPECT_EQ(header(again, "Idempotent-Replayed"), "true");
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(notes(), 1);
}

TEST_F(IdempotencyKeys, what_runs_again_and_says_something_else_is_refused) {
  engine_.send(keyed("/session", "{}"));
  const Response other = engine_.send(keyed("/session", R"({"a":1})"));
  EXPECT_EQ(other.status, 400);
  EXPECT_NE(other.body.find("idempotency_key"), std::string::npos);
  EXPECT_EQ(header(other, "Set-Cookie"), "");
}

TEST_F(IdempotencyKeys, refusals_of_what_runs_again_are_not_remembered) {
  refusal_ = Error(ErrorCode::invalid, "Invalid credentials");
  EXPECT_EQ(engine_.send(keyed("/session", "{}")).status, 400);
  refusal_.reset();
  EXPECT_EQ(engine_.send(keyed("/session", "{}")).status, 201);
}

TEST_F(IdempotencyKeys, of_what_opens_a_session_only_status_and_body_are_stored) {
  engine_.send(keyed("/session", "{}"));
  EXPECT_EQ(engine_.database().count("SELECT count(*) FROM ticketing_idempotency"
                                     " WHERE body_hash = '' AND status = 201 AND body = '{}'"),
            1);
}

TEST_F(IdempotencyKeys, another_body_under_the_same_key_is_refused) {
  engine_.send(keyed("/count", "{}"));
  const Response refusal = engine_.send(keyed("/count", R"({"a":1})"));
  EXPECT_EQ(refusal.status, 400);
  EXPECT_NE(refusal.body.find("idempotency_key"), std::string::npos);
  EXPECT_EQ(engine_.send(keyed("/count", "{}")).body, "1");
  EXPECT_EQ(notes(), 1);
}

TEST_F(IdempotencyKeys, refusals_are_remembered) {
  refusal_ = Error(ErrorCode::refused, "Already reserved", "reserved");
  const Response first = engine_.send(keyed("/count", "{}"));
  refusal_.reset();
  const Response second = engine_.send(keyed("/count", "{}"));
  EXPECT_EQ(first.status, 400);
  EXPECT_EQ(second.status, 400);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(notes(), 0);
}

TEST_F(IdempotencyKeys, what_is_about_this_moment_is_not_remembered) {
  for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::exhausted, ErrorCode::corrupt}) {
    refusal_ = Error(code, "Not now");
    EXPECT_GE(engine_.send(keyed("/count", "{}")).status, 429);
  }
  refusal_.reset();
  EXPECT_EQ(engine_.send(keyed("/count", "{}")).body, "1");
}

TEST_F(IdempotencyKeys, a_key_belongs_to_one_user_and_one_route) {
  const auto as = [&](const std::string& user) {
    Request sent = keyed("/count", "{}");
    if (!user.empty()) sent.headers.push_back(engine_.bearer(user));
    return engine_.send(sent).body;
  };
  EXPECT_EQ(as(""), "1");
  EXPECT_EQ(as("ann"), "2");
  EXPECT_EQ(as("ben"), "3");
  EXPECT_EQ(as("ann"), "2");
  EXPECT_EQ(engine_.send(keyed("/count-too", "{}")).body, "4");
}

TEST_F(IdempotencyKeys, the_anonymous_are_told_apart_by_where_they_call_from) {
  const auto from = [&](const std::string& remote) {
    Request sent = keyed("/count", "{}");
    sent.remote = remote;
    return engine_.send(sent).body;
  };
  EXPECT_EQ(from("10.0.0.1"), "1");
  EXPECT_EQ(from("10.0.0.2"), "2");
  EXPECT_EQ(from("10.0.0.1"), "1");
}

TEST_F(IdempotencyKeys, only_posts_have_keys) {
  const auto deleting = [] {
    return request("DELETE", "/count", "", {{"Idempotency-Key", "key-1"}});
  };
  EXPECT_EQ(engine_.send(deleting()).body, "1");
  EXPECT_EQ(engine_.send(deleting()).body, "2");
}

TEST_F(IdempotencyKeys, malformed_keys_are_refused) {
  for (const std::string& key : {std::string{}, std::string(256, 'k'), std::string{"a b"},
                                 std::string{"caf\xc3\xa9"}, std::string{"a\tb"}}) {
    EXPECT_EQ(engine_.send(keyed("/count", "{}", key)).status, 400) << key;
  }
  EXPECT_EQ(engine_.send(keyed("/count", "{}", std::string(255, 'k'))).status, 201);
  EXPECT_EQ(notes(), 1);
}

TEST_F(IdempotencyKeys, many_answers_are_forgotten_some_at_a_time) {
  for (int i = 0; i < 1'200; ++i) engine_.send(keyed("/count", "{}", std::to_string(i)));
  engine_.clock.time += hours{25};
  EXPECT_FALSE(prune()) << "a commit must not wait for all of them";
  EXPECT_EQ(engine_.database().count("SELECT count(*) FROM ticketing_idempotency"), 200);
  EXPECT_TRUE(prune());
  EXPECT_EQ(engine_.database().count("SELECT count(*) FROM ticketing_idempotency"), 0);
}

TEST_F(IdempotencyKeys, answers_are_kept_for_a_day_and_then_forgotten) {
  engine_.send(keyed("/count", "{}"));
  engine_.clock.time += hours{24};
  EXPECT_TRUE(prune());
  EXPECT_EQ(engine_.send(keyed("/count", "{}")).body, "1");
  engine_.clock.time += minutes{1};
  EXPECT_TRUE(prune());
  EXPECT_EQ(engine_.send(keyed("/count", "{}")).body, "2");
}

TEST(IdempotentCalls, a_call_is_named_by_user_route_and_key_and_keeps_no_body) {
  const std::string secret(32, 's');
  const Request sent =
      request("POST", "/signup", R"({"password":"hunter2"})", {{"Idempotency-Key", "key-1"}});
  const auto call = [&](const std::string& with, Repeat repeat = Repeat::first_answer) {
    return runtime::idempotent_call(sent, "ann", with, repeat);
  };
  const auto made = call(secret);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->scope, "ann POST /signup");
  EXPECT_EQ(made->key.find("key-1"), std::string::npos);
  EXPECT_EQ(made->key, call(secret, Repeat::run_again)->key);
  EXPECT_EQ(call(secret, Repeat::run_again)->digest, "");
  EXPECT_EQ(made->digest.find("hunter2"), std::string::npos);
  EXPECT_NE(made->digest, call(std::string(32, 't'))->digest);
  EXPECT_FALSE(runtime::idempotent_call(request("POST", "/signup", "{}"), "ann", secret,
                                        Repeat::first_answer));
}

TEST(IdempotentCalls, the_first_answer_stays) {
  ScratchDatabase database{{sdk_migrations()}};
  const runtime::IdempotentCall made{"ann POST /", "key", "digest", Repeat::first_answer};
  database.write([&](Transaction& tx) {
    runtime::store_answer(tx, made, Response::json(201, "1"), kStart);
    runtime::store_answer(tx, made, Response::json(400, "2"), kStart);
    EXPECT_EQ(runtime::find_answer(tx, made)->status, 201);
    EXPECT_ERROR(ErrorCode::invalid, runtime::find_answer(tx, {made.scope, made.key, "other", {}}));
    EXPECT_FALSE(runtime::find_answer(tx, {made.scope, "other", made.digest, {}}));
  });
}

}  // namespace
}  // namespace ticketing::test
