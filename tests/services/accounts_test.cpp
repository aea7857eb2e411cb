// CONTRACT section 3, the rows of /api/users and the keys that verify tokens.

#include <algorithm>

#include "contract.hpp"

namespace ticketing::test {
namespace {

struct WhoAmI {
  std::optional<SessionAnswer> user;
  static constexpr std::array kFields{field<&WhoAmI::user>("currentUser")};
};

class Accounts : public Contract {
 protected:
  /// Nobody, as far as any service can tell.
  void expect_refused_everywhere(Visitor& visitor) {
    const auto refused = [&](const std::string& method, const std::string& path,
                             const std::string& body) {
      return eventually([&] { return visitor.send(method, path, body).status == 401; });
    };
    EXPECT_EQ(visitor.get("/api/users/currentuser").body, R"({"currentUser":null})");
    expect_not_authorized(visitor.put("/api/users/password",
                                      R"({"password":"correct horse","newPassword":"12345678"})"));
    EXPECT_TRUE(refused("POST", "/api/tickets", offer()));
    EXPECT_TRUE(refused("PUT", "/api/tickets/some", offer()));
    EXPECT_TRUE(refused("POST", "/api/orders", order_for("some")));
    EXPECT_TRUE(refused("GET", "/api/orders", ""));
    EXPECT_TRUE(refused("GET", "/api/orders/some", ""));
    EXPECT_TRUE(refused("DELETE", "/api/orders/some", ""));
    EXPECT_TRUE(refused("POST", "/api/payments", payment_for("some")));
    EXPECT_TRUE(refused("GET", "/api/payments/some", ""));
  }

  void expect_served_everywhere(Visitor& visitor) {
    const std::string ticket = visitor.sell().id;
    EXPECT_EQ(visitor.put("/api/tickets/" + ticket, offer()).status, 200);
    EXPECT_EQ(visitor.get("/api/orders").status, 200);
    EXPECT_EQ(visitor.get("/api/payments/some").status, 404);
  }
};

TEST_P(Accounts, signing_up_answers_the_user_and_opens_a_session) {
  Visitor someone = visitor();
  const std::string email = fresh_email();
  const Response response = someone.post("/api/users/signup", credentials("  " + email + " "));
  const auto user = answer_of<UserAnswer>(response, 201);
  EXPECT_EQ(response.body, R"({"id":")" + user.id + R"(","email":")" + email + R"("})");
  const std::string cookie = header(response, "Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("session=ey")) << cookie;
  EXPECT_NE(cookie.find("; HttpOnly"), std::string::npos) << cookie;
  EXPECT_NE(cookie.find("; SameSite=Lax"), std::string::npos) << cookie;
  EXPECT_NE(cookie.find("; Path=/"), std::string::npos) << cookie;
  EXPECT_EQ(cookie.find("; Secure") == std::string::npos, market_.options().dev) << cookie;
  someone.take_token(response);
  expect_served_everywhere(someone);
}

TEST_P(Accounts, an_email_is_compared_in_lower_case) {
  Visitor someone = visitor();
  const std::string email = fresh_email();
  std::string shouted = email;
  std::transform(shouted.begin(), shouted.end(), shouted.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  const auto user =
      answer_of<UserAnswer>(someone.post("/api/users/signup", credentials(shouted)), 201);
  EXPECT_EQ(user.email, email);
  EXPECT_EQ(someone.post("/api/users/signin", credentials(email)).status, 200);
  EXPECT_EQ(someone.post("/api/users/signin", credentials(shouted)).status, 200);
}

TEST_P(Accounts, signing_up_refuses_each_bad_field) {
  Visitor someone = visitor();
  const auto sign_up = [&](const std::string& body) {
    return someone.post("/api/users/signup", body);
  };
  const std::string good = fresh_email();
  const std::string words = "Password must be between 8 and 128 characters";
  for (const std::string bad : {"", "nobody", "@example.com", "a b@example.com", "a@b@c.de"}) {
    expect_bad_fields(sign_up(credentials(bad)), {"email"}, "Email must be valid");
  }
  expect_bad_fields(sign_up(R"({"password":"12345678"})"), {"email"}, "Email must be valid");
  expect_bad_fields(sign_up(credentials(good, "1234567")), {"password"}, words);
  expect_bad_fields(sign_up(credentials(good, std::string(129, 'x'))), {"password"}, words);
  expect_bad_fields(sign_up(R"({"email":")" + good + R"("})"), {"password"}, words);
  expect_bad_fields(sign_up("{}"), {"email", "password"}, "Email must be valid");
  EXPECT_EQ(sign_up(credentials(good, std::string(128, 'x'))).status, 201);
  EXPECT_EQ(sign_up(credentials(fresh_email(), "12345678")).status, 201);
}

TEST_P(Accounts, an_email_in_use_is_refused) {
  Visitor first = user();
  const Response again = visitor().post("/api/users/signup", credentials(first.email, "another1"));
  expect_bad_fields(again, {"email"}, "Email in use");
  EXPECT_EQ(complaints_of(again)[0].code, "email_in_use");
  EXPECT_EQ(header(again, "Set-Cookie"), "");
}

TEST_P(Accounts, signing_in_answers_the_user_and_opens_a_session) {
  const Visitor known = user();
  Visitor someone = visitor();
  const Response response = someone.post("/api/users/signin", credentials(known.email));
  EXPECT_EQ(answer_of<UserAnswer>(response, 200).id, known.id);
  someone.take_token(response);
  EXPECT_NE(someone.token, known.token);
  expect_served_everywhere(someone);
}

TEST_P(Accounts, unknown_email_and_wrong_password_are_refused_alike) {
  const Visitor known = user();
  Visitor someone = visitor();
  const Response wrong = someone.post("/api/users/signin", credentials(known.email, "wrong horse"));
  const Response unknown = someone.post("/api/users/signin", credentials(fresh_email()));
  expect_refusal(wrong, 400, "Invalid credentials", "invalid_credentials");
  EXPECT_EQ(unknown.status, wrong.status);
  EXPECT_EQ(unknown.body, wrong.body);
  EXPECT_EQ(header(wrong, "Set-Cookie"), "");
  expect_bad_fields(someone.post("/api/users/signin", "{}"), {"email", "password"});
}

TEST_P(Accounts, an_unknown_email_takes_as_long_as_a_wrong_password) {
  const Visitor known = user();
  Visitor someone = visitor();
  // By the processor's time: on a busy machine any two take now the same, now not.
  const auto fastest_of_three = [&](const auto& email) {
    auto fastest = std::chrono::nanoseconds::max();
    for (int i = 0; i < 3; ++i) {
      const auto start = market_.process_of("auth").processor_time();
      EXPECT_EQ(someone.post("/api/users/signin", credentials(email(), "wrong horse")).status, 400);
      fastest = std::min(fastest, market_.process_of("auth").processor_time() - start);
    }
    return fastest;
  };
  const auto wrong = fastest_of_three([&] { return known.email; });
  const auto unknown = fastest_of_three([] { return fresh_email(); });
  // Without a hash to compare with, it would be a twentieth.
  EXPECT_GT(unknown * 3, wrong);
  EXPECT_GT(wrong * 3, unknown);
}

TEST_P(Accounts, too_many_wrong_passwords_are_refused_for_a_while) {
  const Visitor known = user();
  Visitor someone = visitor();
  const std::string wrong = credentials(known.email, "wrong horse");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(someone.post("/api/users/signin", wrong).status, 400);
  const Response sixth = someone.post("/api/users/signin", wrong);
  EXPECT_EQ(sixth.status, 429);
  EXPECT_EQ(complaints_of(sixth)[0].code, "too_many_attempts");
  EXPECT_NE(header(sixth, "Retry-After"), "");
  // Someone else's account is none the worse for it.
  const Visitor other = user();
  EXPECT_EQ(someone.post("/api/users/signin", credentials(other.email)).status, 200);
}

TEST_P(Accounts, the_current_user_is_told_by_token_and_by_cookie) {
  Visitor someone = user();
  Visitor browser = visitor();
  const auto told = answer_of<WhoAmI>(someone.get("/api/users/currentuser"), 200);
  ASSERT_TRUE(told.user);
  EXPECT_EQ(told.user->id, someone.id);
  EXPECT_EQ(told.user->email, someone.email);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto age =
      std::chrono::duration_cast<std::chrono::seconds>(now).count() - told.user->issued_at;
  EXPECT_GE(age, 0);
  EXPECT_LT(age, 60);
  const Response by_cookie =
      browser.get("/api/users/currentuser", {{"Cookie", "a=b; session=" + someone.token}});
  EXPECT_EQ(answer_of<WhoAmI>(by_cookie, 200).user->id, someone.id);
}

TEST_P(Accounts, a_broken_cookie_means_nobody_on_open_routes) {
  Visitor browser = visitor();
  for (const std::string cookie : {"session=nonsense", "session=", "session", "=;;=\"", "a=b"}) {
    const Headers headers{{"Cookie", cookie}};
    const Response me = browser.get("/api/users/currentuser", headers);
    EXPECT_EQ(me.status, 200);
    EXPECT_EQ(me.body, R"({"currentUser":null})");
    EXPECT_EQ(browser.get("/api/tickets", headers).status, 200);
    expect_not_authorized(browser.get("/api/orders", headers));
  }
  EXPECT_EQ(browser.get("/api/users/currentuser").body, R"({"currentUser":null})");
}

TEST_P(Accounts, a_token_that_is_not_ours_is_refused_on_every_service) {
  const Visitor known = user();
  const std::string body = known.token.substr(0, known.token.rfind('.') + 1);
  const std::string signature = known.token.substr(body.size());
  const std::string claims = body.substr(body.find('.') + 1);
  std::string other_signature = signature;
  other_signature[10] = other_signature[10] == 'A' ? 'B' : 'A';
  const std::string none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.";  // {"alg":"none","typ":"JWT"}
  for (const std::string& token :
       {std::string{"nonsense"}, body, body + other_signature, none + claims, none + claims + "x",
        std::string(9'000, 'a'), known.token + "."}) {
    Visitor forger = visitor();
    forger.token = token;
    expect_not_authorized(forger.post("/api/tickets", offer()));
    expect_not_authorized(forger.get("/api/orders"));
    expect_not_authorized(forger.get("/api/payments/some"));
    EXPECT_EQ(forger.get("/api/users/currentuser").body, R"({"currentUser":null})");
  }
}

TEST_P(Accounts, signing_out_ends_the_session_everywhere) {
  Visitor someone = user();
  expect_served_everywhere(someone);
  const Response response = someone.post("/api/users/signout", "");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{}");
  const std::string cookie = header(response, "Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("session=;")) << cookie;
  EXPECT_NE(cookie.find("Max-Age=0"), std::string::npos) << cookie;
  expect_refused_everywhere(someone);
}

TEST_P(Accounts, who_has_signed_out_may_sign_in_again) {
  Visitor someone = user();
  const std::string old_token = someone.token;
  EXPECT_EQ(someone.post("/api/users/signout", "").status, 200);
  someone.take_token(someone.post("/api/users/signin", credentials(someone.email)));
  expect_served_everywhere(someone);
  someone.token = old_token;
  expect_refused_everywhere(someone);
}

TEST_P(Accounts, signing_out_without_a_session_is_harmless) {
  const Response response = visitor().post("/api/users/signout", "");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{}");
}

TEST_P(Accounts, a_new_password_ends_the_sessions_from_before) {
  Visitor someone = user();
  Visitor elsewhere = someone;
  const Response response = someone.put(
      "/api/users/password", R"({"password":"correct horse","newPassword":"battery staple"})");
  EXPECT_EQ(answer_of<UserAnswer>(response, 200).id, someone.id);
  EXPECT_EQ(answer_of<UserAnswer>(response, 200).email, someone.email);
  someone.take_token(response);
  expect_served_everywhere(someone);
  expect_refused_everywhere(elsewhere);
  expect_refusal(visitor().post("/api/users/signin", credentials(someone.email)), 400,
                 "Invalid credentials");
  EXPECT_EQ(
      visitor().post("/api/users/signin", credentials(someone.email, "battery staple")).status,
      200);
}

TEST_P(Accounts, changing_the_password_needs_the_old_one_and_a_good_new_one) {
  Visitor someone = user();
  const auto change = [&](const std::string& body) {
    return someone.put("/api/users/password", body);
  };
  expect_not_authorized(visitor().put("/api/users/password", "not even JSON"));
  expect_refusal(change(R"({"password":"wrong horse","newPassword":"battery staple"})"), 400,
                 "Invalid credentials");
  expect_bad_fields(change(R"({"password":"correct horse","newPassword":"short"})"),
                    {"newPassword"}, "Password must be between 8 and 128 characters");
  expect_bad_fields(change("{}"), {"password", "newPassword"});
  EXPECT_EQ(visitor().post("/api/users/signin", credentials(someone.email)).status, 200);
}

TEST_P(Accounts, the_keys_that_verify_tokens_are_public_and_only_those) {
  const Response response = visitor().get("/.well-known/jwks.json");
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find(R"("keys":[{)"), std::string::npos) << response.body;
  EXPECT_NE(response.body.find(R"("kty":"OKP")"), std::string::npos);
  EXPECT_NE(response.body.find(R"("x":")"), std::string::npos);
  EXPECT_EQ(response.body.find(R"("d":)"), std::string::npos) << "the private key";
}

ON_BOTH_LAYOUTS(Contract, Accounts);

}  // namespace
}  // namespace ticketing::test
