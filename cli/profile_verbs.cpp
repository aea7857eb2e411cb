// Profiles: profile list, profile use, profile remove.

#include "invocation.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

/// A profile in a listing.
struct ShownProfile {
  std::string name;
  bool in_use = false;
  std::string server;
  std::string signed_in_at;  ///< Empty: nobody is signed in.

  static constexpr std::array kFields{
      field<&ShownProfile::name>("name"),
      field<&ShownProfile::in_use>("inUse"),
      field<&ShownProfile::server>("server"),
      field<&ShownProfile::signed_in_at>("signedInAt"),
  };
};
constexpr std::array<std::string_view, 4> kColumns{"name", "inUse", "server", "signedInAt"};

std::string name_in(const Arguments& arguments) { return arguments.text("NAME"); }

struct UseOptions {
  std::string name;
  ProfileAddresses addresses;  ///< Only those that were given.
};

UseOptions parse_use(const Arguments& arguments) {
  UseOptions options{name_in(arguments), {}};
  const GlobalOptions given = parse_global(arguments);
  if (arguments.is_given("server")) options.addresses.server = given.server;
  if (arguments.is_given("peer")) options.addresses.peers = given.peers;
  return options;
}

void use(const UseOptions& options, Invocation& invocation) {
  Profiles{invocation.world().variable}.use(options.name, options.addresses);
  invocation.output().note("profile " + options.name + " is in use");
}

void remove(const std::string& name, Invocation& invocation) {
  if (!Profiles{invocation.world().variable}.remove(name)) {
    throw Error{ErrorCode::not_found, "there is no profile " + name, "no_profile"};
  }
  invocation.output().note("profile " + name + " is gone; its session, if any, ends by itself");
}

}  // namespace

void list_profiles(const Arguments&, Invocation& invocation) {
  const Variables& variable = invocation.world().variable;
  const Profiles profiles{variable};
  std::vector<ShownProfile> shown;
  for (const std::string& name : profiles.names()) {
    shown.push_back({name, name == profiles.in_use(), profiles.addresses_of(name).server,
                     Profile{name, variable}.session_server()});
  }
  invocation.output().records(shown, kColumns);
}

void use_profile(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_use, &use>(arguments, invocation);
}

void remove_profile(const Arguments& arguments, Invocation& invocation) {
  run_verb<&name_in, &remove>(arguments, invocation);
}

}  // namespace ticketing::cli
