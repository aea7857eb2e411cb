#include "runtime/bus_settings.hpp"

#include "ticketing/core/error.hpp"
#include "ticketing/messaging/bus_security.hpp"

namespace ticketing::runtime {

BusOptions bus_options_of(const Settings& settings) {
  BusOptions options;
  options.bind = settings.text("bus-bind");
  options.fetch_bind = settings.text("bus-fetch-bind");
  options.limited_bind = settings.text("bus-limited-bind");
  options.security = BusSecurity::load(settings.text("bus-key"), settings.text("bus-allow"));
  if (!options.limited_bind.empty() && !options.security) {
    throw Error(ErrorCode::invalid,
                "--bus-limited-bind is for peers that the allow-list limits; give --bus-key and " +
                    std::string{"--bus-allow, or leave it out"});
  }
  return options;
}

}  // namespace ticketing::runtime
