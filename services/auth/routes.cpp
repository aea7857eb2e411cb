#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "auth/service.hpp"
#include "auth/storage.hpp"

namespace auth {
namespace {

struct UserShown {
  std::string id;
  std::string email;
  std::optional<std::int64_t> iat;  ///< Only where the token is shown along with its user.
  static constexpr std::array kFields{field<&UserShown::id>("id"),
                                      field<&UserShown::email>("email"),
                                      field<&UserShown::iat>("iat")};
};

/// The answer that lets someone in: the user, and a fresh token.
Response admitted(int status, const User& user, const Desk& desk, const Context& ctx) {
  const auto token = desk.key.issue(identity_of(user, desk.token_lifetime, ctx.now()));
  return Response::json(status, to_json(UserShown{user.fact.id, user.fact.email, std::nullopt}))
      .with("Set-Cookie", session_cookie(token, desk.token_lifetime, desk.secure_cookie));
}

/// The caller, by this service's own books: they know of a revocation before any event does.
std::optional<User> signed_in(Context& ctx) {
  if (!ctx.caller()) return std::nullopt;
  auto user = UserTable{ctx.tx()}.find(ctx.caller()->user_id);
  if (user && !accepts(*user, *ctx.caller())) user.reset();
  return user;
}

void save(const User& user, Context& ctx) {
  UserTable{ctx.tx()}.update(user);
  ctx.publish(UserUpdated{user.fact});
}

constexpr const char* kTooMany = "too many";
constexpr char kSeparator = '\n';  // Stands in no encoded hash.

/// What a slow job has come to, unless it was one too many.
std::string unless_too_many(std::string result) {
  if (result != kTooMany) return result;
  throw Error(ErrorCode::exhausted, "Too many attempts, try again in a minute",
              "too_many_attempts");
}

/// Compares passwords, and hashes the new one if there is one. Off the threads that serve and
/// write, and once for each request, however often its call is made: so a failure counts once.
struct PasswordCheck {
  const User* user;  ///< Null: nobody has that email, which is to take as long to find out.
  std::string email;
  std::string password;
  std::string new_password = {};

  /// The hash to be stored from now on, or "": of the new password, or of the same where the cost
  /// has risen since. Throws Error: invalid – no match; exhausted – too many failures.
  std::string run(Desk& desk, Context& ctx) const {
    const std::string stored = user ? user->password_hash : desk.decoy_hash;
    const auto address = ctx.request().remote;
    const std::string result =
        unless_too_many(ctx.offload([email = email, password = password, stored, address,
                                     fresh = new_password, &desk, now = ctx.now()] {
          if (!desk.limiter.admit(email, address, now)) return std::string{kTooMany};
          if (!verify_password(password, stored)) return std::string{};
          desk.limiter.forgive(email, address, now);
          const std::string& hashed =
              fresh.empty() && needs_rehash(stored, desk.password_cost) ? password : fresh;
          return stored + kSeparator +
                 (hashed.empty() ? "" : hash_password(hashed, desk.password_cost));
        }));
    // Compared with what is stored now: the password may have changed since the job began.
    const auto end = result.find(kSeparator);
    if (!user || end == std::string::npos || result.substr(0, end) != user->password_hash) {
      throw Error(ErrorCode::invalid, "Invalid credentials", "invalid_credentials");
    }
    return result.substr(end + 1);
  }
};

/// The hash of someone who signs up, of whom an address may bring so many a minute.
std::string new_hash(const std::string& password, Desk& desk, Context& ctx) {
  return unless_too_many(ctx.offload(
      [password, address = ctx.request().remote, &desk, now = ctx.now()]() -> std::string {
        if (!desk.sign_ups.admit(address, now)) return kTooMany;
        return hash_password(password, desk.password_cost);
      }));
}

/// Whoever has not heard the answer asks again, and gets it with a token of its own.
Response signed_up_before(const User& user, const SignUp& body, Desk& desk, Context& ctx) {
  PasswordCheck{&user, body.email, body.password}.run(desk, ctx);
  return admitted(201, user, desk, ctx);
}

}  // namespace

Response sign_up(const SignUp& body, Desk& desk, Context& ctx) {
  const UserTable users{ctx.tx()};
  const auto known = users.find_by_email(body.email);
  if (known && ctx.repeated()) return signed_up_before(*known, body, desk, ctx);
  // Also where the email turns out to be in use: who is signed up is not to be found out quickly.
  const auto hash = new_hash(body.password, desk, ctx);
  if (known) throw Error{std::vector<FieldError>{{"Email in use", "email", "email_in_use"}}};
  const User user = sign_up(ctx.new_id(), body.email, hash);
  users.insert(user);
  ctx.publish(UserCreated{user.fact});
  return admitted(201, user, desk, ctx);
}

Response sign_in(const SignIn& body, Desk& desk, Context& ctx) {
  const UserTable users{ctx.tx()};
  const auto user = users.find_by_email(body.email);
  const PasswordCheck check{user ? &*user : nullptr, body.email, body.password};
  if (const auto hash = check.run(desk, ctx); !hash.empty()) users.rehash(user->fact.id, hash);
  return admitted(200, *user, desk, ctx);
}

Response sign_out(Desk& desk, Context& ctx) {
  if (const auto user = signed_in(ctx)) save(sign_out(*user, *ctx.caller(), ctx.now()), ctx);
  return Response::json(200, "{}").with("Set-Cookie", cleared_session_cookie(desk.secure_cookie));
}

Response current_user(Context& ctx) {
  const auto user = signed_in(ctx);
  if (!user) return Response::json(200, R"({"currentUser":null})");
  const auto issued = std::chrono::floor<std::chrono::seconds>(ctx.caller()->issued_at);
  const UserShown shown{user->fact.id, user->fact.email, issued.time_since_epoch().count()};
  return Response::json(200, R"({"currentUser":)" + to_json(shown) + '}');
}

Response change_password(const NewPassword& body, Desk& desk, Context& ctx) {
  const auto user = signed_in(ctx);
  if (!user) throw Error(ErrorCode::unauthorized, "Not authorized");
  const PasswordCheck check{&*user, user->fact.email, body.password, body.new_password};
  const User changed = change_password(*user, check.run(desk, ctx), ctx.user(), ctx.now());
  save(changed, ctx);
  // Whoever changes the password stays signed in; everyone else who holds a token does not.
  return admitted(200, changed, desk, ctx);
}

}  // namespace auth
