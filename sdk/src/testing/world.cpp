#include "ticketing/testing/world.hpp"

#include <algorithm>

#include "http/text.hpp"
#include "testing/machine.hpp"
#include "testing/memory_disk.hpp"
#include "testing/network.hpp"
#include "testing/rules.hpp"
#include "testing/trace.hpp"
#include "testing/world_impl.hpp"
#include "ticketing/auth/tokens.hpp"
#include "ticketing/testing/seeded_random.hpp"

namespace ticketing::testing {

Request request(std::string method, const std::string& path, std::string body, Headers headers) {
  Request made;
  made.method = std::move(method);
  made.headers = std::move(headers);
  std::string_view rest = path;
  made.path = http::take_until(rest, '?');
  made.query = http::parse_query(rest);
  made.body = std::move(body);
  if (!made.body.empty()) made.headers.emplace_back("Content-Type", "application/json");
  return made;
}

World::World(WorldOptions options) : impl_(std::make_unique<Impl>(*this, options)) {}
World::~World() = default;

void World::add(const std::string& process, std::vector<ServiceDefinition> services,
                std::map<std::string, std::string> settings) {
  impl_->add(process, std::move(services), std::move(settings));
}
void World::start() { impl_->start_all(); }
bool World::start(const std::string& process) { return impl_->start(impl_->machine(process)); }
void World::kill(const std::string& process) { impl_->end(impl_->machine(process), false); }
void World::lose_power(const std::string& process) { impl_->end(impl_->machine(process), true); }
bool World::is_up(const std::string& process) const { return impl_->machine(process).is_up(); }

std::vector<std::string> World::processes() const {
  std::vector<std::string> names;
  for (const auto& [name, machine] : impl_->machines) names.push_back(name);
  return names;
}

std::vector<std::string> World::services() const {
  std::vector<std::string> names;
  for (const auto& [name, machine] : impl_->machines) {
    for (const ServiceDefinition& service : machine->services) names.push_back(service.name);
  }
  return names;
}

Timestamp World::now() const { return impl_->clock.now(); }
World::Duration World::elapsed() const { return impl_->scheduler.now() - Scheduler::kStart; }
void World::run_for(Duration duration) { impl_->run_until(impl_->scheduler.now() + duration); }
void World::rest(Duration limit) { impl_->rest(limit); }
void World::finish(Duration limit) { impl_->finish(limit); }
void World::after(Duration pause, std::function<void()> work) {
  impl_->scheduler.after(pause, Scheduler::Kind::foreground,
                         [impl = impl_.get(), work = std::move(work)] { impl->guard(work); });
}
void World::pause(Duration duration) { impl_->pause(duration); }

void World::send(Request request, Answer answer) {
  impl_->send(std::move(request), std::move(answer));
}

Response World::call(Request request) {
  // Kept alive by whoever answers, should that come after this has thrown.
  const auto answer = std::make_shared<std::optional<std::optional<Response>>>();
  impl_->send(std::move(request), [answer](std::optional<Response> given) { *answer = given; });
  while (!*answer && impl_->run_one()) {
  }
  if (!*answer || !**answer) {
    throw Error(ErrorCode::unavailable, "the request was not answered");
  }
  return std::move(***answer);
}

std::pair<std::string, std::string> World::bearer(const std::string& user_id) const {
  const Identity identity{user_id, user_id + "@example.com", now(), now() + std::chrono::hours{1}};
  return {"Authorization", "Bearer " + impl_->key.issue(identity)};
}

std::vector<Envelope> World::log(const std::string& service) const {
  std::vector<Envelope> events;
  LogPage page;
  do {
    read(service, [&](Transaction& tx) { page = EventLog::read(tx, {.after = page.covered_to}); });
    for (const LogEntry& entry : page.entries) events.push_back(decode_envelope(entry.envelope));
  } while (page.covered_to < page.head);
  return events;
}

void World::read(const std::string& service, const Database::Read& read) const {
  impl_->read(service, read);
}

bool World::redrive(const std::string& service, const std::string& log, std::int64_t offset) {
  return impl_->change_letter(service, [&](Engine& engine, Engine::LetterDone done) {
    engine.redrive(log, offset, std::move(done));
  });
}
bool World::skip(const std::string& service, const std::string& log, std::int64_t offset) {
  return impl_->change_letter(service, [&](Engine& engine, Engine::LetterDone done) {
    engine.skip(log, offset, std::move(done));
  });
}
void World::redrive_all(const std::string& process) { impl_->redrive_all(impl_->machine(process)); }

NetworkFaults& World::network() { return impl_->network.faults; }
DiskFaults& World::disk(const std::string& process) { return impl_->machine(process).disk; }
void World::cut(const std::string& one, const std::string& other) {
  impl_->trace.mark(one, "is cut from", {other});
  impl_->network.cut(one, other);
}
void World::join(const std::string& one, const std::string& other) {
  impl_->network.join(one, other);
}
std::string World::strike_transport(SeededRandom& random) {
  TICKETING_ASSERT(impl_->transport);
  return impl_->transport->strike(random);
}
bool World::has_transport() const { return impl_->transport != nullptr; }
void World::heal() { impl_->heal(); }
void World::set_clock(const std::string& process, Duration offset) {
  impl_->trace.mark(process, "clock is off by", {std::to_string(offset.count())});
  impl_->machine(process).clock.offset = offset;
}
void World::kill_at_commit(const std::string& process) {
  impl_->machine(process).dies_at_commit = true;
}
void World::kill_at_disk_call(const std::string& process, std::uint64_t call, bool power_too) {
  Machine& machine = impl_->machine(process);
  machine.dies_at_call = machine.disk_calls + call;
  machine.dies_with_power = power_too;
}
void World::fail_disk_call(const std::string& process, std::uint64_t call) {
  Machine& machine = impl_->machine(process);
  machine.fails_at_call = machine.disk_calls + call;
}
void World::fail_handlers(const std::string& process, unsigned per_mille) {
  impl_->machine(process).fail_handlers = per_mille;
}
void World::poison(const std::string& process, unsigned per_mille) {
  impl_->trace.mark(process, "poison, per mille:", {std::to_string(per_mille)});
  impl_->machine(process).poison = per_mille;
}
std::uint64_t World::disk_calls(const std::string& process) const {
  return impl_->machine(process).disk_calls;
}

std::uint64_t World::deaths(const std::string& process) const {
  return impl_->machine(process).deaths;
}
std::uint64_t World::failed_disk_calls(const std::string& process) const {
  return impl_->machine(process).failed_disk_calls;
}

void World::fail(const Broken& broken) {
  impl_->guard([&] { throw broken; });
}
void World::note(std::string_view who, std::string_view what) { impl_->trace.add(who, what); }
std::uint64_t World::trace_hash() const { return impl_->trace.hash(); }
std::uint64_t World::steps() const { return impl_->steps; }

std::vector<std::string> World::trace(const std::vector<std::string>& ids) const {
  std::vector<std::string> chosen;
  for (const Trace::Line& line : impl_->trace.lines()) {
    const auto speaks_of = [&](const std::string& id) {
      return line.text.find(id) != std::string::npos;
    };
    if (ids.empty() || line.is_mark || std::any_of(ids.begin(), ids.end(), speaks_of)) {
      chosen.push_back(line.text);
    }
  }
  return chosen;
}

void World::give(std::string_view publisher, StagedEvent event) {
  impl_->give(std::string{publisher}, std::move(event));
}

}  // namespace ticketing::testing
