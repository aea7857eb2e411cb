#include "testing/network.hpp"

#include <algorithm>

#include "testing/simulated_bus.hpp"

namespace ticketing::testing {

namespace {

std::pair<std::string, std::string> in_order(const std::string& one, const std::string& other) {
  return std::minmax(one, other);
}

}  // namespace

std::unique_ptr<Bus> Network::make_bus(std::string process, Logger& logger) {
  return std::make_unique<SimulatedBus>(*this, std::move(process), logger);
}

void Network::cut(const std::string& one, const std::string& other) {
  cuts_.insert(in_order(one, other));
}

bool Network::is_cut(std::string_view one, std::string_view other) const {
  return !cuts_.empty() && cuts_.contains(in_order(std::string{one}, std::string{other}));
}

int Network::copies_of(const Message& message) {
  if (is_cut(message.from, message.to) || random_.chance(faults.lose)) return 0;
  return random_.chance(faults.duplicate) ? 2 : 1;
}

void Network::send(const Message& message, Scheduler::Time& last_arrival,
                   const std::function<void()>& arrive) {
  const int copies = copies_of(message);
  if (on_message) on_message(message, copies);
  for (int i = 0; i < copies; ++i) {
    auto at = scheduler_.now() + random_.up_to(faults.delay_max);
    if (!random_.chance(faults.reorder)) at = last_arrival = std::max(at, last_arrival);
    scheduler_.at(at, message.kind, arrive);
  }
}

std::vector<std::string> Network::unsettled() const {
  std::vector<std::string> lines;
  for (const auto& [name, bus] : buses_) bus->append_unsettled(lines);
  return lines;
}

SimulatedBus* Network::bus_of(const std::string& process) const {
  const auto found = buses_.find(process);
  return found == buses_.end() ? nullptr : found->second;
}

}  // namespace ticketing::testing
