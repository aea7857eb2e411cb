#include "profile.hpp"

#include <set>
#include <sstream>
#include <utility>

#include "arguments.hpp"
#include "private_file.hpp"

namespace ticketing::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDefault = "default";
constexpr std::string_view kFolder = "ticketing";
constexpr std::string_view kServer = "server = ";
constexpr std::string_view kPeer = "peer = ";

void check_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  const bool is_name = !name.empty() && name.size() <= 64 && name.front() != '.' &&
                       name.find_first_not_of(kAllowed) == std::string_view::npos;
  if (!is_name) throw usage_error("a profile's name is 1 to 64 letters, digits, '-', '_' or '.'");
}

/// The name in front of `ending`; empty when the file is of another kind.
std::string name_before(const fs::path& file, std::string_view ending) {
  const std::string name = file.filename().string();
  if (!name.ends_with(ending)) return {};
  return name.substr(0, name.size() - ending.size());
}

void add_names(const std::optional<fs::path>& folder, std::string_view ending,
               std::set<std::string>& names) {
  std::error_code none;
  if (!folder || !fs::is_directory(*folder / kFolder, none)) return;
  for (const auto& file : fs::directory_iterator{*folder / kFolder}) {
    if (std::string name = name_before(file.path(), ending); !name.empty()) {
      names.insert(std::move(name));
    }
  }
}

fs::path required(const std::optional<fs::path>& folder, const std::string& variable) {
  if (folder) return *folder / kFolder;
  throw usage_error("cannot tell where to keep it; set " + variable + " or HOME");
}

/// Token and server.
std::pair<std::string, std::string> read_session(const fs::path& path) {
  std::istringstream text{read_private(path).value_or("")};
  std::pair<std::string, std::string> session;
  std::getline(text, session.first);
  std::getline(text, session.second);
  return session;
}

}  // namespace

Profile::Profile(std::string_view name, const Variables& variable) {
  check_name(name);
  path_ = required(state_folder(variable), "XDG_STATE_HOME") / (std::string{name} + ".token");
}

std::string Profile::token_for(std::string_view server) const {
  auto [token, owner] = read_session(path_);
  return owner == server ? token : std::string{};
}

std::string Profile::session_server() const { return read_session(path_).second; }

void Profile::keep(std::string_view server, std::string_view token) const {
  replace_private(path_, std::string{token} + '\n' + std::string{server} + '\n');
}

void Profile::forget() const { fs::remove(path_); }

fs::path Profiles::addresses_path(const std::string& name) const {
  check_name(name);
  return required(config_folder(variable_), "XDG_CONFIG_HOME") / (name + ".profile");
}

fs::path Profiles::choice_path() const {
  return required(config_folder(variable_), "XDG_CONFIG_HOME") / "profile";
}

std::string Profiles::in_use() const {
  // Not every verb needs a home.
  const auto choice = config_folder(variable_) ? read_private(choice_path()) : std::nullopt;
  if (!choice) return std::string{kDefault};
  const std::string name = choice->substr(0, choice->find('\n'));
  check_name(name);
  return name;
}

ProfileAddresses Profiles::addresses_of(const std::string& name) const {
  ProfileAddresses addresses;
  if (!config_folder(variable_)) return addresses;
  std::istringstream text{read_private(addresses_path(name)).value_or("")};
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(kServer)) addresses.server = line.substr(kServer.size());
    if (line.starts_with(kPeer)) addresses.peers.push_back(line.substr(kPeer.size()));
  }
  return addresses;
}

std::vector<std::string> Profiles::names() const {
  std::set<std::string> names{std::string{kDefault}, in_use()};
  add_names(state_folder(variable_), ".token", names);
  add_names(config_folder(variable_), ".profile", names);
  return {names.begin(), names.end()};
}

void Profiles::use(const std::string& name, const ProfileAddresses& addresses) const {
  const fs::path path = addresses_path(name);
  std::string text;
  if (!addresses.server.empty()) text += std::string{kServer} + addresses.server + '\n';
  for (const std::string& peer : addresses.peers) text += std::string{kPeer} + peer + '\n';
  if (!text.empty()) replace_private(path, text);
  replace_private(choice_path(), name + '\n');
}

bool Profiles::remove(const std::string& name) const {
  const bool had_session = fs::remove(Profile{name, variable_}.path());
  const bool had_addresses = config_folder(variable_) && fs::remove(addresses_path(name));
  if (config_folder(variable_) && in_use() == name) fs::remove(choice_path());
  return had_session || had_addresses;
}

}  // namespace ticketing::cli
