// What CONTRACT section 3 says about all routes: cookies, limits, bad bodies, the shape of
// refusals.

#include <sys/socket.h>

#include "contract.hpp"
#include "unit/http/raw_client.hpp"

namespace ticketing::test {
namespace {

class Requests : public Contract {
 protected:
  RawClient connect(const std::string& path) const {
    const std::string origin = market_.origin_of(path);
    const auto port = std::stoi(origin.substr(origin.rfind(':') + 1));
    return RawClient{static_cast<std::uint16_t>(port)};
  }
  std::size_t tickets_of(const Visitor& seller) const {
    const Response list = visitor().get("/api/tickets?limit=1000&userId=" + seller.id);
    return list_from_json<TicketAnswer>(list.body).size();
  }
};

/// All routes that take a body, and one that they accept but for who and what it names.
struct BodyRoute {
  std::string method;
  std::string path;
};
const std::vector<BodyRoute> kBodyRoutes{
    {"POST", "/api/users/signup"}, {"POST", "/api/users/signin"}, {"PUT", "/api/users/password"},
    {"POST", "/api/tickets"},      {"PUT", "/api/tickets/some"},  {"POST", "/api/orders"},
    {"POST", "/api/payments"}};

/// Every route, with a path that names nothing.
const std::vector<BodyRoute> kRoutes{
    {"POST", "/api/users/signup"},  {"POST", "/api/users/signin"},
    {"POST", "/api/users/signout"}, {"GET", "/api/users/currentuser"},
    {"PUT", "/api/users/password"}, {"GET", "/.well-known/jwks.json"},
    {"POST", "/api/tickets"},       {"GET", "/api/tickets"},
    {"GET", "/api/tickets/some"},   {"PUT", "/api/tickets/some"},
    {"POST", "/api/orders"},        {"GET", "/api/orders"},
    {"GET", "/api/orders/some"},    {"DELETE", "/api/orders/some"},
    {"POST", "/api/payments"},      {"GET", "/api/payments/some"}};

// ---- cookies ----

TEST_P(Requests, a_cookie_is_as_good_as_a_bearer_token) {
  const Visitor known = user();
  Visitor browser = visitor();
  const Headers cookie{{"Cookie", "session=" + known.token}};
  EXPECT_EQ(browser.post("/api/tickets", offer(), cookie).status, 201);
  EXPECT_EQ(browser.get("/api/orders", cookie).status, 200);
  EXPECT_EQ(browser.get("/api/payments/some", cookie).status, 404);
}

TEST_P(Requests, other_sites_cannot_use_the_cookie) {
  const Visitor victim = user();
  Visitor browser = visitor();
  const std::string origin = market_.origin_of("/api/tickets");
  const auto post = [&](const std::string& type, const std::string& from) {
    Headers headers{{"Cookie", "session=" + victim.token}, {"Content-Type", type}};
    if (!from.empty()) headers.emplace_back("Origin", from);
    return browser.post("/api/tickets", offer(), headers);
  };
  for (const std::string type : {"text/plain", "application/x-www-form-urlencoded", "text/json"}) {
    expect_not_authorized(post(type, ""));
  }
  for (const std::string from : {"http://evil.example", "null", "http://127.0.0.1", ""}) {
    if (!from.empty()) expect_not_authorized(post("application/json", from));
  }
  EXPECT_EQ(tickets_of(victim), 0U);
  EXPECT_EQ(post("application/json", origin).status, 201);
  EXPECT_EQ(post("application/json; charset=utf-8", "").status, 201);
}

TEST_P(Requests, other_sites_cannot_sign_anyone_out_or_cancel_orders) {
  Visitor victim = user();
  const std::string order = victim.reserve(user().sell().id).id;
  Visitor browser = visitor();
  const Headers forged{{"Cookie", "session=" + victim.token}, {"Origin", "http://evil.example"}};
  EXPECT_EQ(browser.post("/api/users/signout", "", forged).status, 200);
  EXPECT_EQ(victim.get("/api/users/currentuser").body.find("null"), std::string::npos);
  expect_not_authorized(browser.send("DELETE", "/api/orders/" + order, {}, forged));
  EXPECT_EQ(victim.get_order(order).status, OrderStatus::awaiting_payment);
}

// ---- limits ----

TEST_P(Requests, a_body_that_is_too_large_is_refused_on_every_route) {
  Visitor someone = user();
  const std::string body = offer(std::string((1 << 20) + 1, 'x'));
  for (const auto& [method, path] : kBodyRoutes) {
    RawClient client = connect(path);
    const RawResponse answer = client.exchange(method + " " + path + " HTTP/1.1\r\nHost: a\r\n" +
                                               "Content-Length: 1048577\r\n\r\n");
    EXPECT_EQ(answer.status, 413) << path;
    EXPECT_NE(answer.body.find(R"("code":"body_too_large")"), std::string::npos) << answer.body;
    EXPECT_TRUE(answer.has("X-Request-Id: "));
  }
  EXPECT_EQ(tickets_of(someone), 0U);
}

TEST_P(Requests, headers_that_are_too_large_or_too_many_are_refused) {
  std::string many;
  for (int i = 0; i < 101; ++i) many += "A: b\r\n";
  for (const auto& [method, path] : kRoutes) {
    const std::string start = method + " " + path + " HTTP/1.1\r\nHost: a\r\n";
    for (const std::string& headers : {"X: " + std::string(17'000, 'x') + "\r\n", many}) {
      const RawResponse answer = connect(path).exchange(start + headers + "\r\n");
      EXPECT_EQ(answer.status, 431) << path;
      EXPECT_NE(answer.body.find(R"("errors":[{)"), std::string::npos);
    }
  }
}

TEST_P(Requests, a_body_that_is_not_declared_as_json_is_refused_on_every_route) {
  Visitor someone = user();
  for (const auto& [method, path] : kBodyRoutes) {
    for (const std::string type : {"text/plain", "application/xml", "multipart/form-data", ""}) {
      const Response response = someone.send(method, path, "{}", {{"Content-Type", type}});
      EXPECT_EQ(response.status, 415) << path << " " << type;
      EXPECT_EQ(complaints_of(response).at(0).code, "unsupported_media_type");
    }
  }
}

TEST_P(Requests, a_body_without_length_or_compressed_is_refused) {
  for (const auto& [method, path] : kBodyRoutes) {
    const std::string start = method + " " + path + " HTTP/1.1\r\nHost: a\r\n";
    EXPECT_EQ(connect(path).exchange(start + "Transfer-Encoding: chunked\r\n\r\n").status, 411);
    EXPECT_EQ(connect(path)
                  .exchange(start + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n")
                  .status,
              415);
  }
}

TEST_P(Requests, a_body_that_is_cut_off_changes_nothing) {
  Visitor seller = user();
  const std::string start = "POST /api/tickets HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
                            seller.token + "\r\nContent-Type: application/json\r\n";
  RawClient client = connect("/api/tickets");
  ASSERT_TRUE(client.send(start + "Content-Length: 100\r\n\r\n" + offer()));
  ::shutdown(client.fd(), SHUT_WR);
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(tickets_of(seller), 0U);
}

// ---- bad bodies ----

std::vector<std::string> malformed_bodies() {
  std::string nested = "1";
  for (int i = 0; i < 40; ++i) nested = "[" + nested + "]";
  return {"",
          " ",
          "{",
          "}",
          "nonsense",
          R"({"title":"Concert","price":20)",
          R"({"title":"Conc)",
          R"({"title":"Concert",})",
          R"({"title" "Concert"})",
          R"({'title':'Concert'})",
          R"({"title":"Concert","price":20}{})",
          R"({"title":"Concert","price":20} x)",
          R"({"title":"Concert","price":020})",
          R"({"title":"Concert","price":NaN})",
          "{\"title\":\"\xff\xfe\",\"price\":20}",
          "{\"title\":\"a\nb\",\"price\":20}",
          R"({"title":"\ud800","price":20})",
          R"({"title":"Concert","price":20,"z":)" + nested + "}",
          std::string(100'000, '['),
          R"({"a":)" + std::string(100'000, '['),
          std::string("{\"title\":\"a\0b\",\"price\":20}", 26),
          "\xef\xbb\xbf{}"};
}

TEST_P(Requests, malformed_cut_off_and_deeply_nested_json_is_refused_on_every_route) {
  Visitor someone = user();
  for (const auto& [method, path] : kBodyRoutes) {
    for (const std::string& body : malformed_bodies()) {
      // An empty body declares no type by itself.
      const Response response =
          someone.send(method, path, body, {{"Content-Type", "application/json"}});
      EXPECT_EQ(response.status, 400) << path << " " << body.substr(0, 60);
      EXPECT_EQ(complaints_of(response).at(0).code, "malformed_json") << body.substr(0, 60);
    }
  }
  EXPECT_EQ(tickets_of(someone), 0U);
  EXPECT_EQ(someone.get("/api/orders").body, "[]");
}

TEST_P(Requests, json_of_the_wrong_type_is_refused_on_every_route) {
  Visitor someone = user();
  for (const auto& [method, path] : kBodyRoutes) {
    for (const std::string body : {"null", "true", "7", "\"text\"", "[]", "[{}]", "1.5e300"}) {
      const Response response = someone.send(method, path, body);
      EXPECT_EQ(response.status, 400) << path << " " << body;
      EXPECT_EQ(complaints_of(response).size(), 1U);
    }
    const std::string everything =
        R"({"email":{},"password":[],"newPassword":7,"title":true,"price":{"a":1},)"
        R"("ticketId":[1],"orderId":{},"token":false})";
    EXPECT_EQ(someone.send(method, path, everything).status, 400) << path;
  }
}

TEST_P(Requests, a_field_that_is_given_twice_is_refused) {
  Visitor seller = user();
  expect_bad_fields(seller.post("/api/tickets", R"({"title":"A","price":20,"price":1})"),
                    {"price"});
  EXPECT_EQ(tickets_of(seller), 0U);
}

TEST_P(Requests, a_body_of_just_the_limit_is_read) {
  Visitor seller = user();
  std::string body = R"({"title":"Concert","price":20,"z":")";
  body += std::string((1 << 20) - body.size() - 2, 'x') + "\"}";
  EXPECT_EQ(body.size(), std::size_t{1} << 20);
  EXPECT_EQ(seller.post("/api/tickets", body).status, 201);
}

// ---- request ids and credentials ----

TEST_P(Requests, every_answer_carries_a_request_id) {
  Visitor someone = user();
  for (const auto& [method, path] : kRoutes) {
    const std::string id = "test." + fresh_key();
    const Response named = someone.send(method, path, {}, {{"X-Request-Id", id}});
    EXPECT_EQ(header(named, "X-Request-Id"), id) << path;
  }
  const Response one = someone.get("/api/tickets");
  const Response two = someone.get("/api/tickets");
  EXPECT_EQ(header(one, "X-Request-Id").size(), 36U);
  EXPECT_NE(header(one, "X-Request-Id"), header(two, "X-Request-Id"));
  const Headers insane{{"X-Request-Id", "a\"b,c d"}};
  EXPECT_EQ(header(someone.get("/api/tickets", insane), "X-Request-Id").size(), 36U);
}

TEST_P(Requests, without_credentials_every_protected_route_is_refused_at_once) {
  const std::vector<std::string> open{"/api/users/signup", "/api/users/signin",
                                      "/api/users/signout", "/api/users/currentuser",
                                      "/.well-known/jwks.json"};
  for (const auto& [method, path] : kRoutes) {
    if (std::find(open.begin(), open.end(), path) != open.end()) continue;
    if (method == "GET" && path.starts_with("/api/tickets")) continue;
    for (const std::string credentials : {"", "Bearer", "Bearer ", "Basic YTpi", "nonsense"}) {
      expect_not_authorized(visitor().send(method, path, {}, {{"Authorization", credentials}}));
    }
  }
}

TEST_P(Requests, head_is_answered_as_get_without_the_body) {
  Visitor seller = user();
  const std::string path = "/api/tickets/" + seller.sell().id;
  const Response response = visitor().send("HEAD", path);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(header(response, "ETag"), "\"0\"");
}

ON_BOTH_LAYOUTS(Contract, Requests);

}  // namespace
}  // namespace ticketing::test
