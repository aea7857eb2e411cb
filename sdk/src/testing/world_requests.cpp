// Clients: requests on their way to a process, waiting in it, and answers on their way back.

#include <algorithm>

#include "testing/world_impl.hpp"
#include "ticketing/messaging/inbox.hpp"

namespace ticketing::testing {

namespace {

using Kind = Scheduler::Kind;

// As the HTTP server does it.
constexpr std::chrono::milliseconds kRerunPause{2};
constexpr std::chrono::milliseconds kRerunAnyway{100};
constexpr std::chrono::seconds kWaitMax{15};

}  // namespace

void World::Impl::send(Request request, Answer to) {
  const auto taken = std::make_shared<TakenRequest>();
  taken->request = std::move(request);
  if (taken->request.id.empty()) taken->request.id = "request-" + std::to_string(++requests_);
  if (taken->request.remote.empty()) taken->request.remote = "203.0.113.1";
  taken->answer = std::move(to);
  if (random.chance(network.faults.lose)) return answer(taken->answer, std::nullopt);
  scheduler.after(random.up_to(network.faults.delay_max), Kind::foreground, [this, taken] {
    if (Machine* const to_whom = machine_for(taken->request)) return take(*to_whom, taken);
    answer(taken->answer, std::nullopt);
  });
}

/// The one with such a route, or any, which says 404. Null when that may be down.
Machine* World::Impl::machine_for(Request& request) const {
  Machine* any = nullptr;
  bool all_up = true;
  for (const auto& [name, machine] : machines) {
    all_up &= machine->is_up();
    if (!machine->is_up()) continue;
    if (machine->life->process->has_route(request)) return machine.get();
    any = machine.get();
  }
  return all_up ? any : nullptr;
}

void World::Impl::take(Machine& machine, const std::shared_ptr<TakenRequest>& taken) {
  const auto life = machine.life;
  taken->arrived = scheduler.now();
  life->requests.push_back(taken);
  run_as(machine, life, [&] { run(machine, life, taken); });
}

void World::Impl::run(Machine& machine, const std::shared_ptr<Life>& life,
                      const std::shared_ptr<TakenRequest>& taken) {
  const auto waited = scheduler.now() - taken->arrived;
  const Attempt attempt{taken->attempts++, waited, waited >= kWaitMax};
  life->process->serve(
      taken->request, attempt,
      [this, &machine, weak = std::weak_ptr{life}, taken](HandlerResult result, std::string_view) {
        const auto alive = weak.lock();
        if (!alive || alive->dead) return;
        if (!result.response) return park(machine, alive, taken);
        std::erase(alive->requests, taken);
        answer(taken->answer, std::move(result.response));
      });
}

void World::Impl::park(Machine& machine, const std::shared_ptr<Life>& life,
                       const std::shared_ptr<TakenRequest>& taken) {
  life->waiting.push_back(taken);
  plan(scheduler.now() + kRerunAnyway, Kind::foreground, machine, life,
       [this, &machine, taken, attempts = taken->attempts](const std::shared_ptr<Life>& alive) {
         if (taken->attempts != attempts) return;  // It has been run since.
         std::erase(alive->waiting, taken);
         run(machine, alive, taken);
       });
}

void World::Impl::plan_rerun(Machine& machine, const std::shared_ptr<Life>& life) {
  if (life->waiting.empty() || std::exchange(life->rerun_planned, true)) return;
  plan(scheduler.now() + kRerunPause, Kind::foreground, machine, life,
       [this, &machine](const std::shared_ptr<Life>& alive) {
         alive->rerun_planned = false;
         for (const auto& taken : std::exchange(alive->waiting, {})) run(machine, alive, taken);
       });
}

void World::Impl::answer(const Answer& to, std::optional<Response> response) {
  if (response && random.chance(network.faults.lose)) response.reset();
  scheduler.after(random.up_to(network.faults.delay_max), Kind::foreground,
                  [this, to, response = std::move(response)] { guard([&] { to(response); }); });
}

// ---- an operator ----

bool World::Impl::change_letter(const std::string& service, const ChangeLetter& change) {
  Engine& engine = unit_of(service).engine();
  Machine& machine = *hosts_.at(service);
  const auto durable =
      std::make_shared<std::optional<bool>>();  // Whoever answers may outlive this.
  run_as(machine, machine.life, [&] {
    change(engine, [durable](const std::exception_ptr& failure, bool found) {
      if (!failure) *durable = found;
    });
  });
  plan_commits(machine);
  while (!*durable && scheduler.busy() && run_one()) {
  }
  if (!*durable) throw Error(ErrorCode::unavailable, "the dead letter could not be changed");
  return **durable;
}

/// Whoever dies before that is durable has the same dead letters afterwards.
void World::Impl::redrive_all(Machine& machine) {
  if (!machine.is_up()) return;
  run_as(machine, machine.life, [&] {
    for (const auto& unit : machine.life->process->units()) {
      std::vector<DeadLetter> dead;
      {
        const Quiet quiet{quiet_};
        unit->database().read([&](Transaction& tx) { dead = Inbox::list(tx, {.state = "dead"}); });
      }
      for (const DeadLetter& letter : dead) {
        trace.add(unit->service().name(),
                  "redriven:", {letter.log, std::to_string(letter.offset), letter.reason});
        unit->engine().redrive(letter.log, letter.offset, [](const std::exception_ptr&, bool) {});
      }
    }
  });
  plan_commits(machine);
}

}  // namespace ticketing::testing
