// Every route, asked by nobody, by another user and by the owner of what it is about; and by
// browsers that other sites have sent.

#include <set>

#include "contract.hpp"
#include "services/routes.hpp"

namespace ticketing::test {
namespace {

/// What a route answers to whom.
struct Row {
  int anonymous;
  int other;
  int owner;
  std::string body = {};  ///< With TICKET, ORDER, EMAIL and so on in place of the owner's.
};

const std::map<std::string, Row> kMatrix{
    {"POST /api/users/signup", {201, 201, 201, R"({"email":"FRESH","password":"12345678"})"}},
    // Whoever has the password is the owner.
    {"POST /api/users/signin", {400, 400, 200, R"({"email":"EMAIL","password":"PASSWORD"})"}},
    {"POST /api/users/signout", {200, 200, 200}},
    {"GET /api/users/currentuser", {200, 200, 200}},
    {"PUT /api/users/password",
     {401, 400, 200, R"({"password":"PASSWORD","newPassword":"another horse"})"}},
    {"GET /.well-known/jwks.json", {200, 200, 200}},
    {"POST /api/tickets", {401, 201, 201, R"({"title":"Concert","price":20})"}},
    {"GET /api/tickets", {200, 200, 200}},
    {"GET /api/tickets/:id", {200, 200, 200}},
    {"PUT /api/tickets/:id", {401, 401, 200, R"({"title":"Opera","price":30})"}},
    // Nobody may order a ticket of their own.
    {"POST /api/orders", {401, 201, 400, R"({"ticketId":"FREE"})"}},
    {"GET /api/orders", {401, 200, 200}},
    {"GET /api/orders/:id", {401, 401, 200}},
    {"DELETE /api/orders/:id", {401, 401, 204}},
    {"POST /api/payments", {401, 401, 201, R"({"orderId":"ORDER","token":"tok_visa"})"}},
    {"GET /api/payments/:id", {401, 401, 200}},
};

void replace_in(std::string& text, const std::string& word, const std::string& value) {
  const std::size_t at = text.find(word);
  if (at != std::string::npos) text.replace(at, word.size(), value);
}

/// On a marketplace of its own: strangers' wrong passwords would count for all tests' address.
class Ownership : public testing::TestWithParam<Layout> {
 protected:
  static MarketplaceOptions options() {
    MarketplaceOptions options;
    options.layout = GetParam();
    return options;
  }
  Visitor visitor() const { return Visitor{market_}; }
  Visitor user() const {
    Visitor someone{market_};
    someone.sign_up();
    return someone;
  }

  /// The owner of one of each, made anew for each route: changes must not get in each other's way.
  struct Estate {
    Visitor owner;
    std::string ticket, free_ticket, order, charge;
  };
  Estate estate() const {
    Visitor owner = user();
    Visitor seller = user();
    const std::string paid = owner.reserve(seller.sell().id).id;
    return {owner, owner.sell().id, owner.sell().id, owner.reserve(seller.sell().id).id,
            owner.pay(paid)};
  }

  static std::string id_for(const Route& route, const Estate& estate) {
    if (route.pattern.starts_with("/api/tickets")) return estate.ticket;
    return route.pattern.starts_with("/api/orders") ? estate.order : estate.charge;
  }
  static std::string body_for(const Row& row, const Estate& estate, bool knows_password) {
    std::string body = row.body;
    replace_in(body, "FRESH", fresh_email());
    replace_in(body, "EMAIL", estate.owner.email);
    replace_in(body, "PASSWORD", knows_password ? std::string{kPassword} : "a wrong horse");
    replace_in(body, "FREE", estate.free_ticket);
    replace_in(body, "ORDER", estate.order);
    return body;
  }
  /// All that is the owner's, as the owner sees it.
  static std::string state_of(Estate& estate) {
    return estate.owner.get("/api/tickets/" + estate.ticket).body +
           estate.owner.get("/api/orders/" + estate.order).body +
           estate.owner.get("/api/payments/" + estate.charge).body +
           estate.owner.get("/api/users/currentuser").body;
  }

  void walk(const Route& route, const Row& row) {
    Estate own = estate();
    const std::string before = state_of(own);
    Visitor nobody = visitor();
    Visitor other = user();
    expect_stranger(route, row.anonymous, nobody, own, row);
    expect_stranger(route, row.other, other, own, row);
    EXPECT_EQ(state_of(own), before) << route.name();
    EXPECT_EQ(send(route, own.owner, own, row, true).status, row.owner) << route.name();
  }
  static void expect_stranger(const Route& route, int status, Visitor& stranger, const Estate& own,
                              const Row& row) {
    const Response answer = send(route, stranger, own, row, false);
    EXPECT_EQ(answer.status, status) << route.name() << " " << answer.body;
    for (const std::string& secret : {own.owner.email, own.order, own.charge}) {
      EXPECT_EQ(answer.body.find(secret), std::string::npos) << route.name() << answer.body;
    }
  }
  static Response send(const Route& route, Visitor& who, const Estate& own, const Row& row,
                       bool knows_password) {
    return who.send(route.method, route.path(id_for(route, own)),
                    body_for(row, own, knows_password));
  }

  Marketplace market_{options()};
};

TEST_P(Ownership, every_route_serves_whom_it_is_for) {
  std::set<std::string> routes;
  for (const Route& route : all_routes()) {
    routes.insert(route.name());
    const auto row = kMatrix.find(route.name());
    ASSERT_NE(row, kMatrix.end()) << "no row for " << route.name();
    walk(route, row->second);
  }
  for (const auto& [name, row] : kMatrix) EXPECT_TRUE(routes.contains(name)) << name << " is gone";
}

// ---- other sites ----

struct Browser {
  std::string type;
  std::string origin;
  bool trusted;  ///< Whether the cookie may count.
};

class OtherSites : public Contract {
 protected:
  std::vector<Browser> browsers(const Route& route) const {
    const std::string own = market_.origin_of(route.pattern);
    const std::string host = own.substr(own.find("//") + 2);
    std::vector<Browser> all;
    for (const std::string json : {"application/json", "Application/JSON; charset=utf-8"}) {
      for (const std::string& origin : {std::string{}, own, "https://" + host}) {
        all.push_back({json, origin, true});
      }
      for (const std::string& origin :
           {std::string{"null"}, std::string{"http://evil.example"}, own + ".evil.example",
            "http://evil.example/" + host, host, std::string{"http://127.0.0.1"}, own + "0",
            "ftp://" + host, "http://user@" + host}) {
        all.push_back({json, origin, false});
      }
    }
    for (const std::string form :
         {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json",
          "application/jsonx", "application/json-patch+json", ""}) {
      for (const std::string& origin : {std::string{}, own}) all.push_back({form, origin, false});
    }
    return all;
  }
  static Headers headers_of(const Browser& browser) {
    Headers headers{{"Content-Type", browser.type}};
    if (!browser.origin.empty()) headers.emplace_back("Origin", browser.origin);
    return headers;
  }
};

// An empty object is no body that any of them accepts, so nothing changes; what is asked is how far
// the request gets.
TEST_P(OtherSites, cannot_change_anything_with_the_cookie) {
  const Visitor victim = user();
  for (const Route& route : all_routes()) {
    if (!route.changes() || route.access != Access::require_user) continue;
    for (const Browser& browser : browsers(route)) {
      Headers headers = headers_of(browser);
      headers.emplace_back("Cookie", "session=" + victim.token);
      const Response answer = visitor().send(route.method, route.path(), "{}", headers);
      EXPECT_EQ(answer.status != 401, browser.trusted)
          << route.name() << " " << browser.type << " from " << browser.origin;
    }
  }
}

TEST_P(OtherSites, say_nothing_about_a_bearer_token) {
  Visitor someone = user();
  for (const Route& route : all_routes()) {
    if (!route.changes() || route.access != Access::require_user) continue;
    for (const Browser& browser : browsers(route)) {
      EXPECT_NE(someone.send(route.method, route.path(), "{}", headers_of(browser)).status, 401)
          << route.name() << " " << browser.type << " from " << browser.origin;
    }
  }
}

ON_BOTH_LAYOUTS(Security, Ownership);
ON_BOTH_LAYOUTS(Contract, OtherSites);

}  // namespace
}  // namespace ticketing::test
