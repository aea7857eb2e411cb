#include "ticketing/messaging/bus.hpp"

#include <map>

#include "ticketing/core/error.hpp"

namespace ticketing {

namespace {

struct Carrier {
  OpenBus open;
  std::string example;
};

std::map<std::string, Carrier, std::less<>>& carriers() {
  static std::map<std::string, Carrier, std::less<>> all{
      {"zmq",
       {[](const BusOptions& options, Logger& logger) { return Bus::zeromq(options, logger); },
        "zmq"}}};
  return all;
}

std::string_view scheme_of(std::string_view url) { return url.substr(0, url.find(':')); }

}  // namespace

void register_bus(std::string_view scheme, OpenBus open, std::string_view example) {
  carriers().insert_or_assign(std::string{scheme}, Carrier{open, std::string{example}});
}

bool knows_bus(std::string_view url) {
  const bool has_address = url.find("://") != std::string_view::npos;
  return has_address ? scheme_of(url) != kZeromq && carriers().contains(scheme_of(url))
                     : url == kZeromq;
}

std::string bus_examples() {
  std::string text{kZeromq};
  for (const auto& [scheme, carrier] : carriers()) {
    if (scheme != kZeromq && !carrier.example.empty()) text += " or " + carrier.example;
  }
  return text;
}

std::unique_ptr<Bus> Bus::open(const BusOptions& options, Logger& logger) {
  if (!knows_bus(options.url)) {
    throw Error(ErrorCode::invalid, "the bus's URL names no transport; write " + bus_examples());
  }
  return carriers().find(scheme_of(options.url))->second.open(options, logger);
}

}  // namespace ticketing
