// Secrets that are told apart from everything else, taken through a whole purchase and through
// failures, at the log level that says most; then looked for in all that anyone has written.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "contract.hpp"
#include "services/flags.hpp"
#include "support/databases.hpp"
#include "ticketing/messaging/tail.hpp"

namespace ticketing::test {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string trimmed_file(const std::string& path) {
  std::string text = read_file(path);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

MarketplaceOptions talkative(Layout layout) {
  MarketplaceOptions options;
  options.layout = layout;
  options.adjust = [](const std::string&, Command& command) {
    set_flag(command, "log-level", "debug");
  };
  return options;
}

class Canaries : public testing::TestWithParam<Layout> {
 protected:
  using Secrets = std::map<std::string, std::string>;

  /// A secret by that name, the same each time.
  const std::string& secret(const std::string& name, const std::string& prefix = "") {
    const auto [entry, is_new] = secrets_.try_emplace(name);
    if (is_new) entry->second = prefix + "canary-" + fresh_key();
    return entry->second;
  }
  /// What signs a token: enough to find it by, and all that makes it one.
  void remember_token(const std::string& name, const std::string& token) {
    secrets_[name] = token.substr(token.rfind('.') + 1);
  }
  Headers key(const std::string& name) { return {{"Idempotency-Key", secret(name)}}; }

  /// Notes what was answered. A session is for whoever asked for it.
  Response told(const Response& response) {
    told_ += response.body + '\n';
    for (const auto& [name, value] : response.headers) {
      if (name != "Set-Cookie") told_ += name + ": " + value + '\n';
    }
    return response;
  }

  void live();
  void sign_up_and_in();
  void go_wrong();
  void buy();
  void change_password();
  void break_down();
  std::string events();

  void expect_nowhere(const std::string& where, const std::string& text, const Secrets& secrets) {
    for (const auto& [name, value] : secrets) {
      EXPECT_EQ(text.find(value), std::string::npos) << "the " << name << " is in " << where;
    }
  }
  void expect_not_stored(const Secrets& secrets);
  /// Of the services themselves: in their own files alone.
  Secrets own_secrets() const;

  Secrets secrets_;
  std::string told_;
  Marketplace market_{talkative(GetParam())};
  Visitor buyer_{market_};
  Visitor seller_{market_};
};

void Canaries::sign_up_and_in() {
  const std::string mine = credentials(buyer_.email, secret("password"));
  Visitor nobody{market_};  // As who has the token, it would be another caller's key.
  Response answer = told(nobody.post("/api/users/signup", mine, key("key of signing up")));
  ASSERT_EQ(answer.status, 201);
  buyer_.take_token(answer);
  remember_token("bearer token", buyer_.token);
  answer = told(nobody.post("/api/users/signup", mine, key("key of signing up")));
  ASSERT_EQ(answer.status, 201);
  answer = told(nobody.post("/api/users/signin", mine, key("key of signing in")));
  ASSERT_EQ(answer.status, 200);
  Visitor browser{market_};
  browser.take_token(answer);
  remember_token("cookie", browser.token);
  const Headers cookie{{"Cookie", "session=" + browser.token}};
  told(browser.get("/api/orders", cookie));
  told(browser.get("/api/users/currentuser", cookie));
}

/// Whatever a client may get wrong, with secrets in it.
void Canaries::go_wrong() {
  const std::string& wrong = secret("wrong password");
  told(buyer_.post("/api/users/signin", credentials(buyer_.email, wrong)));
  told(buyer_.post("/api/users/signin", credentials(buyer_.email, wrong), key("key of failing")));
  told(buyer_.post("/api/users/signup", credentials(buyer_.email, wrong), key("another key")));
  told(buyer_.post("/api/users/signup", credentials("no email", wrong)));
  told(buyer_.post("/api/users/signin", R"({"email":"a@b.de","password":")" + wrong));
  told(buyer_.post("/api/users/signin", R"({"password":{")" + wrong + R"(":1}})"));
  told(buyer_.post("/api/users/signin", credentials("a@b.de", wrong + std::string(200, 'x'))));
  told(buyer_.post("/api/tickets", R"({"title":"A","price":20,"password":")" + wrong + R"("})"));
  told(buyer_.post("/api/nowhere", wrong));
  told(buyer_.get("/api/tickets?limit=" + wrong + "&token=" + secret("parameter")));
  told(buyer_.get("/api/orders", {{"Authorization", "Bearer " + secret("false token")}}));
  told(buyer_.get("/api/orders", {{"Authorization", "Basic " + secret("basic credentials")}}));
  told(buyer_.get("/api/orders", {{"Cookie", "session=" + secret("false cookie")}}));
}

void Canaries::buy() {
  seller_.sign_up();
  const std::string order = buyer_.reserve(seller_.sell().id).id;
  // Unknown to the sandbox, and so declined.
  const std::string body = payment_for(order, secret("card token", "tok_"));
  told(buyer_.post("/api/payments", body, key("key of paying")));
  told(buyer_.post("/api/payments", body, key("key of paying")));
  told(buyer_.post("/api/payments", body));
}

void Canaries::change_password() {
  const std::string body = R"({"password":")" + secret("password") + R"(","newPassword":")" +
                           secret("new password") + R"("})";
  const Response answer = told(buyer_.put("/api/users/password", body));
  ASSERT_EQ(answer.status, 200);
  buyer_.take_token(answer);
  remember_token("token after a change of password", buyer_.token);
}

/// Tables that are gone make any route fail from inside.
void Canaries::break_down() {
  const std::string order = buyer_.reserve(seller_.sell().id).id;
  const std::string email = buyer_.email;
  execute(market_.database_of("auth"), "alter table users rename to gone");
  execute(market_.database_of("payments"), "alter table charges rename to gone");
  const std::vector<Response> answers{
      buyer_.post("/api/users/signup", credentials(fresh_email(), secret("password of a failure")),
                  key("key of a failure")),
      buyer_.post("/api/users/signin", credentials(email, secret("new password"))),
      buyer_.put("/api/users/password", R"({"password":")" + secret("new password") +
                                            R"(","newPassword":")" + secret("no password") +
                                            R"("})"),
      buyer_.post("/api/payments", payment_for(order, secret("card of a failure", "tok_")),
                  key("key of a failed payment"))};
  for (const Response& answer : answers) {
    EXPECT_EQ(told(answer).status, 500);
    EXPECT_EQ(answer.body, R"({"errors":[{"message":"Something went wrong","code":"internal"}]})");
  }
  execute(market_.database_of("auth"), "alter table gone rename to users");
  execute(market_.database_of("payments"), "alter table gone rename to charges");
}

std::string Canaries::events() {
  std::vector<std::string> endpoints;
  if (GetParam() == Layout::one) {
    endpoints = {market_.bus_of("auth")};
  } else {
    for (const std::string& service : kServices) endpoints.push_back(market_.bus_of(service));
  }
  EventTail tail{{.endpoints = endpoints, .subjects = {}, .from = 1}};
  std::string text;
  const auto all_read = [&] {
    const auto event = tail.next(std::chrono::milliseconds{0});
    if (event) text += encode(event->envelope) + '\n';
    return !event && tail.caught_up();
  };
  EXPECT_TRUE(eventually(all_read));
  return text;
}

Canaries::Secrets Canaries::own_secrets() const {
  Secrets own;
  for (const auto& file : std::filesystem::directory_iterator{market_.data_dir()}) {
    const auto kind = file.path().extension();
    if (kind == ".key" || kind == ".secret") own[file.path()] = trimmed_file(file.path());
  }
  return own;
}

void Canaries::expect_not_stored(const Secrets& secrets) {
  const Secrets own = own_secrets();
  for (const auto& file : std::filesystem::directory_iterator{market_.data_dir()}) {
    const std::string text = read_file(file.path());
    expect_nowhere(file.path(), text, secrets);
    if (!own.contains(file.path())) expect_nowhere(file.path(), text, own);
  }
}

void Canaries::live() {
  buyer_.email = fresh_email();
  sign_up_and_in();
  go_wrong();
  buy();
  change_password();
  break_down();
}

TEST_P(Canaries, are_in_nothing_that_is_written) {
  live();
  ASSERT_EQ(own_secrets().size(), GetParam() == Layout::one ? 2U : 6U);
  Secrets all = secrets_;
  all.merge(own_secrets());
  expect_nowhere("answers", told_, all);
  const std::string published = events();
  ASSERT_NE(published.find("user:created"), std::string::npos);
  expect_nowhere("events", published, all);
  std::string pages;
  for (const std::string& service : kServices) {
    for (const std::string page : {"/metrics", "/readyz"}) {
      pages += market_.admin(service, page).body;
    }
  }
  expect_nowhere("admin pages", pages, all);
  ASSERT_NE(market_.logs().find("a request failed"), std::string::npos);
  expect_nowhere("logs", market_.logs(), all);
  for (const std::string& service : kServices) {
    expect_nowhere("stdout", market_.process_of(service).out(), all);
  }
  // A card token is kept until its charge has an outcome, and in SQLite's log until that is
  // written over, or left behind by a clean stop.
  Secrets but_cards = secrets_;
  std::erase_if(but_cards, [](const auto& one) { return one.second.starts_with("tok_"); });
  expect_not_stored(but_cards);
  for (const auto& [program, status] : market_.stop()) EXPECT_EQ(status, 0) << program;
  expect_not_stored(secrets_);
  // Found where it is by design, or the search finds nothing at all.
  const std::string stored = read_file(market_.database_of("auth"));
  EXPECT_NE(stored.find("$argon2id$"), std::string::npos);
  EXPECT_NE(stored.find(buyer_.email), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Canaries, Canaries, testing::Values(Layout::one, Layout::five),
                         layout_name);

}  // namespace
}  // namespace ticketing::test
