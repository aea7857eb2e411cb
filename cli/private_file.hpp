#pragma once
// Files that are nobody else's business: mode 0600, in a folder of mode 0700, below the folders
// that the XDG Base Directory Specification 0.8 names.
//
// Throws Error(unauthorized) when others can read a file, std::system_error when one cannot be
// written. One process at a time writes a file; any may read it meanwhile.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "world.hpp"

namespace ticketing::cli {

/// $XDG_STATE_HOME, or ~/.local/state; nullopt when neither can be told.
std::optional<std::filesystem::path> state_folder(const Variables& variable);
/// $XDG_CONFIG_HOME, or ~/.config.
std::optional<std::filesystem::path> config_folder(const Variables& variable);

/// What the file holds; nullopt when there is none.
std::optional<std::string> read_private(const std::filesystem::path& path);
/// Replaces the file, all or nothing; makes its folder.
void replace_private(const std::filesystem::path& path, const std::string& text);

}  // namespace ticketing::cli
