#include "runtime/bus_settings.hpp"

#include "runtime/second_publisher.hpp"
#include "ticketing/core/error.hpp"
#include "ticketing/messaging/bus_security.hpp"

namespace ticketing::runtime {

namespace {

BusOptions zeromq_options(const Settings& settings) {
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

/// Elsewhere a server stands between the services. ZeroMQ may still publish to who only listens.
void check_beside(const Settings& settings) {
  for (const char* name : {"peer", "bus-fetch-bind", "bus-limited-bind", "bus-key", "bus-allow"}) {
    if (!settings.given(name)) continue;
    if (name != std::string_view{"peer"} && settings.given("bus-bind")) continue;
    throw Error(ErrorCode::invalid, std::string{"--"} + name +
                                        " is for the bus over ZeroMQ, and --bus names another; "
                                        "leave out one of the two");
  }
}

}  // namespace

bool is_over_zeromq(const Settings& settings) { return settings.text("bus") == kZeromq; }

std::unique_ptr<Bus> open_bus(const Settings& settings, Logger& logger) {
  if (is_over_zeromq(settings)) return Bus::zeromq(zeromq_options(settings), logger);
  check_beside(settings);
  BusOptions options;
  options.url = settings.text("bus");
  std::unique_ptr<Bus> carrier = Bus::open(options, logger);
  if (!settings.given("bus-bind")) return carrier;
  return std::make_unique<SecondPublisher>(std::move(carrier),
                                           Bus::zeromq(zeromq_options(settings), logger));
}

}  // namespace ticketing::runtime
