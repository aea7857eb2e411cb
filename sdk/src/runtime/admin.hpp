#pragma once
// The second listener: health, metrics, version and dead letters, apart from the traffic that they
// report on.

#include <functional>
#include <string>
#include <vector>

#include "ticketing/http/server.hpp"
#include "ticketing/messaging/bus.hpp"

namespace ticketing::runtime {

struct AdminSources {
  std::function<bool()> ready;
  std::function<std::vector<SubscriptionStatus>()> statuses;
  std::function<std::string()> metrics;
  std::function<Response(Request&)> dead_letters = nullptr;
};

/// Serves /livez, /readyz, /metrics and /version, and hands on what is below /deadletters.
HttpHandler admin_handler(AdminSources sources);

/// The SDK's version, as in `0.1.0`.
std::string_view version();

}  // namespace ticketing::runtime
