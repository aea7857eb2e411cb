#include "testing/fault_plan.hpp"

#include <array>

namespace ticketing::testing {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kDiskCalls = 60;

std::string any_process(World& world, SeededRandom& random) {
  const auto names = world.processes();
  return names[random.below(names.size())];
}

std::string kill(World& world, SeededRandom& random) {
  const std::string who = any_process(world, random);
  world.kill(who);
  return who + " is killed";
}

std::string lose_power(World& world, SeededRandom& random) {
  const std::string who = any_process(world, random);
  world.lose_power(who);
  return who + " loses power";
}

std::string kill_all(World& world, SeededRandom&) {
  for (const std::string& who : world.processes()) world.lose_power(who);
  return "all lose power";
}

std::string kill_at_commit(World& world, SeededRandom& random) {
  const std::string who = any_process(world, random);
  world.kill_at_commit(who);
  return who + " dies right after its next commit";
}

std::string kill_at_disk_call(World& world, SeededRandom& random) {
  const std::string who = any_process(world, random);
  const auto call = 1 + random.below(kDiskCalls);
  const bool power_too = random.chance(500);
  world.kill_at_disk_call(who, call, power_too);
  return who + (power_too ? " loses power" : " dies") + " at disk call " + std::to_string(call);
}

std::string fail_disk_call(World& world, SeededRandom& random) {
  const std::string who = any_process(world, random);
  const auto call = 1 + random.below(kDiskCalls);
  world.fail_disk_call(who, call);
  return who + ": disk call " + std::to_string(call) + " fails";
}

std::string fill_disk(World& world, SeededRandom& random) {
  const std::string who = any_process(world, random);
  world.disk(who).full = true;
  world.after(random.up_to(seconds{2}), [&world, who] { world.disk(who).full = false; });
  return who + ": the disk is full for a while";
}

std::string slow_disk(World& world, SeededRandom& random) {
  const std::string who = any_process(world, random);
  world.disk(who).commit_max = milliseconds{400};
  world.after(random.up_to(seconds{3}),
              [&world, who] { world.disk(who).commit_max = DiskFaults{}.commit_max; });
  return who + ": the disk is slow for a while";
}

std::string cut(World& world, SeededRandom& random) {
  if (world.has_transport()) return world.strike_transport(random);  // Nobody is cut from others.
  const std::string one = any_process(world, random);
  std::string other = any_process(world, random);
  if (one == other) other = world.processes().front();
  world.cut(one, other);
  world.after(random.up_to(seconds{5}), [&world, one, other] { world.join(one, other); });
  return one + " is cut from " + other + " for a while";
}

std::string jumble(World& world, SeededRandom& random) {
  NetworkFaults& network = world.network();
  network = {.lose = static_cast<unsigned>(random.below(200)),
             .duplicate = static_cast<unsigned>(random.below(200)),
             .reorder = static_cast<unsigned>(random.below(500)),
             .delay_max = milliseconds{1 + random.below(60)}};
  world.after(random.up_to(seconds{4}), [&world] { world.network() = {}; });
  return "the network jumbles messages for a while";
}

std::string shift_clock(World& world, SeededRandom& random) {
  const std::string who = any_process(world, random);
  const auto offset = random.up_to(hours{48}) - hours{24};
  world.set_clock(who, offset);
  world.after(random.up_to(seconds{2}),
              [&world, who] { world.set_clock(who, World::Duration{0}); });
  return who + ": the clock is wrong for a while";
}

std::string fail_handlers(World& world, SeededRandom& random) {
  const std::string who = any_process(world, random);
  world.fail_handlers(who, 100 + static_cast<unsigned>(random.below(500)));
  world.after(random.up_to(seconds{3}), [&world, who] { world.fail_handlers(who, 0); });
  return who + ": handlers fail for a while";
}

/// An operator redrives what is dead when it is mended, and in some storms also too early.
std::string poison(World& world, SeededRandom& random) {
  const std::string who = any_process(world, random);
  world.poison(who, 100 + static_cast<unsigned>(random.below(400)));
  const auto redrive = [&world, who] { world.redrive_all(who); };
  if (random.chance(500)) world.after(random.up_to(seconds{3}), redrive);
  world.after(random.up_to(seconds{6}), [&world, who, redrive] {
    world.poison(who, 0);
    redrive();
  });
  return who + ": some events are poison until it is mended";
}

using Fault = std::string (*)(World&, SeededRandom&);
constexpr std::array<Fault, 16> kFaults{kill,
                                        kill,
                                        kill_all,
                                        lose_power,
                                        fail_disk_call,
                                        kill_at_commit,
                                        kill_at_commit,
                                        kill_at_disk_call,
                                        fill_disk,
                                        slow_disk,
                                        cut,
                                        jumble,
                                        shift_clock,
                                        fail_handlers,
                                        poison,
                                        poison};

}  // namespace

std::string strike(World& world, SeededRandom& random) {
  constexpr unsigned kOfTransport = 350;  // Per mille.
  if (world.has_transport() && random.chance(kOfTransport)) return world.strike_transport(random);
  return kFaults[random.below(kFaults.size())](world, random);
}

}  // namespace ticketing::testing
