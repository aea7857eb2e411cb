#include "invocation.hpp"

#include <utility>

#include "ticketing/messaging/bus_security.hpp"

namespace ticketing::cli {

GlobalOptions parse_global(const Arguments& arguments) {
  GlobalOptions options;
  options.server = arguments.text("server");
  while (options.server.ends_with('/')) options.server.pop_back();
  options.profile = arguments.text("profile");
  options.json = arguments.is_set("json");
  options.no_color = arguments.is_set("no-color");
  options.peers = arguments.list("peer");
  options.bus_key = arguments.text("bus-key");
  options.bus_allow = arguments.text("bus-allow");
  return options;
}

GlobalOptions with_profile(GlobalOptions options, const Arguments& arguments,
                           const Variables& variable) {
  const Profiles profiles{variable};
  if (!arguments.is_given("profile")) options.profile = profiles.in_use();
  const bool needs_addresses = !arguments.is_given("server") || !arguments.is_given("peer");
  if (!needs_addresses) return options;
  const ProfileAddresses addresses = profiles.addresses_of(options.profile);
  if (!arguments.is_given("server") && !addresses.server.empty()) {
    options.server = addresses.server;
  }
  if (!arguments.is_given("peer") && !addresses.peers.empty()) options.peers = addresses.peers;
  return options;
}

OutputStyle style_of(const GlobalOptions& options, const World& world) {
  const bool colour = !options.no_color && world.variable("NO_COLOR").value_or("").empty();
  return {options.json, colour && world.out_is_terminal, colour && world.err_is_terminal};
}

Invocation::Invocation(World& world, GlobalOptions options)
    : world_(world),
      options_(std::move(options)),
      output_(world.out, world.err, style_of(options_, world)) {}

Client Invocation::anonymous_client(const std::string& request_id) const {
  ClientOptions options;
  options.server = options_.server;
  options.request_id = request_id;
  try {
    return Client{std::move(options)};
  } catch (const Error& error) {
    throw usage_error("--server: " + std::string{error.what()});
  }
}

Client Invocation::client(const std::string& request_id) const {
  Client client = anonymous_client(request_id);
  client.set_token(profile().token_for(options_.server));
  return client;
}

std::unique_ptr<EventSource> Invocation::follow(std::vector<std::string> subjects,
                                                std::optional<std::int64_t> from) const {
  TailOptions options;
  options.endpoints = options_.peers;
  options.subjects = std::move(subjects);
  options.from = from;
  try {
    options.security = BusSecurity::load(options_.bus_key, options_.bus_allow);
  } catch (const Error& error) {
    throw usage_error(error.what());
  }
  return world_.follow(options);
}

}  // namespace ticketing::cli
