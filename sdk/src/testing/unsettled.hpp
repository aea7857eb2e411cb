#pragma once
// What keeps a subscription from being at rest.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/messaging/subscription.hpp"

namespace ticketing::testing {

/// `head` is that of the log; nullopt: its publisher is down.
void append_unless_settled(const std::string& consumer, const Subscription& core,
                           std::optional<std::int64_t> head, std::vector<std::string>& lines);

}  // namespace ticketing::testing
