#include "ticketing/auth/middleware.hpp"

#include <gtest/gtest.h>

#include "forge.hpp"

namespace ticketing {
namespace {

using testing::ann;
using testing::kNow;
using testing::seed_of;

class Middleware : public ::testing::Test {
 protected:
  Middleware() { verifier_.set_keys(testing::keys_of(1)); }

  /// The id of the caller, or `anonymous`.
  std::string caller(const std::string& method, Headers headers, std::string body = {}) {
    Request request;
    request.method = method;
    request.headers = std::move(headers);
    request.body = std::move(body);
    const auto identity = identify(request, verifier_, kNow);
    return identity ? identity->user_id : "anonymous";
  }
  std::string token_of(const std::string& user) {
    Identity identity = ann();
    identity.user_id = user;
    return key_.issue(identity);
  }
  /// The caller of a POST from a browser: JSON and the cookie, and `headers`.
  std::string browser_post(const Headers& headers) {
    Headers all{{"Cookie", "session=" + token_of("ann")}, {"Content-Type", "application/json"}};
    all.insert(all.end(), headers.begin(), headers.end());
    return caller("POST", all);
  }

  SigningKey key_{seed_of(1)};
  TokenVerifier verifier_;
};

TEST_F(Middleware, without_credentials_the_caller_is_anonymous) {
  EXPECT_EQ(caller("GET", {}), "anonymous");
}

TEST_F(Middleware, a_bearer_token_names_the_caller) {
  const std::string token = token_of("ann");
  EXPECT_EQ(caller("GET", {{"Authorization", "Bearer " + token}}), "ann");
  EXPECT_EQ(caller("GET", {{"authorization", "bearer  " + token + " "}}), "ann");
}

TEST_F(Middleware, any_other_authorization_is_anonymous) {
  const std::string token = token_of("ann");
  for (const std::string& value :
       {std::string(), std::string("Bearer"), std::string("Bearer "), token, "Bearer" + token,
        "Basic " + token, "Bearer " + token + 'x', "Bearer " + token + ", Bearer " + token}) {
    EXPECT_EQ(caller("GET", {{"Authorization", value}}), "anonymous") << value;
  }
}

TEST_F(Middleware, a_broken_authorization_does_not_fall_back_to_the_cookie) {
  const std::string cookie = "session=" + token_of("ann");
  EXPECT_EQ(caller("GET", {{"Cookie", cookie}}), "ann");
  for (const char* value : {"", "Bearer broken", "Basic YTpi"}) {
    EXPECT_EQ(caller("GET", {{"Authorization", value}, {"Cookie", cookie}}), "anonymous") << value;
  }
}

TEST_F(Middleware, the_bearer_token_goes_before_the_cookie) {
  EXPECT_EQ(caller("GET", {{"Cookie", "session=" + token_of("ann")},
                           {"Authorization", "Bearer " + token_of("bob")}}),
            "bob");
}

TEST_F(Middleware, the_session_cookie_is_found_among_others) {
  const std::string token = token_of("ann");
  for (const std::string& value :
       {"session=" + token, "a=1; session=" + token, "session=" + token + "; b=2",
        "a=1;session=" + token + ";b", "xsession=broken; session=" + token}) {
    EXPECT_EQ(caller("GET", {{"cookie", value}}), "ann") << value;
  }
}

TEST_F(Middleware, a_cookie_of_another_name_or_a_broken_one_is_anonymous) {
  const std::string token = token_of("ann");
  for (const std::string& value :
       {std::string(), std::string("session"), std::string("session="), std::string(";;=;"),
        "Session=" + token, "session2=" + token, "session=" + token + "x", "a=session=" + token}) {
    EXPECT_EQ(caller("GET", {{"Cookie", value}}), "anonymous") << value;
  }
}

TEST_F(Middleware, revoked_and_expired_tokens_are_anonymous) {
  const std::string token = token_of("ann");
  verifier_.revoke_before("ann", kNow + milliseconds{1});
  EXPECT_EQ(caller("GET", {{"Authorization", "Bearer " + token}}), "anonymous");
  EXPECT_EQ(caller("GET", {{"Cookie", "session=" + token}}), "anonymous");
}

TEST_F(Middleware, a_body_of_a_change_by_cookie_must_be_declared_as_json) {
  const std::string cookie = "session=" + token_of("ann");
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    EXPECT_EQ(caller(method, {{"Cookie", cookie}}, "{}"), "anonymous") << method;
    EXPECT_EQ(caller(method, {{"Cookie", cookie}}), "ann") << method << " without a body";
    EXPECT_EQ(caller(method, {{"Cookie", cookie}, {"Content-Type", "application/json"}}), "ann")
        << method;
  }
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data; boundary=application/json", "application/jsonp",
                           "text/plain; application/json"}) {
    EXPECT_EQ(caller("POST", {{"Cookie", cookie}, {"Content-Type", type}}), "anonymous") << type;
  }
  EXPECT_EQ(
      caller("POST", {{"Cookie", cookie}, {"content-type", "Application/JSON ; charset=utf-8"}}),
      "ann");
}

TEST_F(Middleware, reading_by_cookie_needs_no_body_type) {
  const Headers headers{{"Cookie", "session=" + token_of("ann")},
                        {"Origin", "https://evil.example"},
                        {"Host", "tickets.example"}};
  EXPECT_EQ(caller("GET", headers), "ann");
  EXPECT_EQ(caller("HEAD", headers), "ann");
}

TEST_F(Middleware, a_change_by_cookie_from_the_same_origin_is_accepted) {
  EXPECT_EQ(browser_post({{"Host", "tickets.example"}}), "ann");
  EXPECT_EQ(browser_post({{"Host", "tickets.example"}, {"Origin", "https://tickets.example"}}),
            "ann");
  EXPECT_EQ(browser_post({{"Host", "Tickets.example"}, {"Origin", "https://tickets.example"}}),
            "ann");
  EXPECT_EQ(browser_post({{"Host", "localhost:3000"}, {"Origin", "http://localhost:3000"}}), "ann");
}

TEST_F(Middleware, a_change_by_cookie_from_another_origin_is_anonymous) {
  for (const char* origin :
       {"https://evil.example", "https://tickets.example.evil.example", "null", "",
        "https://tickets.example:8443", "https://tickets.exampl", "tickets.example",
        "ftp://tickets.example", "https://tickets.example/", "https://"}) {
    EXPECT_EQ(browser_post({{"Host", "tickets.example"}, {"Origin", origin}}), "anonymous")
        << origin;
  }
  EXPECT_EQ(browser_post({{"Origin", "https://tickets.example"}}), "anonymous");
  EXPECT_EQ(browser_post({{"Origin", "https://"}, {"Host", ""}}), "anonymous");
}

TEST_F(Middleware, a_change_by_bearer_token_needs_neither_type_nor_origin) {
  EXPECT_EQ(caller("POST", {{"Authorization", "Bearer " + token_of("ann")},
                            {"Origin", "https://evil.example"},
                            {"Host", "tickets.example"}}),
            "ann");
}

TEST(SessionCookie, is_out_of_reach_of_scripts_and_other_sites) {
  EXPECT_EQ(session_cookie("a.b.c", std::chrono::minutes{15}, true),
            "session=a.b.c; Path=/; HttpOnly; SameSite=Lax; Max-Age=900; Secure");
  EXPECT_EQ(session_cookie("a.b.c", milliseconds{1'999}, false),
            "session=a.b.c; Path=/; HttpOnly; SameSite=Lax; Max-Age=1");
}

TEST(SessionCookie, is_cleared_with_the_same_attributes) {
  EXPECT_EQ(cleared_session_cookie(true),
            "session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure");
  EXPECT_EQ(cleared_session_cookie(false), "session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

}  // namespace
}  // namespace ticketing
