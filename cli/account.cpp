// The account: signup, signin, signout, whoami.

#include "invocation.hpp"
#include "password.hpp"
#include "verbs.hpp"
#include "watch.hpp"

namespace ticketing::cli {
namespace {

struct SignOptions {
  std::string email;
  PasswordSource password;
  WatchOptions watch;
};

SignOptions parse_sign_in(const Arguments& arguments) {
  return {arguments.text("EMAIL"), password_source(arguments), {}};
}

SignOptions parse_sign_up(const Arguments& arguments) {
  return {arguments.text("EMAIL"), password_source(arguments), parse_watch(arguments)};
}

enum class Account { fresh, known };

template <Account account>
void open_session(const SignOptions& options, Invocation& invocation) {
  constexpr bool is_new = account == Account::fresh;
  const Profile profile = invocation.profile();  // Complains before anything has happened.
  const std::string password = read_password(options.password, invocation.world(), is_new);
  Watch watch{options.watch, invocation, {"auth"}};
  Client client = invocation.anonymous_client(watch.request());
  const UserAnswer user =
      is_new ? client.sign_up(options.email, password) : client.sign_in(options.email, password);
  profile.keep(invocation.options().server, client.token());
  invocation.output().record(user);
  watch.flow().expect(user.id, 0);
  watch.until_rest();
}

/// Of a session that the server knows no more nothing comes.
void close_session(Client& client, Watch& watch) {
  try {
    const auto user = watch.on() ? client.current_user() : std::nullopt;
    if (user) watch.flow().expect(user->id, 0);
    client.sign_out();
  } catch (const Error& error) {
    // The server knows the session no more, which is what was asked for. Anything else must leave
    // the token where it is: it still opens doors.
    if (error.code() != ErrorCode::unauthorized) throw;
  }
}

void end_session(const WatchOptions& options, Invocation& invocation) {
  Watch watch{options, invocation, {"auth"}};
  Client client = invocation.client(watch.request());
  if (client.token().empty()) {
    invocation.output().note("nobody is signed in at " + invocation.options().server);
    return;
  }
  close_session(client, watch);
  invocation.profile().forget();
  invocation.output().note("signed out");
  watch.until_rest();
}

}  // namespace

void sign_up(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_sign_up, &open_session<Account::fresh>>(arguments, invocation);
}

void sign_in(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_sign_in, &open_session<Account::known>>(arguments, invocation);
}

void sign_out(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_watch, &end_session>(arguments, invocation);
}

void who_am_i(const Arguments&, Invocation& invocation) {
  const auto user = invocation.client().current_user();
  if (!user) {
    throw Error{ErrorCode::unauthorized, "nobody is signed in at " + invocation.options().server};
  }
  invocation.output().record(*user);
}

}  // namespace ticketing::cli
