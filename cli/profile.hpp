#pragma once
// Profile: where a person's session is kept between two runs, and for which server it is.
//
// The file `<state>/ticketing/<name>.token` (mode 0600, folder 0700) holds the token and, on a
// second line, the server that gave it: a token is never shown to another server. <state> is
// $XDG_STATE_HOME, or ~/.local/state (XDG Base Directory Specification 0.8).
// Throws Error(invalid) for a name that is none, Error(unauthorized) when others can read the file,
// std::runtime_error when the file cannot be written.

#include <filesystem>
#include <string>
#include <string_view>

#include "world.hpp"

namespace ticketing::cli {

class Profile {
 public:
  Profile(std::string_view name, const Variables& variable);

  const std::filesystem::path& path() const { return path_; }
  /// The token that `server` gave; empty when there is none.
  std::string token_for(std::string_view server) const;
  /// Replaces what is kept, all or nothing.
  void keep(std::string_view server, std::string_view token) const;
  void forget() const;

 private:
  std::filesystem::path path_;
};

}  // namespace ticketing::cli
