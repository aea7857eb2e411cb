// Time: what runs when, and when a world is at rest.

#include <algorithm>
#include <array>

#include "testing/world_impl.hpp"
#include "ticketing/messaging/inbox.hpp"

namespace ticketing::testing {

namespace {

using Kind = Scheduler::Kind;

constexpr std::chrono::milliseconds kLookAgain{200};

}  // namespace

// ---- one step ----

bool World::Impl::run_one() {
  if (current_ != nullptr) {
    throw Error(ErrorCode::invalid, "a world cannot be run from within a process or on_event");
  }
  if (!scheduler.step()) return false;
  ++steps;
  for (const auto& [name, machine] : machines) plan_commits(*machine);
  if (std::exchange(something_committed_, false) && world.on_step) {
    const Quiet quiet{quiet_};
    guard([&] { world.on_step(); });
  }
  bury();
  if (failure_ && depth_ == 0) std::rethrow_exception(std::exchange(failure_, nullptr));
  return true;
}

void World::Impl::run_as(Machine& machine, const std::shared_ptr<Life>& life,
                         const std::function<void()>& work) {
  const Running running{*this, &machine, life};
  work();
}

void World::Impl::plan(Scheduler::Time at, Kind kind, Machine& machine,
                       const std::shared_ptr<Life>& life, LifeWork work) {
  scheduler.at(at, kind, [this, &machine, weak = std::weak_ptr{life}, work = std::move(work)] {
    const auto alive = weak.lock();
    if (alive && !alive->dead) run_as(machine, alive, [&] { work(alive); });
  });
}

void World::Impl::plan_commits(Machine& machine) {
  const auto life = machine.life;
  if (!life || life->dead || !life->process) return;
  for (const auto& unit : life->process->units()) {
    Database* const database = &unit->database();
    auto& planned = life->stepping;
    if (std::find(planned.begin(), planned.end(), database) != planned.end()) continue;
    if (!database->has_work()) continue;
    planned.push_back(database);
    plan(scheduler.now() + random.up_to(machine.disk.commit_max), Kind::foreground, machine, life,
         [this, &machine, database](const auto& alive) { commit(machine, *alive, *database); });
  }
}

void World::Impl::commit(Machine& machine, Life& life, Database& database) {
  std::erase(life.stepping, &database);
  if (!std::exchange(machine.dies_at_commit, false)) {
    database.step();
    return note_tables(life);
  }
  trace.mark(machine.name, "dies right after its next commit");
  life.dead = true;  // So that nobody hears of it.
  life.process->bus().stop();
  database.step();
  life.dead = false;
  end(machine, false);
}

void World::Impl::plan_tick(Machine& machine, const std::shared_ptr<Life>& life, Scheduler::Time at,
                            Kind kind) {
  if (life->ticks_at <= at) return;  // And looks again then.
  life->ticks_at = at;
  plan(at, kind, machine, life, [this, &machine, at](const std::shared_ptr<Life>& alive) {
    if (alive->ticks_at != at) return;
    alive->ticks_at = Scheduler::Time::max();
    const auto pause = alive->process->tick();
    if (!alive->dead) plan_tick(machine, alive, scheduler.now() + pause, Kind::background);
  });
}

// ---- until ----

void World::Impl::run_until(Scheduler::Time time) {
  while (scheduler.now() < time) {
    if (!scheduler.busy() && unsettled().empty()) {
      jump_to(std::min(time, next_timer().value_or(time)));
    } else if (scheduler.empty() || scheduler.next() > time) {
      scheduler.skip_to(time);
    } else {
      run_one();
    }
  }
}

/// Nothing happens until then but looking round, which is left out.
void World::Impl::jump_to(Scheduler::Time time) {
  scheduler.skip_to(time);
  for (const auto& [name, machine] : machines) {
    if (!machine->is_up()) continue;
    machine->life->ticks_at = Scheduler::Time::max();
    plan_tick(*machine, machine->life, scheduler.now(), Kind::foreground);
  }
}

void World::Impl::rest(Duration limit) {
  const auto end = scheduler.now() + limit;
  while (true) {
    while (scheduler.busy() && scheduler.now() <= end) run_one();
    const auto left = unsettled();
    if (left.empty() && !scheduler.busy()) break;
    if (scheduler.now() > end) {
      std::string all;
      for (const std::string& line : left) all += "; " + line;
      throw Broken("I9", "the world does not come to rest" + all);
    }
    run_one();
  }
  check_rest();
}

void World::Impl::finish(Duration limit) {
  const auto end = scheduler.now() + limit;
  rest(limit);
  while (const auto timer = next_timer()) {
    if (*timer > end) return;
    jump_to(std::max(*timer, scheduler.now() + milliseconds{1}));
    rest(limit);
  }
}

void World::Impl::pause(Duration duration) {
  const auto life = current_life_;
  const auto end = scheduler.now() + duration;
  {
    const Running nobody{*this, nullptr, nullptr};
    const Deeper deeper{depth_};
    while (!failure_ && !scheduler.empty() && scheduler.next() <= end) run_one();
  }
  scheduler.skip_to(end);
  if (life && life->dead) {
    throw Error(ErrorCode::unavailable, "the process was killed while it waited");
  }
}

// ---- rest ----

std::vector<std::string> World::Impl::unsettled() const {
  std::vector<std::string> left = transport ? transport->unsettled() : network.unsettled();
  for (const auto& [name, giving] : to_give_) {
    if (giving.events.empty()) continue;
    left.push_back(name + " is to publish " + std::string{giving.events.front().subject});
  }
  for (const auto& [name, machine] : machines) {
    if (!machine->is_up()) {
      left.push_back(name + " is down" +
                     (machine->trouble.empty() ? "" : "; it did not start: " + machine->trouble));
    } else if (!machine->life->process->ready()) {
      left.push_back(name + " is not ready");
    } else {
      append_retries(*machine, left);
    }
  }
  return left;
}

/// An event whose handler has failed and is tried again is on its way, too.
void World::Impl::append_retries(const Machine& machine, std::vector<std::string>& left) const {
  const Quiet quiet{quiet_};
  for (const auto& unit : machine.life->process->units()) {
    unit->database().read([&](Transaction& tx) {
      for (const DeadLetter& letter : Inbox::list(tx)) {
        if (letter.state != "retry") continue;
        left.push_back(unit->service().name() + " is to try " + letter.subject + ' ' +
                       letter.aggregate_id + " again: " + letter.reason);
      }
    });
  }
}

std::optional<Scheduler::Time> World::Impl::next_timer() const {
  const Quiet quiet{quiet_};
  std::optional<Scheduler::Time> next;
  for (const auto& [name, machine] : machines) {
    if (!machine->is_up()) continue;
    for (const auto& unit : machine->life->process->units()) {
      const auto due = unit->engine().next_due();
      if (!due) continue;
      auto at = *due - MachineClock::kStart + Scheduler::kStart - machine->clock.offset;
      if (at <= scheduler.now()) at = scheduler.now() + kLookAgain;  // It was tried, and failed.
      if (!next || at < *next) next = at;
    }
  }
  return next;
}

void World::Impl::check_rest() {
  const Quiet quiet{quiet_};
  for (const auto& [name, machine] : machines) {
    if (!machine->is_up()) continue;
    for (const auto& unit : machine->life->process->units()) {
      rules_.at_rest(unit->service(), unit->database());
    }
  }
}

// ---- watching ----

void World::Impl::guard(const std::function<void()>& work) {
  try {
    work();
  } catch (...) {
    if (!failure_) failure_ = std::current_exception();
  }
}

void World::Impl::note_message(const Network::Message& message, int copies) {
  if (message.kind == Kind::background && copies == 1) return;  // A beat, as there are many.
  constexpr std::array kFates{"  lost:", "  sent:", "  sent twice:"};
  const std::string id =
      message.envelope.empty() ? "" : decode_envelope(message.envelope).aggregate_id;
  trace.comment(message.from, kFates.at(static_cast<std::size_t>(copies)),
                {message.topic, id, "to", message.to});
}

/// What was committed, beside the log.
void World::Impl::note_tables(const Life& life) {
  if (!trace.keeps_lines() || life.dead) return;
  const Quiet quiet{quiet_};
  for (const auto& unit : life.process->units()) {
    witness_.look(unit->service().name(), unit->database());
  }
}

void World::Impl::committed(const std::string& service, const std::vector<LogEntry>& entries) {
  if (is_over_) return;
  something_committed_ = true;
  const Quiet quiet{quiet_};
  guard([&] {
    for (const LogEntry& entry : entries) {
      const Envelope event = decode_envelope(entry.envelope);
      trace.add(service, "committed",
                {std::to_string(event.offset), event.type, event.aggregate_id, "version",
                 std::to_string(event.version), "because of", event.causation_id.value_or("-")});
      rules_.on_event(service, event);
      if (world.on_event) world.on_event(service, event);
    }
  });
}

/// What was committed right before a process died, nobody was told of.
void World::Impl::see_what_was_committed(Machine& machine) {
  const Quiet quiet{quiet_};
  for (const auto& unit : machine.life->process->units()) {
    const std::string& name = unit->service().name();
    LogPage page;
    const auto read_on = [&](Transaction& tx) {
      page = EventLog::read(tx, {.after = rules_.head_of(name)});
    };
    unit->database().read(read_on);
    guard([&] { rules_.on_restart(name, page.head); });
    while (!page.entries.empty() && !failure_) {
      committed(name, page.entries);
      unit->database().read(read_on);
    }
  }
}

void World::Impl::applied(const std::string& process, const std::string& consumer,
                          const Batch& batch) {
  trace.add(consumer, batch.replay ? "replayed" : "applied",
            {batch.log, "up to", std::to_string(batch.cursor.offset), "events",
             std::to_string(batch.events.size())});
  if (trace.keeps_lines()) {
    for (const ReceivedEvent& received : batch.events) {
      const Envelope event = decode_envelope(received.envelope);
      trace.comment(consumer, "  handled",
                    {event.type, event.aggregate_id, "version", std::to_string(event.version)});
    }
  }
  const Machine& host = machine(process);
  if (!host.is_up()) return;
  const runtime::Unit& unit = unit_of(consumer);
  const Quiet quiet{quiet_};
  guard([&] { rules_.on_applied(unit.service(), unit.database(), batch); });
}

}  // namespace ticketing::testing
