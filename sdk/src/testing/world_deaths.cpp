// Deaths and disks: how processes end, what their disks do to them, and how all is healed.

#include "testing/world_impl.hpp"

namespace ticketing::testing {

void World::Impl::end(Machine& machine, bool power_too) {
  const auto life = machine.is_up() ? machine.life : nullptr;
  if (!life && !power_too) return;
  trace.mark(machine.name, power_too ? "loses power" : "dies");
  if (life) life->dead = true;
  if (life && life->process && life->process->is_connected()) life->process->bus().stop();
  for (const ServiceDefinition& service : machine.services) {
    power_too ? disk.lose_power(file_of(service)) : disk.detach(file_of(service));
  }
  if (!life) return;  // It was down: only what it had written and not synced was still at stake.
  ++machine.deaths;
  for (const auto& taken : std::exchange(life->requests, {})) answer(taken->answer, std::nullopt);
  life->waiting.clear();
  dead_.push_back(life);
  machine.life.reset();
  if (!options.restart_after) return;
  scheduler.after(*options.restart_after, Scheduler::Kind::foreground, [this, &machine] {
    if (!machine.is_up()) guard([&] { start(machine); });
  });
}

/// What was queued is carried out where nobody sees it: the handles lead nowhere.
void World::Impl::bury() {
  if (depth_ > 0 || dead_.empty()) return;
  const Quiet quiet{quiet_};
  burying_ = true;
  for (const auto& life : dead_) {
    if (!life->process) continue;
    for (const auto& unit : life->process->units()) {
      while (unit->database().step() > 0) {
      }
    }
  }
  dead_.clear();
  burying_ = false;
}

void World::Impl::heal() {
  trace.mark("world", "heals");
  network.heal();
  network.faults = {};
  if (transport) transport->heal();
  for (const auto& [name, machine] : machines) {
    machine->disk = {};
    machine->fail_handlers = 0;
    machine->poison = 0;
    machine->dies_at_call.reset();
    machine->fails_at_call.reset();
    machine->dies_at_commit = false;
    machine->clock.offset = Duration{0};
    if (!machine->is_up()) start(*machine);
  }
}

/// Null when it is down.
Machine* World::Impl::owner_of(std::string_view path) const {
  const auto host = hosts_.find(path.substr(0, path.find(".db")));
  return host != hosts_.end() && host->second->is_up() ? host->second : nullptr;
}

DiskFault World::Impl::on_disk_call(DiskCall call, std::string_view path) {
  if (quiet_) return DiskFault::none;
  Machine* const owner = owner_of(path);
  // The dead open nothing any more; what they have open leads nowhere.
  if (!owner) return call == DiskCall::open ? DiskFault::fail : DiskFault::none;
  Machine& machine = *owner;
  ++machine.disk_calls;
  if (machine.dies_at_call && machine.disk_calls >= *machine.dies_at_call) {
    machine.dies_at_call.reset();
    end(machine, machine.dies_with_power);
    return DiskFault::none;  // It goes nowhere.
  }
  if (machine.fails_at_call && machine.disk_calls >= *machine.fails_at_call) {
    machine.fails_at_call.reset();
    ++machine.failed_disk_calls;
    trace.mark(machine.name, "disk call fails", {std::to_string(static_cast<int>(call)), path});
    return DiskFault::fail;
  }
  const DiskFault fault = random_fault(machine.disk, call);
  if (fault != DiskFault::none) ++machine.failed_disk_calls;
  return fault;
}

DiskFault World::Impl::random_fault(const DiskFaults& faults, DiskCall call) {
  const bool writes = call == DiskCall::write;
  if (faults.full && writes) return DiskFault::full;
  unsigned rate = writes ? faults.fail_write : faults.fail_read;
  if (call == DiskCall::sync) rate = faults.fail_sync;
  if (call == DiskCall::truncate) rate = faults.fail_write;
  return rate > 0 && random.chance(rate) ? DiskFault::fail : DiskFault::none;
}

/// The process says that it stops. What its disk holds is not known any more.
void World::Impl::on_fatal(std::string_view reason) {
  if (active == nullptr) return;
  Machine* const machine = active->current_;
  if (machine == nullptr || active->current_life_->dead) return;
  active->trace.mark(machine->name, "stops itself:", {reason});
  active->end(*machine, true);
}

}  // namespace ticketing::testing
