// How often an address may try: sign-ins that fail, sign-ups; and which address that is behind a
// proxy. Each on a marketplace of its own, since all tests have the same address.

#include <map>

#include "contract.hpp"
#include "services/flags.hpp"
#include "support/databases.hpp"
#include "ticketing/auth/passwords.hpp"

namespace ticketing::test {
namespace {

MarketplaceOptions with_flags(const std::map<std::string, std::string>& flags) {
  MarketplaceOptions options;
  options.adjust = [flags](const std::string&, Command& command) {
    for (const auto& [name, value] : flags) set_flag(command, name, value);
  };
  return options;
}

int guess(Visitor& visitor, const std::string& email, Headers headers = {}) {
  return visitor.post("/api/users/signin", credentials(email, "wrong horse"), std::move(headers))
      .status;
}

Headers forwarded_for(const std::string& address) { return {{"X-Forwarded-For", address}}; }

TEST(SignInLimits, an_address_may_fail_twenty_times_a_minute) {
  const Marketplace market;
  Visitor someone{market};
  someone.sign_up();
  for (int i = 0; i < 20; ++i) ASSERT_EQ(guess(someone, fresh_email()), 400);
  EXPECT_EQ(guess(someone, fresh_email()), 429);
  // Nor does it get in with what it has guessed, or by another header.
  EXPECT_EQ(someone.post("/api/users/signin", credentials(someone.email)).status, 429);
  EXPECT_EQ(guess(someone, fresh_email(), forwarded_for("192.0.2.1")), 429);
}

TEST(SignInLimits, behind_a_trusted_proxy_each_client_has_its_own) {
  const Marketplace market{with_flags({{"trusted-proxy", "127.0.0.1"}})};
  Visitor proxy{market};
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(guess(proxy, fresh_email(), forwarded_for("192.0.2.1")), 400);
  }
  EXPECT_EQ(guess(proxy, fresh_email(), forwarded_for("192.0.2.1")), 429);
  // What the client itself has written is further left.
  EXPECT_EQ(guess(proxy, fresh_email(), forwarded_for("192.0.2.3, 192.0.2.1")), 429);
  EXPECT_EQ(guess(proxy, fresh_email(), forwarded_for("192.0.2.2")), 400);
}

TEST(SignInLimits, a_proxy_that_is_no_address_is_refused_at_the_start) {
  const TempFolder folder;
  const Outcome outcome = run_to_end(
      {path_of_program("ticketd"),
       {"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--bus-bind", "tcp://127.0.0.1:0",
        "--data-dir", folder.path(), "--trusted-proxy", "proxy.example"},
       {},
       {}});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_NE(outcome.err.find("--trusted-proxy: \"proxy.example\" is not an address"),
            std::string::npos)
      << outcome.err;
}

TEST(SignUpLimits, an_address_may_sign_up_so_many_a_minute) {
  const Marketplace market{with_flags({{"sign-ups-a-minute", "3"}})};
  Visitor someone{market};
  someone.sign_up();
  // What is refused at the end has cost as much.
  const auto in_use = someone.post("/api/users/signup", credentials(someone.email));
  expect_bad_fields(in_use, {"email"}, "Email in use");
  // What is refused at once has cost nothing.
  EXPECT_EQ(someone.post("/api/users/signup", credentials("no email")).status, 400);
  EXPECT_EQ(someone.post("/api/users/signup", credentials(fresh_email())).status, 201);
  const Response fourth = someone.post("/api/users/signup", credentials(fresh_email()));
  EXPECT_EQ(fourth.status, 429);
  EXPECT_EQ(complaints_of(fourth)[0].code, "too_many_attempts");
  EXPECT_EQ(header(fourth, "Retry-After"), "60");
  // Whoever is signed up is none the worse for it.
  EXPECT_EQ(someone.post("/api/users/signin", credentials(someone.email)).status, 200);
}

TEST(Passwords, that_were_hashed_at_a_lower_cost_are_hashed_anew_at_sign_in) {
  Marketplace market;
  Visitor someone{market};
  someone.sign_up();
  for (const auto& [program, status] : market.stop()) EXPECT_EQ(status, 0) << program;
  const std::string cheap = hash_password(kPassword, {.memory_bytes = 8 << 10, .passes = 1});
  execute(market.database_of("auth"), "update users set password_hash = '" + cheap + "'");
  market.start("auth");
  market.wait_until_ready();
  const auto stored = [&] {
    return lines(Databases{market}.rows("select password_hash from auth.users"));
  };
  Visitor guest{market};
  EXPECT_EQ(guess(guest, someone.email), 400);
  EXPECT_EQ(stored(), cheap + '\n');
  EXPECT_EQ(guest.post("/api/users/signin", credentials(someone.email)).status, 200);
  EXPECT_TRUE(stored().starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << stored();
  EXPECT_EQ(guest.post("/api/users/signin", credentials(someone.email)).status, 200);
  EXPECT_EQ(guess(guest, someone.email), 400);
}

}  // namespace
}  // namespace ticketing::test
