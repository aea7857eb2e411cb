#pragma once
// Which refusals a route's own description leads to, before anyone has said more about it.

#include <string_view>
#include <vector>

#include "ticketing/runtime/open_api.hpp"

namespace ticketing::runtime {

/// Of any route: what the server says before it looks at routes.
std::vector<RefusalDoc> refusals_of_all();
/// Of this one, those of all among them.
std::vector<RefusalDoc> refusals_of(const Service::RouteEntry& route, const RouteDoc& doc);

}  // namespace ticketing::runtime
