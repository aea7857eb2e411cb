// How an engine serves requests: answers, refusals, and the events that a change leaves behind.

#include <algorithm>

#include "stepped_engine.hpp"

namespace ticketing::test {
namespace {

struct NewItem {
  std::string name;
  static constexpr std::array kFields{
      field<&NewItem::name>("name", Rule::text(1, 20).says("Name is required"))};
};

constexpr std::array<std::string_view, 1> kTables{"CREATE TABLE item (name TEXT PRIMARY KEY)"};
constexpr std::string_view kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

Response add_item(const NewItem& body, Context& ctx) {
  if (body.name == "odd") throw 42;
  if (body.name == "bug") throw std::runtime_error("secret detail");
  ctx.tx().execute("INSERT INTO item (name) VALUES (:name)", body.name);
  ctx.publish(TicketCreated{{body.name,
                             0,
                             body.name,
                             Money::from_cents(100),
                             ctx.caller() ? ctx.user().user_id : "nobody",
                             {}}});
  if (body.name == "sold") throw Error(ErrorCode::refused, "It is sold", "sold");
  if (body.name == "broken") throw Error(ErrorCode::corrupt, "secret detail");
  return Response::json(201, R"({"name":")" + body.name + R"("})");
}

Response show_item(Context& ctx) {
  if (!ctx.tx().first<std::string>("SELECT name FROM item WHERE name = :name", ctx.param("name"))) {
    throw Error(ErrorCode::not_found, "Not Found");
  }
  return Response::json(200, R"({"name":")" + ctx.param("name") + R"("})");
}

/// What belongs into the log of another service.
Response publish_for_another(Context& ctx) {
  ctx.publish(ExpirationComplete{"order"});
  return Response::json(201, "{}");
}

/// What only a route that writes may do.
Response publish_while_reading(Context& ctx) {
  ctx.publish(TicketCreated{{"one", 0, "one", Money::from_cents(100), "nobody", {}}});
  return Response::json(200, "{}");
}

void define(Service& service) {
  service.get("/whoami", Access::open,
              [](Context& ctx) { return Response::json(200, ctx.user().user_id); });
  service.post("/for-another", Access::open, &publish_for_another);
  service.get("/publishing", Access::open, &publish_while_reading);
  service.post<NewItem>("/items", Access::open, &add_item);
  service.post<NewItem>("/own-items", Access::require_user, &add_item);
  service.get("/items/:name", Access::open, &show_item);
}

class Routes : public testing::Test {
 protected:
  Request adding(const std::string& name, Headers headers = {}) {
    return request("POST", "/items", R"({"name":")" + name + R"("})", std::move(headers));
  }
  std::vector<std::string> items() { return engine_.rows("SELECT name FROM item ORDER BY name"); }

  SteppedEngine engine_{&define, kTables};
};

TEST_F(Routes, an_open_route_that_wants_a_user_after_all_refuses_strangers) {
  EXPECT_EQ(engine_.send(request("GET", "/whoami")).status, 401);
  Headers headers{engine_.bearer("ann")};
  EXPECT_EQ(engine_.send(request("GET", "/whoami", {}, headers)).body, "ann");
}

TEST_F(Routes, an_event_of_another_service_is_not_published_but_told_of) {
  EXPECT_EQ(engine_.send(request("POST", "/for-another")).status, 500);
  EXPECT_TRUE(engine_.log().empty());
  EXPECT_EQ(engine_.logger.count("has the kPublisher"), 1U) << engine_.logger.text();
}

TEST_F(Routes, a_route_that_reads_publishes_nothing_and_is_named) {
  EXPECT_EQ(engine_.send(request("GET", "/publishing")).status, 500);
  EXPECT_TRUE(engine_.log().empty());
  EXPECT_EQ(engine_.logger.count("GET /publishing"), 1U) << engine_.logger.text();
}

TEST_F(Routes, a_change_is_answered_only_after_the_commit) {
  Call adding_one{adding("one"), {}};
  engine_.begin(adding_one);
  EXPECT_FALSE(adding_one.result);
  EXPECT_TRUE(engine_.committed.empty());
  engine_.step();
  ASSERT_TRUE(adding_one.answered());
  EXPECT_EQ(adding_one.result->response->status, 201);
  EXPECT_EQ(items(), std::vector<std::string>{"one"});
  ASSERT_EQ(engine_.committed.size(), 1U);
  EXPECT_EQ(engine_.committed[0].offset, 1);
  EXPECT_EQ(engine_.committed[0].subject, "ticket:created");
}

TEST_F(Routes, events_of_one_commit_are_handed_over_in_the_logs_order) {
  Call first{adding("one"), {}};
  Call second{adding("two"), {}};
  engine_.begin(first);
  engine_.begin(second);
  engine_.step();
  ASSERT_EQ(engine_.committed.size(), 2U);
  EXPECT_EQ(engine_.committed[0].offset, 1);
  EXPECT_EQ(engine_.committed[1].offset, 2);
}

TEST_F(Routes, an_event_says_what_caused_it) {
  const Request sent = adding("one", {{"traceparent", std::string{kTrace}}});
  engine_.send(sent);
  const auto log = engine_.log();
  ASSERT_EQ(log.size(), 1U);
  EXPECT_EQ(log[0].correlation_id, sent.id);
  EXPECT_EQ(log[0].causation_id, sent.id);
  EXPECT_EQ(log[0].traceparent, kTrace);
  EXPECT_EQ(log[0].time, kStart);
  EXPECT_EQ(log[0].source, "/ticketing/tickets");
  EXPECT_EQ(log[0].log_id, engine_->log().id());
}

bool is_traceparent(const std::string& text) {
  if (text.size() != kTrace.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = kTrace[i] == '-';
    if (dash != (text[i] == '-')) return false;
    if (!dash && std::string_view{"0123456789abcdef"}.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

TEST_F(Routes, a_trace_starts_here_when_the_caller_brings_none) {
  engine_.send(adding("one"));
  EXPECT_TRUE(is_traceparent(engine_.log().at(0).traceparent.value()));
}

TEST_F(Routes, a_malformed_trace_never_reaches_the_log) {
  const std::vector<std::string> malformed{
      std::string(55, '\xff'),
      std::string(55, '0'),
      "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
      "00-00000000000000000000000000000000-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
      "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
  for (std::size_t i = 0; i < malformed.size(); ++i) {
    engine_.send(adding("item" + std::to_string(i), {{"traceparent", malformed[i]}}));
    const std::string kept = engine_.log().back().traceparent.value();  // Can be decoded at all.
    EXPECT_NE(kept, malformed[i]);
    EXPECT_TRUE(is_traceparent(kept)) << kept;
  }
}

TEST_F(Routes, a_refusal_leaves_nothing_behind) {
  const Response refusal = engine_.send(adding("sold"));
  EXPECT_EQ(refusal.status, 400);
  EXPECT_EQ(refusal.body, R"({"errors":[{"message":"It is sold","code":"sold"}]})");
  EXPECT_TRUE(items().empty());
  EXPECT_TRUE(engine_.log().empty());
  EXPECT_TRUE(engine_.committed.empty());
}

TEST_F(Routes, a_failure_takes_down_only_its_own_request) {
  std::array calls{Call{adding("one"), {}}, Call{adding("sold"), {}}, Call{adding("two"), {}}};
  for (Call& one : calls) engine_.begin(one);
  engine_.step();
  EXPECT_EQ(calls[0].result->response->status, 201);
  EXPECT_EQ(calls[1].result->response->status, 400);
  EXPECT_EQ(calls[2].result->response->status, 201);
  EXPECT_EQ(items(), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(engine_.log_lines(),
            (std::vector<std::string>{"1 ticket:created", "2 ticket:created"}));
}

TEST_F(Routes, a_body_is_validated_before_any_transaction) {
  const auto commits = engine_->database().commits();
  Call bad = call("POST", "/items", R"({"name":""})");
  engine_.begin(bad);
  ASSERT_TRUE(bad.answered());
  EXPECT_EQ(bad.result->response->status, 400);
  EXPECT_NE(bad.result->response->body.find(R"("message":"Name is required","field":"name")"),
            std::string::npos);
  EXPECT_EQ(engine_->database().commits(), commits);
}

TEST_F(Routes, a_body_of_another_type_is_415) {
  Request plain = request("POST", "/items");
  plain.body = R"({"name":"one"})";
  EXPECT_EQ(engine_.send(plain).status, 415);
  plain.headers = {{"Content-Type", "text/plain"}};
  EXPECT_EQ(engine_.send(plain).status, 415);
  plain.headers = {{"content-type", "Application/JSON ; charset=utf-8"}};
  EXPECT_EQ(engine_.send(plain).status, 201);
}

TEST_F(Routes, a_route_for_users_wants_credentials_before_it_looks_at_the_body) {
  EXPECT_EQ(engine_.send(request("POST", "/own-items", "not json")).status, 401);
  const Response refusal =
      engine_.send(request("POST", "/own-items", "{}", {{"Authorization", "Bearer broken"}}));
  EXPECT_EQ(refusal.status, 401);
  EXPECT_NE(refusal.body.find("Not authorized"), std::string::npos);
  const Response done =
      engine_.send(request("POST", "/own-items", R"({"name":"mine"})", {engine_.bearer("ann")}));
  EXPECT_EQ(done.status, 201);
  EXPECT_NE(engine_.log().at(0).data.text.find(R"("userId":"ann")"), std::string::npos);
}

TEST_F(Routes, broken_credentials_are_anonymous_on_an_open_route) {
  EXPECT_EQ(engine_.send(adding("one", {{"Authorization", "Bearer broken"}})).status, 201);
}

TEST_F(Routes, a_read_is_answered_at_once_and_commits_nothing) {
  engine_.send(adding("one"));
  const auto commits = engine_->database().commits();
  Call show = call("GET", "/items/one");
  engine_.begin(show);
  ASSERT_TRUE(show.answered());
  EXPECT_EQ(show.result->response->body, R"({"name":"one"})");
  Call missing = call("GET", "/items/none");
  engine_.begin(missing);
  EXPECT_EQ(missing.result->response->status, 404);
  EXPECT_EQ(engine_->database().commits(), commits);
}

TEST_F(Routes, a_failure_inside_tells_the_client_nothing_and_the_log_everything) {
  for (const std::string name : {"bug", "broken", "odd"}) {
    const Request sent = adding(name);
    const Response answer = engine_.send(sent);
    EXPECT_EQ(answer.status, 500) << name;
    EXPECT_EQ(answer.body.find("secret"), std::string::npos);
    EXPECT_TRUE(engine_.logger.has("correlation_id=" + sent.id)) << engine_.logger.text();
  }
  EXPECT_EQ(engine_.logger.count("secret detail"), 2U);
}

TEST(RoutesUnderLoad, what_the_queue_does_not_take_is_503) {
  DatabaseOptions options;
  options.queue_max = 1;
  SteppedEngine engine{&define, kTables, "tickets", options};
  Call first = call("POST", "/items", R"({"name":"one"})");
  Call second = call("POST", "/items", R"({"name":"two"})");
  engine.begin(first);
  engine.begin(second);
  ASSERT_TRUE(second.answered());
  EXPECT_EQ(second.result->response->status, 503);
  engine.step();
  EXPECT_EQ(first.result->response->status, 201);
}

}  // namespace
}  // namespace ticketing::test
