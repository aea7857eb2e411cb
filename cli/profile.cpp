#include "profile.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "arguments.hpp"

namespace ticketing::cli {
namespace {

namespace fs = std::filesystem;

constexpr fs::perms kOthers = fs::perms::group_all | fs::perms::others_all;

bool is_profile_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !name.empty() && name.size() <= 64 && name.front() != '.' &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

fs::path state_folder(const Variables& variable) {
  const fs::path state = variable("XDG_STATE_HOME").value_or("");
  if (state.is_absolute()) return state;  // The specification says to ignore a relative one.
  const auto home = variable("HOME");
  if (!home || home->empty()) {
    throw usage_error("cannot tell where to keep the session; set XDG_STATE_HOME or HOME");
  }
  return fs::path{*home} / ".local" / "state";
}

[[noreturn]] void cannot(const std::string& what, const fs::path& path, int error) {
  throw std::system_error{error, std::generic_category(), "cannot " + what + ' ' + path.string()};
}

/// Writes a file that nobody else can read at any moment.
void write_private(const fs::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) cannot("create", path, errno);
  const ssize_t written = ::write(file, text.data(), text.size());
  const int error = errno;
  const bool closed = ::close(file) == 0;
  if (written != static_cast<ssize_t>(text.size()) || !closed) {
    ::unlink(path.c_str());
    cannot("write", path, written < 0 ? error : ENOSPC);
  }
}

}  // namespace

Profile::Profile(std::string_view name, const Variables& variable) {
  if (!is_profile_name(name)) {
    throw usage_error("--profile must be 1 to 64 letters, digits, '-', '_' or '.'");
  }
  path_ = state_folder(variable) / "ticketing" / (std::string{name} + ".token");
}

std::string Profile::token_for(std::string_view server) const {
  std::error_code error;
  const fs::file_status status = fs::status(path_, error);
  if (!fs::exists(status)) return {};
  if ((status.permissions() & kOthers) != fs::perms::none) {
    throw Error{
        ErrorCode::unauthorized,
        "others can read the session in " + path_.string() + "; run: chmod 600 " + path_.string(),
        "profile_open"};
  }
  std::ifstream file{path_};
  std::string token;
  std::string owner;
  std::getline(file, token);
  std::getline(file, owner);
  return owner == server ? token : std::string{};
}

void Profile::keep(std::string_view server, std::string_view token) const {
  const fs::path folder = path_.parent_path();
  fs::create_directories(folder);
  fs::permissions(folder, fs::perms::owner_all);
  const fs::path fresh = path_.string() + '.' + std::to_string(::getpid());
  fs::remove(fresh);  // Of a process of that number that died half-way.
  write_private(fresh, std::string{token} + '\n' + std::string{server} + '\n');
  fs::rename(fresh, path_);
}

void Profile::forget() const { fs::remove(path_); }

}  // namespace ticketing::cli
