#include "runtime/process.hpp"

#include <algorithm>

namespace ticketing::runtime {

namespace {

constexpr milliseconds kTurnWhileStarting{5};
constexpr milliseconds kTurn{200};
constexpr std::chrono::seconds kSilenceToldAfter{5};
constexpr std::chrono::seconds kSilenceToldAgain{60};

}  // namespace

Unit& Process::add(const ServiceDefinition& definition, const Settings& settings,
                   const DatabaseOptions& database) {
  units_.push_back(std::make_unique<Unit>(
      definition, settings, database,
      EngineWorld{world_.clock, world_.random, world_.logger, verifier_, world_.secret}));
  add_routes(*units_.back());
  return *units_.back();
}

void Process::add_routes(Unit& unit) {
  const auto& routes = unit.service().definition().routes;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    router_.add(routes[i].method, routes[i].pattern, routes_.size());
    routes_.emplace_back(&unit.engine(), i);
  }
}

void Process::connect(std::unique_ptr<Bus> bus, const ProcessHooks& hooks,
                      const std::function<std::string(const std::string& log)>& endpoint_of) {
  bus_ = std::move(bus);
  const auto hosted_here = [&](const std::string& log) {
    return std::any_of(units_.begin(), units_.end(),
                       [&](const auto& unit) { return unit->service().name() == log; });
  };
  for (const auto& unit : units_) {
    unit->connect(*bus_, {hooks.run_slow, hooks.run_task, hooks.applied, hooks.wants_tick});
    for (FollowedLog& log : unit->engine().followed_logs()) {
      const std::string endpoint = hosted_here(log.log) ? "" : endpoint_of(log.log);
      endpoints_[log.log] = endpoint;
      unit->follow(std::move(log), endpoint);
    }
  }
  // What is wrong with an endpoint ends the start, where nobody else could do the work.
  for (const auto& unit : units_) {
    if (!unit->database().is_shared()) unit->renew_leases();
  }
}

void Process::start() {
  for (const auto& unit : units_) unit->start();
  bus_->start();
}

std::string Process::jwks() const {
  for (const auto& unit : units_) {
    if (!unit->service().jwks().empty()) return unit->service().jwks();
  }
  return {};
}

void Process::serve(Request& request, const Attempt& attempt, Served served) {
  // A request that was taken is still answered, also when it has to be run again.
  if ((!open_ || draining_) && attempt.number == 0) {
    return served({error_response(503, "The service is not ready", "not_ready")}, {});
  }
  const auto match = router_.find(request);
  if (!match) return served({error_response(Error(ErrorCode::not_found, "Not Found"))}, {});
  const auto& [engine, route] = routes_[match->route];
  engine->handle(route, request, attempt,
                 [served = std::move(served), pattern = std::string{match->pattern}](
                     HandlerResult result) { served(std::move(result), pattern); });
}

milliseconds Process::tick() {
  tell_refusals();
  tell_silence();
  open_ = check_open();
  const bool now_ready = open_ && can_commit();
  if (now_ready != ready_) world_.logger.info(now_ready ? "ready" : "not ready");
  ready_ = now_ready;
  for (const auto& unit : units_) unit->renew_leases();
  milliseconds pause = ready_ ? kTurn : kTurnWhileStarting;
  for (const auto& unit : units_) pause = std::min(pause, tick(*unit));
  return std::max(pause, milliseconds{1});
}

/// What cannot be read now (no descriptor is free) can be read later.
milliseconds Process::tick(Unit& unit) {
  try {
    return unit.tick();
  } catch (const Error& error) {
    world_.logger.error("timers cannot be looked at",
                        {{"service", unit.service().name()}, {"reason", error.what()}});
    return kTurn;
  }
}

bool Process::wants_tick() const {
  return std::any_of(units_.begin(), units_.end(),
                     [](const auto& unit) { return unit->wants_tick(); });
}

bool Process::can_commit() const {
  return std::all_of(units_.begin(), units_.end(),
                     [](const auto& unit) { return unit->database().healthy(); });
}

bool Process::check_open() {
  if (draining_ || !verifier_.has_keys()) return false;
  // Later on what is committed waits in the log while the bus is in trouble, and requests go on.
  bool all_caught_up = bus_->troubles().empty();
  for (const auto& unit : units_) all_caught_up &= unit->is_settled();
  for (const SubscriptionStatus& status : bus_->statuses()) {
    if (status.refusal) return false;
    all_caught_up &= status.caught_up;
  }
  caught_up_once_ |= all_caught_up;
  return caught_up_once_;
}

void Process::tell_refusals() {
  for (const SubscriptionStatus& status : bus_->statuses()) {
    std::string& before = told_refusals_[status.consumer + " " + status.log];
    if (!status.refusal || before == *status.refusal) continue;
    before = *status.refusal;
    world_.logger.error("a log is not followed",
                        {{"service", status.consumer}, {"reason", before}});
  }
}

/// Most often it is not running, or its endpoint is another's.
void Process::tell_silence() {
  const auto now = world_.clock.monotonic();
  std::set<std::string> followed;
  for (const SubscriptionStatus& status : bus_->statuses()) {
    const std::string who = status.consumer + " " + status.log;
    followed.insert(who);
    if (status.joined || status.refusal) {
      silent_since_.erase(who);
      continue;
    }
    const auto [since, is_new] = silent_since_.try_emplace(who, now);
    if (is_new || now - since->second < kSilenceToldAfter) continue;
    // From now on seldom: it may be gone for hours.
    since->second = now + kSilenceToldAgain - kSilenceToldAfter;
    world_.logger.warning(
        "nothing is heard of a log; is its service running, and at that endpoint?",
        {{"service", status.consumer}, {"log", status.log}, {"endpoint", endpoints_[status.log]}});
  }
  std::erase_if(silent_since_, [&](const auto& one) { return !followed.contains(one.first); });
}

void Process::drain() {
  draining_ = true;
  for (const auto& unit : units_) unit->leave();
}

std::vector<ServiceGauges> Process::gauges() const {
  std::vector<ServiceGauges> all;
  for (const auto& unit : units_) all.push_back(unit->gauges());
  return all;
}

}  // namespace ticketing::runtime
