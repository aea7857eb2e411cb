// Machines: how processes start and end.

#include "testing/watched_bus.hpp"
#include "testing/world_impl.hpp"
#include "ticketing/auth/tokens.hpp"

namespace ticketing::testing {

namespace {

/// What services log is part of the story.
class TraceLogger final : public Logger {
 public:
  explicit TraceLogger(Trace& trace) : trace_(trace) {}
  void write(LogLevel, std::string_view message,
             std::span<const LogField> fields) noexcept override {
    std::string text{message};
    for (const auto& [name, value] : fields) text.append(1, ' ').append(name) += '=' + value;
    trace_.add("log", text);
  }
  bool wants(LogLevel level) const noexcept override { return level != LogLevel::debug; }

 private:
  Trace& trace_;
};

/// One set of the keys of two.
std::string joined(const std::string& one, const std::string& other) {
  constexpr std::string_view kHead = R"({"keys":[)";
  if (one.empty()) return other;
  return one.substr(0, one.size() - 2) + ',' + other.substr(kHead.size());
}

SigningKey key_from(SeededRandom random) {
  SigningKey::Seed seed;
  random.fill(seed);
  return SigningKey{seed};
}

}  // namespace

World::Impl* World::Impl::active = nullptr;
int World::Impl::worlds = 0;

World::Impl::Impl(World& owner, const WorldOptions& given)
    : world(owner),
      options(given),
      trace(scheduler, options.keeps_trace),
      disk(seed_of(options.seed, 4)),
      network(scheduler, seed_of(options.seed, 1)),
      random(seed_of(options.seed, 2)),
      key(key_from(SeededRandom{seed_of(options.seed, 3)})),
      logger_(std::make_unique<TraceLogger>(trace)) {
  disk.on_call = [this](DiskCall call, std::string_view path) { return on_disk_call(call, path); };
  disk.on_delete = [this](std::string_view path) { return !burying_ && owner_of(path); };
  if (options.keeps_trace) {
    network.on_message = [this](const Network::Message& message, int copies) {
      note_message(message, copies);
    };
  }
  if (options.transport) transport = make_transport();
  ++worlds;
  set_fatal_handler(&on_fatal);
}

/// Nobody is told of what comes of the end: whoever listened may be gone.
World::Impl::~Impl() {
  is_over_ = true;
  network.on_message = nullptr;
  depth_ = 0;
  disk.abandon();
  for (const auto& [name, machine] : machines) end(*machine, false);
  bury();
  if (--worlds == 0) set_fatal_handler(nullptr);
}

void World::Impl::add(const std::string& process, std::vector<ServiceDefinition> services,
                      std::map<std::string, std::string> settings) {
  const auto taken = [](const std::string& what, const std::string& name) {
    return Error(ErrorCode::invalid, "there is a " + what + " called " + name + " already");
  };
  if (machines.contains(process)) throw taken("process", process);
  for (const ServiceDefinition& service : services) {
    if (hosts_.contains(service.name)) throw taken("service", service.name);
  }
  auto& machine = machines[process] = std::make_unique<Machine>(scheduler);
  machine->name = process;
  machine->services = std::move(services);
  machine->settings = std::move(settings);
  for (const ServiceDefinition& service : machine->services) hosts_[service.name] = machine.get();
}

Machine& World::Impl::machine(const std::string& process) const {
  const auto found = machines.find(process);
  if (found == machines.end()) {
    throw Error(ErrorCode::invalid, "no process of this world is called \"" + process + '"');
  }
  return *found->second;
}

runtime::Unit& World::Impl::unit_of(const std::string& service) const {
  const auto host = hosts_.find(service);
  if (host == hosts_.end() || !host->second->is_up()) {
    throw Error(ErrorCode::invalid, "no process that is up hosts \"" + service + '"');
  }
  for (const auto& unit : host->second->life->process->units()) {
    if (unit->service().name() == service) return *unit;
  }
  throw Error(ErrorCode::invalid, "\"" + service + "\" has not started");
}

// ---- starting ----

void World::Impl::start_all() {
  add_stand_ins();
  for (const auto& [name, machine] : machines) {
    if (!machine->is_up()) start(*machine);
  }
  rest(kStartLimit);
}

bool World::Impl::start(Machine& machine) {
  if (machine.is_up()) return true;
  trace.mark(machine.name, "starts");
  const auto life = std::make_shared<Life>();
  machine.life = life;
  try {
    run_as(machine, life, [&] {
      open(machine, *life);
      if (!life->dead) connect(machine, life);  // It may have died of its disk.
      if (life->dead && life->process->is_connected()) life->process->bus().stop();
    });
  } catch (...) {
    does_not_start(machine, *life);
  }
  if (life->dead) return false;
  machine.has_started = true;
  see_what_was_committed(machine);
  return true;
}

/// A disk or an address that fails for now is a fault; a wrong setting or table is a mistake.
void World::Impl::does_not_start(Machine& machine, const Life& life) {
  const bool was_dead = life.dead;  // Then it saw nothing of its disk any more.
  try {
    throw;
  } catch (const Error& error) {
    trace.mark(machine.name, "does not start:", {error.what()});
    machine.trouble = error.what();
    end(machine, false);
    if (was_dead || error.code() == ErrorCode::unavailable) return;
    if (machine.has_started && error.code() == ErrorCode::corrupt) {
      throw Broken("I3", error.what());
    }
    throw;
  } catch (...) {
    end(machine, false);
    throw;
  }
}

void World::Impl::open(Machine& machine, Life& life) {
  life.settings =
      Settings::from(options_of(Program{machine.name, "", machine.services}), machine.settings);
  life.process = std::make_unique<runtime::Process>(
      runtime::ProcessWorld{machine.clock, random, *logger_, std::string(32, 's')});
  for (const ServiceDefinition& service : machine.services) {
    if (life.dead) return;
    DatabaseOptions database;
    database.url = "sqlite:" + file_of(service);
    database.vfs = disk.vfs_name();
    life.process->add(with_failing_handlers(machine, service), life.settings, database);
  }
}

/// The last handler of an event fails, so that all of what the service's own did is undone.
ServiceDefinition World::Impl::with_failing_handlers(Machine& machine,
                                                     const ServiceDefinition& service) {
  ServiceDefinition failing = service;
  failing.define = [this, &machine, service](Service& defined) {
    service.define(defined);
    std::vector<std::pair<std::string_view, std::string_view>> handled;
    for (const auto& [subject, entry] : defined.definition().events) {
      if (!entry.handlers.empty()) handled.emplace_back(entry.publisher, subject);
    }
    for (const auto& [publisher, subject] : handled) {
      defined.on_event(publisher, subject,
                       [this, &machine, name = service.name, publisher = publisher](
                           const Envelope& event, Context& ctx) {
                         this->handled(machine, name, publisher, event, ctx);
                       });
    }
  };
  return failing;
}

void World::Impl::handled(Machine& machine, const std::string& service, std::string_view publisher,
                          const Envelope& event, Context& ctx) {
  guard([&] {
    const Quiet quiet{quiet_};
    Rules::on_handled(service, ctx.tx(), publisher, event);
  });
  fail_by_chance(machine, service + event.id);
  fail_of_poison(machine, service + event.id);
}

/// Twice at the most, so that no event becomes a dead letter by chance.
void World::Impl::fail_by_chance(Machine& machine, const std::string& which) {
  if (!random.chance(machine.fail_handlers)) return;
  if (++machine.failed_handlers[which] > kHandlerFailuresMax) return;
  throw Error(ErrorCode::unavailable, "a handler fails");
}

void World::Impl::fail_of_poison(Machine& machine, const std::string& which) {
  using Effect = Machine::Effect;
  if (machine.poison == 0) return;
  const auto [known, is_new] = machine.effects.try_emplace(which, Effect::none);
  if (is_new && random.chance(machine.poison)) {
    known->second = random.chance(500) ? Effect::refused : Effect::failed;
  }
  if (known->second == Effect::refused) throw Error(ErrorCode::refused, "this event is poison");
  if (known->second == Effect::failed) throw std::runtime_error("this event is poison");
}

std::unique_ptr<WorldTransport> World::Impl::make_transport() {
  WorldTransportMeans means{
      .scheduler = scheduler,
      .clock = clock,
      .seed = seed_of(options.seed, 5),
      .faults = network.faults,
      .fail = [this](const Broken& broken) { guard([&] { throw broken; }); },
      .mark = [this](std::string_view what) { trace.mark("transport", what); },
      .note = {}};
  if (options.keeps_trace) {
    means.note = [this](std::string_view what) { trace.comment("transport", what); };
  }
  return options.transport(means);
}

std::unique_ptr<Bus> World::Impl::make_bus(const std::string& process) {
  BusWatchers watchers{
      .on_committed = [this](const std::string& log,
                             const std::vector<LogEntry>& entries) { committed(log, entries); },
      .on_applied = [this, process](const std::string& consumer,
                                    const Batch& batch) { applied(process, consumer, batch); }};
  auto bus =
      transport ? transport->make_bus(process, *logger_) : network.make_bus(process, *logger_);
  return std::make_unique<WatchedBus>(std::move(bus), std::move(watchers));
}

void World::Impl::connect(Machine& machine, const std::shared_ptr<Life>& life) {
  runtime::Process& process = *life->process;
  process.connect(make_bus(machine.name), hooks_for(machine, life),
                  [this](const std::string& log) { return host_of(log); });
  share_keys();
  process.start();
  plan_tick(machine, life, scheduler.now(), Scheduler::Kind::foreground);
}

runtime::ProcessHooks World::Impl::hooks_for(Machine& machine, const std::shared_ptr<Life>& life) {
  const auto later = [this, &machine, weak = std::weak_ptr{life}](std::function<void()> job,
                                                                  Duration max) {
    const auto alive = weak.lock();
    if (alive && !alive->dead) {
      plan(scheduler.now() + random.up_to(max), Scheduler::Kind::foreground, machine, alive,
           [job = std::move(job)](const std::shared_ptr<Life>&) { job(); });
    }
    return true;
  };
  return {.applied =
              [this, &machine, weak = std::weak_ptr{life}] {
                const auto alive = weak.lock();
                if (alive && !alive->dead) plan_rerun(machine, alive);
              },
          .wants_tick =
              [this, &machine, weak = std::weak_ptr{life}] {
                const auto alive = weak.lock();
                if (!alive || alive->dead) return;
                plan_tick(machine, alive, scheduler.now(), Scheduler::Kind::foreground);
              },
          .run_slow = [later](std::function<void()> job) { return later(std::move(job), kSlow); },
          .run_task = [later](std::function<void()> job) { return later(std::move(job), kTask); }};
}

/// Every process verifies the tokens of the world and of the services that sign some.
void World::Impl::share_keys() {
  for (const auto& [name, machine] : machines) {
    if (!machine->is_up()) continue;
    if (const std::string jwks = machine->life->process->jwks(); !jwks.empty()) jwks_[name] = jwks;
  }
  std::string all;
  for (const auto& [name, jwks] : jwks_) all = joined(all, jwks);
  const KeySet keys = KeySet::from_jwks(joined(all, key.jwks()));
  for (const auto& [name, machine] : machines) {
    if (machine->is_up()) machine->life->process->verifier().set_keys(keys);
  }
}

std::string World::Impl::host_of(const std::string& log) const {
  const auto host = hosts_.find(log);
  if (host == hosts_.end()) throw Error(ErrorCode::invalid, "nobody hosts the log \"" + log + '"');
  return host->second->name;
}

}  // namespace ticketing::testing
