#include "ticketing/nats_testing/simulated_nats.hpp"

#include <array>

#include "nats_testing/simulated_nats_bus.hpp"

namespace ticketing::testing {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Some servers sync seldom, or let little be unacknowledged.
Disorder disorder_of(std::uint64_t seed) {
  SeededRandom random{seed_of(seed, 4)};
  Disorder disorder;
  if (random.chance(300)) disorder.sync_max = std::chrono::minutes{2};
  if (random.chance(500)) disorder.ack_wait_max = seconds{2};
  if (random.chance(500)) disorder.unacked_max = 16;
  return disorder;
}

class SimulatedNats final : public WorldTransport {
 public:
  explicit SimulatedNats(const WorldTransportMeans& means)
      : driver_{means.scheduler,
                means.clock,
                SeededRandom{seed_of(means.seed, 3)},
                {means, disorder_of(means.seed)}} {}

  std::unique_ptr<Bus> make_bus(const std::string& process, Logger& logger) override;
  std::string strike(SeededRandom& random) override;
  void heal() override;
  std::vector<std::string> unsettled() const override;

 private:
  using Fault = std::string (SimulatedNats::*)(SeededRandom& random);
  std::string kill(SeededRandom& random);
  std::string lose_power(SeededRandom& random);
  std::string break_connection(SeededRandom& random);
  std::string cut(SeededRandom& random);
  std::string delete_stream(SeededRandom& random);
  std::string purge(SeededRandom& random);
  std::string purge_newest(SeededRandom& random);
  std::string delete_durables(SeededRandom& random);
  void die(bool power_too, SeededRandom& random);
  /// Empty: there is none.
  std::string any_process(SeededRandom& random) const;
  std::string any_stream(SeededRandom& random);
  void later(std::chrono::nanoseconds pause, std::function<void()> work);

  SimulatedNatsBus::Driver driver_;
};

std::unique_ptr<Bus> SimulatedNats::make_bus(const std::string& process, Logger& logger) {
  return std::make_unique<SimulatedNatsBus>(driver_, process, logger);
}

void SimulatedNats::heal() {
  driver_.server.heal();
  driver_.server.start();
}

std::vector<std::string> SimulatedNats::unsettled() const {
  std::vector<std::string> lines;
  const auto head_of = [&](const std::string& log) {
    std::optional<std::int64_t> head;
    for (const auto& [process, bus] : driver_.buses) {
      if (!head) head = bus->head_of(log);
    }
    return head;
  };
  for (const auto& [process, bus] : driver_.buses) bus->append_unsettled(head_of, lines);
  return lines;
}

// ---- faults ----

void SimulatedNats::later(std::chrono::nanoseconds pause, std::function<void()> work) {
  driver_.scheduler.after(pause, Scheduler::Kind::foreground, std::move(work));
}

void SimulatedNats::die(bool power_too, SeededRandom& random) {
  driver_.server.die(power_too);
  later(random.up_to(seconds{2}), [this] { driver_.server.start(); });
}

std::string SimulatedNats::kill(SeededRandom& random) {
  die(false, random);
  return "the NATS server is killed";
}

std::string SimulatedNats::lose_power(SeededRandom& random) {
  die(true, random);
  return "the NATS server loses power";
}

std::string SimulatedNats::break_connection(SeededRandom& random) {
  const std::string who = any_process(random);
  if (!who.empty()) driver_.server.disconnect(who);
  return who + ": the connection to NATS breaks";
}

std::string SimulatedNats::cut(SeededRandom& random) {
  const std::string who = any_process(random);
  if (who.empty()) return "nobody is cut from NATS";
  driver_.server.cut(who);
  later(random.up_to(seconds{5}), [this, who] { driver_.server.join(who); });
  return who + " is cut from NATS for a while";
}

std::string SimulatedNats::delete_stream(SeededRandom& random) {
  const std::string name = any_stream(random);
  if (!name.empty()) driver_.server.jetstream().delete_stream(name);
  return "stream " + name + " is deleted";
}

std::string SimulatedNats::purge(SeededRandom& random) {
  const std::string name = any_stream(random);
  if (!name.empty()) driver_.server.jetstream().purge(name, true);
  return "stream " + name + " is purged";
}

std::string SimulatedNats::purge_newest(SeededRandom& random) {
  const std::string name = any_stream(random);
  if (!name.empty()) driver_.server.jetstream().purge(name, false);
  return "the newest messages of stream " + name + " are deleted";
}

std::string SimulatedNats::delete_durables(SeededRandom& random) {
  const std::string name = any_stream(random);
  if (!name.empty()) driver_.server.jetstream().delete_durables(name);
  return "the consumers of stream " + name + " are deleted";
}

std::string SimulatedNats::any_process(SeededRandom& random) const {
  if (driver_.buses.empty()) return {};
  auto found = driver_.buses.begin();
  std::advance(found, static_cast<std::ptrdiff_t>(random.below(driver_.buses.size())));
  return found->first;
}

std::string SimulatedNats::any_stream(SeededRandom& random) {
  const auto names = driver_.server.jetstream().names();
  return names.empty() || !driver_.server.is_up() ? "" : names[random.below(names.size())];
}

std::string SimulatedNats::strike(SeededRandom& random) {
  constexpr std::array<Fault, 9> kFaults{&SimulatedNats::kill,
                                         &SimulatedNats::lose_power,
                                         &SimulatedNats::lose_power,
                                         &SimulatedNats::break_connection,
                                         &SimulatedNats::cut,
                                         &SimulatedNats::delete_stream,
                                         &SimulatedNats::purge,
                                         &SimulatedNats::purge_newest,
                                         &SimulatedNats::delete_durables};
  return (this->*kFaults.at(random.below(kFaults.size())))(random);
}

}  // namespace

MakeWorldTransport simulated_nats() {
  return [](const WorldTransportMeans& means) { return std::make_unique<SimulatedNats>(means); };
}

}  // namespace ticketing::testing
