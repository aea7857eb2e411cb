#include "services/routes.hpp"

#include "auth/service.hpp"
#include "expiration/service.hpp"
#include "orders/service.hpp"
#include "payments/service.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/runtime/host.hpp"
#include "tickets/service.hpp"

namespace ticketing::test {

std::string Route::path(const std::string& id) const {
  const std::size_t parameter = pattern.find("/:");
  return parameter == std::string::npos ? pattern : pattern.substr(0, parameter + 1) + id;
}

std::vector<Route> all_routes() {
  const TempFolder folder;
  const Program program{"routes",
                        "",
                        {{"auth", &auth::define, auth::options()},
                         {"tickets", &tickets::define},
                         {"orders", &orders::define, orders::options()},
                         {"expiration", &expiration::define},
                         {"payments", &payments::define, payments::options()}}};
  const auto settings = Settings::from(options_of(program), {{"data-dir", folder.path()}});
  std::vector<Route> routes;
  for (const ServiceDefinition& definition : program.services) {
    Service service{definition.name, settings};
    definition.define(service);
    for (const auto& route : service.definition().routes) {
      routes.push_back({route.method, route.pattern, route.access, route.body.parse != nullptr});
    }
  }
  return routes;
}

}  // namespace ticketing::test
