#pragma once
// Invocation: one run of one verb: the world, the global flags, the output, and the way to the
// server.

#include <memory>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "output.hpp"
#include "profile.hpp"
#include "ticketing/client/client.hpp"
#include "world.hpp"

namespace ticketing::cli {

struct GlobalOptions {
  std::string server;
  std::string profile;
  bool json = false;
  bool no_color = false;
  std::vector<std::string> peers;  ///< As written: `tcp://…`, or with the publisher's name.
  std::string bus_key;
  std::string bus_allow;
};

GlobalOptions parse_global(const Arguments& arguments);
/// What neither a flag nor a variable says, the person's profile says.
GlobalOptions with_profile(GlobalOptions options, const Arguments& arguments,
                           const Variables& variable);
/// Colour only on a terminal, and not where NO_COLOR (no-color.org) or --no-color forbid it.
OutputStyle style_of(const GlobalOptions& options, const World& world);

class Invocation {
 public:
  /// Borrows `world`; it must outlive this.
  Invocation(World& world, GlobalOptions options);

  World& world() { return world_; }
  const GlobalOptions& options() const { return options_; }
  Output& output() { return output_; }

  /// The session that is kept between runs. Made on demand: not every verb needs a home.
  Profile profile() const { return Profile{options_.profile, world_.variable}; }
  /// A client in nobody's name. `request_id`: of its requests; empty: the server makes one of each.
  Client anonymous_client(const std::string& request_id = {}) const;
  /// A client with the profile's session, if there is one for this server.
  Client client(const std::string& request_id = {}) const;
  /// Events of the peers; `subjects` empty: all; `from` empty: from now on.
  std::unique_ptr<EventSource> follow(std::vector<std::string> subjects,
                                      std::optional<std::int64_t> from) const;

 private:
  World& world_;
  GlobalOptions options_;
  Output output_;
};

/// A verb's function, made of its parsing and its work, which so can be tested apart.
template <auto Parse, auto Work>
void run_verb(const Arguments& arguments, Invocation& invocation) {
  Work(Parse(arguments), invocation);
}

}  // namespace ticketing::cli
