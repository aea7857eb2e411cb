#pragma once
// The cases of the conformance suite. Each throws Unmet when the transport does not stand it.

#include <span>
#include <string_view>

#include "testing/conformance_stage.hpp"

namespace ticketing::testing {

struct ConformanceCase {
  std::string_view name;
  void (*play)(Stage& stage);
};

/// What may happen to messages on their way.
std::span<const ConformanceCase> cases_of_carriage();
/// Consumers and publishers that come, go and lag.
std::span<const ConformanceCase> cases_of_sides();
/// Logs that are refused, and events that cannot be applied.
std::span<const ConformanceCase> cases_of_refusal();

}  // namespace ticketing::testing
