#include "ticketing/client/client.hpp"

#include <gtest/gtest.h>

#include "ticketing/core/json.hpp"
#include "unit/client/scripted_server.hpp"

namespace ticketing {
namespace {

using testing::ScriptedServer;

constexpr const char* kTicket =
    R"({"id":"t1","title":"Concert","price":19.99,"userId":"u1","version":3})";
constexpr const char* kOrder =
    R"({"id":"o1","userId":"u1","status":"awaiting:payment","version":1,)"
    R"("expiresAt":"2026-01-31T09:05:00.123Z",)"
    R"("ticket":{"id":"t1","title":"Concert","price":20,"version":0}})";

ScriptedServer::Script always(Response response) {
  return [response](const Request&) { return response; };
}

/// A 503 with exactly this Retry-After.
Response busy(const char* retry_after) {
  return Response::json(503, R"({"errors":[{"message":"Busy"}]})").with("Retry-After", retry_after);
}

/// Runs `call` and returns the code of the Error that it throws.
template <class F>
ErrorCode code_thrown_by(F call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::corrupt;
}

ClientOptions options_for(const std::string& origin, std::vector<milliseconds>* waits = nullptr) {
  ClientOptions options;
  options.server = origin;
  options.wait = [waits](milliseconds time) {
    if (waits != nullptr) waits->push_back(time);
  };
  return options;
}

TEST(Client, a_session_comes_from_the_cookie_and_goes_as_bearer) {
  ScriptedServer server{[](const Request& request) {
    if (request.path == "/api/users/signin") {
      return Response::json(200, R"({"id":"u1","email":"a@b.c"})")
          .with("Set-Cookie", "session=abc.def; Path=/; HttpOnly");
    }
    return Response::json(200, R"({"currentUser":{"id":"u1","email":"a@b.c","iat":17}})");
  }};
  Client client{options_for(server.origin())};
  EXPECT_EQ(client.sign_in("a@b.c", "secret-1").id, "u1");
  EXPECT_EQ(server.last_request().body, R"({"email":"a@b.c","password":"secret-1"})");
  EXPECT_FALSE(server.last_request().header("authorization"));
  EXPECT_EQ(client.token(), "abc.def");

  EXPECT_EQ(client.current_user()->issued_at, 17);
  EXPECT_EQ(server.last_request().header("Authorization"), "Bearer abc.def");
}

TEST(Client, an_answer_without_a_session_is_no_sign_in) {
  ScriptedServer server{always(Response::json(200, R"({"id":"u1","email":"a@b.c"})"))};
  Client client{options_for(server.origin())};
  EXPECT_EQ(code_thrown_by([&] { client.sign_in("a@b.c", "secret-1"); }), ErrorCode::corrupt);
}

TEST(Client, nobody_is_signed_in_without_a_user) {
  ScriptedServer server{always(Response::json(200, R"({"currentUser":null})"))};
  EXPECT_FALSE(Client{options_for(server.origin())}.current_user());
}

TEST(Client, signing_out_forgets_the_token) {
  ScriptedServer server{always(Response::json(200, "{}"))};
  Client client{options_for(server.origin())};
  client.set_token("abc");
  client.sign_out();
  EXPECT_EQ(client.token(), "");
  EXPECT_EQ(server.last_request().header("Authorization"), "Bearer abc");
}

TEST(Client, money_keeps_its_cents_on_the_wire) {
  ScriptedServer server{always(Response::json(201, kTicket))};
  Client client{options_for(server.origin())};
  EXPECT_EQ(client.sell("Concert", Money::from_cents(1999)).price.cents(), 1999);
  EXPECT_EQ(server.last_request().body, R"({"title":"Concert","price":19.99})");
}

TEST(Client, a_version_becomes_a_condition) {
  ScriptedServer server{always(Response::json(200, kTicket))};
  Client client{options_for(server.origin())};
  client.edit("t1", "Concert", Money::from_cents(2000), 2);
  EXPECT_EQ(server.last_request().header("If-Match"), "\"2\"");
  client.edit("t1", "Concert", Money::from_cents(2000));
  EXPECT_FALSE(server.last_request().header("If-Match"));
}

TEST(Client, an_order_is_read_whole) {
  ScriptedServer server{always(Response::json(200, kOrder))};
  const OrderAnswer order = Client{options_for(server.origin())}.get_order("o1");
  EXPECT_EQ(order.status, OrderStatus::awaiting_payment);
  EXPECT_EQ(order.ticket.price.cents(), 2000);
  EXPECT_EQ(to_text(order.expires_at), "2026-01-31T09:05:00.123Z");
  EXPECT_FALSE(order.reason);
}

TEST(Client, pages_follow_the_link) {
  ScriptedServer server{[](const Request& request) {
    Response response = Response::json(200, std::string{"["} + kTicket + "]");
    if (!request.query_value("after")) {
      response.with("Link", R"(</api/tickets?limit=1&after=t%2F1>; rel="next")");
    }
    return response;
  }};
  Client client{options_for(server.origin())};
  ListQuery query;
  query.limit = 1;
  query.user_id = "a&b";
  const auto first = client.list_tickets(query);
  EXPECT_EQ(first.items.size(), 1U);
  EXPECT_EQ(first.next, "t/1");
  EXPECT_EQ(server.last_request().query_value("userId"), "a&b");

  query.after = first.next;
  EXPECT_EQ(client.list_tickets(query).next, "");
  EXPECT_EQ(server.last_request().query_value("after"), "t/1");
}

TEST(Client, ids_cannot_leave_their_place_in_the_path) {
  ScriptedServer server{always(Response::json(200, kOrder))};
  Client client{options_for(server.origin())};
  client.get_order("a b/../c?d");
  EXPECT_EQ(server.last_request().path, "/api/orders/a b/../c?d");
  EXPECT_TRUE(server.last_request().query.empty());
  EXPECT_EQ(code_thrown_by([&] { client.get_order(""); }), ErrorCode::invalid);
}

TEST(Client, commands_carry_the_callers_key_or_a_new_one) {
  ScriptedServer server{always(Response::json(201, kOrder))};
  Client client{options_for(server.origin())};
  client.order("t1", "my-key");
  EXPECT_EQ(server.last_request().header("Idempotency-Key"), "my-key");
  client.order("t1");
  const std::string first{*server.last_request().header("Idempotency-Key")};
  client.order("t1");
  EXPECT_FALSE(first.empty());
  EXPECT_NE(server.last_request().header("Idempotency-Key"), first);
}

TEST(Client, overload_is_waited_out_under_the_same_key) {
  int left = 2;
  ScriptedServer server{[&](const Request&) {
    if (left-- > 0) return busy("2");
    return Response::json(201, R"({"id":"p1"})");
  }};
  std::vector<milliseconds> waits;
  Client client{options_for(server.origin(), &waits)};
  EXPECT_EQ(client.pay("o1", "tok_visa").id, "p1");
  EXPECT_EQ(waits, (std::vector<milliseconds>{milliseconds{2000}, milliseconds{2000}}));
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].header("Idempotency-Key"), requests[2].header("Idempotency-Key"));
}

TEST(Client, waiting_is_bounded) {
  std::vector<milliseconds> waits;
  ScriptedServer server{always(busy("1"))};
  Client client{options_for(server.origin(), &waits)};
  EXPECT_EQ(code_thrown_by([&] { client.ticket("t1"); }), ErrorCode::unavailable);
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST(Client, a_wait_that_is_too_long_or_unreadable_fails_at_once) {
  for (const char* no_wait : {"3600", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999", "-1"}) {
    ScriptedServer server{always(busy(no_wait))};
    Client once{options_for(server.origin())};
    EXPECT_EQ(code_thrown_by([&] { once.ticket("t1"); }), ErrorCode::unavailable);
    EXPECT_EQ(server.requests().size(), 1U) << no_wait;
  }
}

TEST(Client, an_answer_of_another_api_is_corrupt) {
  ScriptedServer server{always(Response{200, {}, "<html>", "text/html"})};
  Client client{options_for(server.origin())};
  EXPECT_EQ(code_thrown_by([&] { client.ticket("t1"); }), ErrorCode::corrupt);
  EXPECT_EQ(code_thrown_by([&] { client.list_tickets(); }), ErrorCode::corrupt);
}

TEST(Client, text_that_json_cannot_carry_is_refused_before_sending) {
  ScriptedServer server{always(Response::json(201, kTicket))};
  Client client{options_for(server.origin())};
  EXPECT_EQ(code_thrown_by([&] { client.sell("\xff", Money::from_cents(1)); }), ErrorCode::invalid);
  EXPECT_TRUE(server.requests().empty());
}

TEST(Client, a_server_that_is_not_there_is_unavailable) {
  std::string origin;
  { origin = ScriptedServer{always(Response::empty())}.origin(); }
  Client client{options_for(origin)};
  EXPECT_EQ(code_thrown_by([&] { client.ticket("t1"); }), ErrorCode::unavailable);
}

}  // namespace
}  // namespace ticketing
