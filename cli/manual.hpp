#pragma once
// What is generated from the table of verbs beside the help: completions for shells, and the manual
// page. Pure: any thread; throws nothing.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/core/record.hpp"
#include "verb.hpp"

namespace ticketing::cli {

/// A command line that does something useful with `verb`; empty for one that nobody has described.
std::string_view example_of(const Verb& verb);

/// What a flag's value or an operand of that name in the table can be: `STATUS`, `SHELL`. Empty:
/// anything.
std::vector<std::string_view> choices_of(std::string_view value);
inline constexpr std::string_view kFileValue = "FILE";  ///< Whose values are paths.

enum class Shell { bash, zsh, fish };
inline constexpr std::array<std::string_view, 3> kShellNames{"bash", "zsh", "fish"};
constexpr NameTable name_table(Shell) { return kShellNames; }

/// The script that completes ticketctl's command lines.
std::string completions_for(Shell shell);

/// ticketctl(1), in man's macros.
std::string manual_page(std::string_view version);

/// The exit statuses, as the help and the manual tell them.
struct ExitStatus {
  std::string_view number;
  std::string_view meaning;
};
inline constexpr std::array kExitStatuses{
    ExitStatus{"0", "done"},           ExitStatus{"1", "failed"},
    ExitStatus{"2", "wrong usage"},    ExitStatus{"3", "not found"},
    ExitStatus{"4", "not authorized"}, ExitStatus{"5", "refused by the state of things"},
    ExitStatus{"6", "unavailable"},
};

}  // namespace ticketing::cli
