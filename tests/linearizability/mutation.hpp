#pragma once
// Mutations: a recorded history with one thing about it changed, as a fault of the services would.
// Most of what comes out is no longer linearizable; that most is found out shows that the claim is
// not an empty one. Pure but for `random`, from which all choices are made.

#include <array>
#include <optional>
#include <random>
#include <string_view>

#include "history.hpp"

namespace ticketing::linear {

enum class Mutation {
  second_order,      ///< A refused order was granted.
  refused_for_free,  ///< A granted order was refused.
  lost_change,       ///< A change that was answered has left no trace: nobody asked for it.
  old_view,          ///< A look at an order or ticket shows what an earlier one had shown.
  other_version,     ///< A look shows the next version.
  other_end,         ///< A cancelled order is shown as complete, or the other way round.
  wrong_way,         ///< A cancellation or edit was refused, or the other way round.
};
inline constexpr std::array<std::string_view, 7> kMutationNames{
    "second_order",  "refused_for_free", "lost_change", "old_view",
    "other_version", "other_end",        "wrong_way"};

/// nullopt: the history has nothing to which this could be done.
std::optional<History> mutate(const History& history, Mutation mutation, std::minstd_rand& random);

}  // namespace ticketing::linear
