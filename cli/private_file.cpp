#include "private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "ticketing/core/error.hpp"

namespace ticketing::cli {
namespace {

namespace fs = std::filesystem;

constexpr fs::perms kOthers = fs::perms::group_all | fs::perms::others_all;

std::optional<fs::path> base_folder(const Variables& variable, const std::string& name,
                                    const char* below_home) {
  const fs::path named = variable(name).value_or("");
  if (named.is_absolute()) return named;  // The specification says to ignore a relative one.
  const auto home = variable("HOME");
  if (!home || home->empty()) return std::nullopt;
  return fs::path{*home} / below_home;
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

std::optional<fs::path> state_folder(const Variables& variable) {
  return base_folder(variable, "XDG_STATE_HOME", ".local/state");
}

std::optional<fs::path> config_folder(const Variables& variable) {
  return base_folder(variable, "XDG_CONFIG_HOME", ".config");
}

std::optional<std::string> read_private(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return std::nullopt;
  if ((status.permissions() & kOthers) != fs::perms::none) {
    throw Error{ErrorCode::unauthorized,
                "others can read or change " + path.string() + "; run: chmod 600 " + path.string(),
                "profile_open"};
  }
  std::ifstream file{path};
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

void replace_private(const fs::path& path, const std::string& text) {
  const fs::path folder = path.parent_path();
  fs::create_directories(folder);
  fs::permissions(folder, fs::perms::owner_all);
  const fs::path fresh = path.string() + '.' + std::to_string(::getpid());
  fs::remove(fresh);  // Of a process of that number that died half-way.
  write_private(fresh, text);
  fs::rename(fresh, path);
}

}  // namespace ticketing::cli
