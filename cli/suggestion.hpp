#pragma once
// "Did you mean": the known word that is nearest to a mistyped one. Pure: any thread.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ticketing::cli {

/// Insertions, deletions, replacements and swaps of neighbours that lead from `left` to `right`
/// (optimal string alignment distance).
std::size_t edit_distance(std::string_view left, std::string_view right);

/// The word of `known` nearest to `word`, or nullopt when none is near enough to be meant.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace ticketing::cli
