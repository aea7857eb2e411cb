// Tokens that the auth service would never issue, shown to every route of running services: as good
// as none. What makes a token bad is the business of tests/unit/auth; here, that nobody forgot to
// ask.

#include <algorithm>
#include <fstream>

#include "contract.hpp"
#include "services/routes.hpp"
#include "ticketing/core/time.hpp"
#include "unit/auth/forge.hpp"

namespace ticketing::test {
namespace {

using ticketing::testing::base64url;
using ticketing::testing::Forgery;
using ticketing::testing::keys_of;
using ticketing::testing::seed_of;

constexpr unsigned char kSeed = 1;  // Of the services' key, which a Forgery is signed with.

/// `iat`, `itm` and `exp` of a token that was issued `age` ago, for an hour.
std::string times(std::chrono::seconds age) {
  const auto issued = std::chrono::floor<std::chrono::seconds>(system_clock().now()) - age;
  const auto at = issued.time_since_epoch().count();
  return R"("iat":)" + std::to_string(at) + R"(,"itm":)" + std::to_string(at * 1'000) +
         R"(,"exp":)" + std::to_string(at + 3'600);
}

Forgery sound() {
  Forgery forgery;
  forgery.times = times(std::chrono::seconds{0});
  return forgery;
}

/// A sound token but for what `change` does.
template <class F>
std::string token_with(F change) {
  Forgery forgery = sound();
  change(forgery);
  return forgery.token();
}

/// HS256, for which a careless server takes its public key for the secret.
std::string signed_with_public_key() {
  Forgery forgery = sound();
  forgery.alg = R"("alg":"HS256",)";
  const std::string text = forgery.text();
  const std::string key = *keys_of(kSeed).find(SigningKey(seed_of(kSeed)).key_id());
  std::string signature(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256(reinterpret_cast<unsigned char*>(signature.data()),
                         ticketing::testing::raw(text), text.size(), ticketing::testing::raw(key));
  return text + '.' + base64url(signature);
}

std::string unsigned_with(const std::string& alg) {
  Forgery forgery = sound();
  forgery.alg = R"("alg":")" + alg + R"(",)";
  return forgery.text() + '.';
}

std::string tampered(std::size_t part) {
  std::string token = sound().token();
  std::size_t at = 0;
  for (std::size_t i = 0; i < part; ++i) at = token.find('.', at) + 1;
  char& letter = token[at + 12];
  letter = letter == 'A' ? 'B' : 'A';
  return token;
}

std::map<std::string, std::string> forgeries() {
  const std::string sub = R"("sub":"user-1","email":"ann@example.com",)";
  const std::string own_jwk = R"(,"jwk":{"kty":"OKP","crv":"Ed25519","x":")" +
                              base64url(*keys_of(2).find(SigningKey(seed_of(2)).key_id())) +
                              R"("})";
  const std::chrono::hours day{24};
  return {
      {"no algorithm", unsigned_with("none")},
      {"no algorithm, in capitals", unsigned_with("NONE")},
      {"the signature left out", unsigned_with("EdDSA")},
      {"the public key for a secret", signed_with_public_key()},
      {"another algorithm", token_with([](auto& f) { f.alg = R"("alg":"ES256",)"; })},
      {"another key", token_with([](auto& f) { f.seed = 2; })},
      {"another key, under its own name",
       SigningKey(seed_of(2))
           .issue({"user-1", "ann@example.com", system_clock().now(), system_clock().now() + day})},
      {"a key in the header", token_with([&](auto& f) {
         f.seed = 2;
         f.header_more = own_jwk;
       })},
      {"an unknown key", token_with([](auto& f) { f.kid = R"("kid":"other")"; })},
      {"no key", token_with([](auto& f) { f.kid = R"("cty":"JWT")"; })},
      {"another issuer", token_with([](auto& f) { f.iss = R"("iss":"evil",)"; })},
      {"another audience", token_with([](auto& f) { f.aud = R"("aud":"other",)"; })},
      {"another type", token_with([](auto& f) { f.typ = R"("typ":"at+jwt",)"; })},
      {"a critical extension", token_with([](auto& f) { f.header_more = R"(,"crit":["b64"])"; })},
      {"expired", token_with([&](auto& f) { f.times = times(day); })},
      {"from the future", token_with([&](auto& f) { f.times = times(-day); })},
      {"over 8 KiB",
       token_with([](auto& f) { f.header_more = R"(,"x":")" + std::string(6'200, 'x') + '"'; })},
      {"a claim twice", token_with([&](auto& f) { f.who = sub + R"("sub":"user-2",)"; })},
      {"no user", token_with([](auto& f) { f.who = R"("email":"ann@example.com",)"; })},
      {"a changed header", tampered(0)},
      {"changed claims", tampered(1)},
      {"a changed signature", tampered(2)},
      {"a part too many", sound().token() + ".e30"},
      {"padding", sound().token() + "="},
      {"nothing", ""},
  };
}

MarketplaceOptions with_known_key(Layout layout, const TempFolder& folder) {
  const std::string path = folder.file("known.key");
  std::string digits;
  for (std::size_t i = 0; i < SigningKey::kSeedBytes; ++i) digits += "01";
  std::ofstream{path} << digits << '\n';
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
  MarketplaceOptions options;
  options.layout = layout;
  options.adjust = [path](const std::string& host, Command& command) {
    if (host != "auth" && host != "ticketd") return;
    command.arguments.insert(command.arguments.end(), {"--signing-key", path});
  };
  return options;
}

class ForgedTokens : public ::testing::TestWithParam<Layout> {
 protected:
  Response ask(const Route& route, const Headers& headers) {
    const std::string body = route.has_body ? "{}" : "";
    return Visitor{market_}.send(route.method, route.path(), body, headers);
  }
  static Headers bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }
  static Headers cookie(const std::string& token) { return {{"Cookie", "session=" + token}}; }

  TempFolder folder_;
  Marketplace market_{with_known_key(GetParam(), folder_)};
};

TEST_P(ForgedTokens, are_as_good_as_none_on_every_route) {
  for (const Route& route : all_routes()) {
    const Response nobody = ask(route, {});
    const bool is_protected = route.access == Access::require_user;
    EXPECT_EQ(nobody.status == 401, is_protected) << route.name();
    for (const auto& [what, token] : forgeries()) {
      for (const Headers& headers : {bearer(token), cookie(token)}) {
        const Response answer = ask(route, headers);
        EXPECT_EQ(answer.status, nobody.status) << route.name() << ": " << what;
        EXPECT_EQ(answer.body, nobody.body) << route.name() << ": " << what;
      }
    }
  }
}

// Else the test above would pass for any reason.
TEST_P(ForgedTokens, sound_ones_are_accepted_on_every_protected_route) {
  const std::string token = sound().token();
  for (const Route& route : all_routes()) {
    if (route.access != Access::require_user) continue;
    // Someone whom the auth service does not know has no password to change.
    if (route.pattern == "/api/users/password") continue;
    for (const Headers& headers : {bearer(token), cookie(token)}) {
      EXPECT_NE(ask(route, headers).status, 401) << route.name();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Tokens, ForgedTokens, ::testing::Values(Layout::one, Layout::five),
                         layout_name);

}  // namespace
}  // namespace ticketing::test
