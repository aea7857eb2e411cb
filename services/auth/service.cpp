#include "auth/service.hpp"

#include <memory>
#include <utility>

#include "auth/storage.hpp"

namespace auth {

std::vector<Option> options() {
  return {
      {"signing-key", OptionKind::text, "", "key file; by default <data-dir>/auth.key"},
      {"token-lifetime", OptionKind::duration, "1h", "how long a token counts"},
      {"sign-ups-a-minute", OptionKind::number, "20", "sign-ups from one address"},
  };
}

void define(Service& service) {
  const Settings& settings = service.settings();
  const std::string default_key = settings.text("data-dir") + "/auth.key";
  const std::string& chosen_key = settings.text("signing-key");
  define_with(
      service,
      SigningKey::load_or_create(chosen_key.empty() ? default_key : chosen_key, system_random()),
      PasswordCost{});
}

namespace {

AttemptLimits sign_up_limits(const Settings& settings) {
  const auto attempts = settings.number("sign-ups-a-minute");
  if (attempts < 1) throw Error(ErrorCode::invalid, "--sign-ups-a-minute must be at least 1");
  return {.attempts_max = static_cast<std::size_t>(attempts)};
}

}  // namespace

void define_with(Service& service, SigningKey key, const PasswordCost& cost) {
  const Settings& settings = service.settings();
  auto& desk = service.keep(std::unique_ptr<Desk>(
      new Desk{std::move(key), settings.duration("token-lifetime"), !settings.flag("dev"), cost,
               hash_password(random_hex(system_random(), 16), cost),
               AttemptLimiter{sign_up_limits(settings)}}));
  if (desk.token_lifetime.count() <= 0) {
    throw Error(ErrorCode::invalid, "--token-lifetime must be longer than 0, as in 1h");
  }
  service.provide_jwks(desk.key.jwks());
  service.migrate(migrations());

  service.post<SignUp>(
      "/api/users/signup", Access::open,
      [&](const SignUp& body, Context& ctx) { return sign_up(body, desk, ctx); },
      Repeat::run_again);
  service.post<SignIn>(
      "/api/users/signin", Access::open,
      [&](const SignIn& body, Context& ctx) { return sign_in(body, desk, ctx); },
      Repeat::run_again);
  service.post(
      "/api/users/signout", Access::open, [&](Context& ctx) { return sign_out(desk, ctx); },
      Repeat::run_again);
  service.get("/api/users/currentuser", Access::open, &current_user);
  service.put<NewPassword>(
      "/api/users/password", Access::require_user,
      [&](const NewPassword& body, Context& ctx) { return change_password(body, desk, ctx); });
  service.get("/.well-known/jwks.json", Access::open,
              [&](Context&) { return Response::json(200, desk.key.jwks()); });
}

}  // namespace auth
