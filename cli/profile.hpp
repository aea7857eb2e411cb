#pragma once
// Profile: one of the people that a person is towards the services: where their session is kept
// between two runs, and with which services they speak.
//
// The file `<state>/ticketing/<name>.token` holds the token and, on a second line, the server that
// gave it: a token is never shown to another server. `<config>/ticketing/<name>.profile` holds the
// services' addresses, and `<config>/ticketing/profile` the name of the profile that is used when
// none is named. All are private (see private_file.hpp).
// Throws Error(invalid) for a name that is none, Error(unauthorized) when others can read the file,
// std::runtime_error when the file cannot be written.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "world.hpp"

namespace ticketing::cli {

/// Where a profile's services are. Empty: nothing has been said.
struct ProfileAddresses {
  std::string server;
  std::vector<std::string> peers;
};

class Profile {
 public:
  Profile(std::string_view name, const Variables& variable);

  const std::filesystem::path& path() const { return path_; }
  /// The token that `server` gave; empty when there is none.
  std::string token_for(std::string_view server) const;
  /// The server that the session is with; empty: there is no session.
  std::string session_server() const;
  /// Replaces what is kept, all or nothing.
  void keep(std::string_view server, std::string_view token) const;
  void forget() const;

 private:
  std::filesystem::path path_;
};

/// The profiles of a person, as `ticketctl profile` shows and changes them.
class Profiles {
 public:
  explicit Profiles(const Variables& variable) : variable_(variable) {}

  /// The profile to use when none is named: `default` unless another was chosen.
  std::string in_use() const;
  ProfileAddresses addresses_of(const std::string& name) const;
  /// All that have a session or addresses, the one in use and `default`; sorted.
  std::vector<std::string> names() const;

  /// From now on `name` is used. `addresses` replace those that it had unless they are empty.
  void use(const std::string& name, const ProfileAddresses& addresses) const;
  /// Its session and its addresses; false when it had neither. In use is then `default`.
  bool remove(const std::string& name) const;

 private:
  std::filesystem::path addresses_path(const std::string& name) const;
  std::filesystem::path choice_path() const;

  const Variables& variable_;
};

}  // namespace ticketing::cli
