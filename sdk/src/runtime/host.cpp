#include "ticketing/runtime/host.hpp"

#include <sys/stat.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

#include "runtime/admin.hpp"
#include "runtime/job_pool.hpp"
#include "runtime/key_source.hpp"
#include "runtime/metrics.hpp"
#include "runtime/unit.hpp"
#include "ticketing/auth/digest.hpp"
#include "ticketing/http/router.hpp"
#include "ticketing/messaging/bus.hpp"

namespace ticketing {

namespace {

using namespace runtime;

constexpr std::chrono::milliseconds kTurnWhileStarting{5};
constexpr std::chrono::milliseconds kTurn{200};
constexpr std::chrono::seconds kDrain{5};
// Each password hash takes 19 MiB while it runs.
constexpr std::size_t kSlowThreads = 2;
constexpr std::size_t kSlowMax = 256;
constexpr std::size_t kTaskThreads = 4;
constexpr std::size_t kTasksMax = 10'000;

void make_data_folder(const std::string& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (failure) {
    throw Error(ErrorCode::unavailable, "cannot make the data folder " + path + ": " +
                                            failure.message() + "; choose another with --data-dir");
  }
  // Nobody else may read it; what its owner may do is theirs to say.
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) ::chmod(path.c_str(), status.st_mode & 0700);
}

std::string names_of(const std::vector<ServiceDefinition>& services) {
  std::string names;
  for (const ServiceDefinition& one : services) names += (names.empty() ? "" : ",") + one.name;
  return names;
}

void start_listener(HttpServer& server, const std::string& flag) {
  try {
    server.start();
  } catch (const Error& error) {
    throw Error(error.code(),
                std::string{error.what()} + "; choose another address with --" + flag);
  }
}

}  // namespace

class Host::Impl {
 public:
  Impl(const Program& program, const Settings& settings, Logger& logger);
  ~Impl() { stop(); }

  void start();
  void stop();
  bool ready() const { return ready_; }
  std::uint16_t port() const { return api_->port(); }
  std::uint16_t admin_port() const { return admin_->port(); }
  std::string bus_endpoint() const { return bus_->endpoint(); }

 private:
  void open_units();
  void connect_bus();
  void find_keys();
  void open_listeners();
  HandlerResult serve(Request& request, const Attempt& attempt);
  void note_answer(const Request& request, std::string_view route, int status,
                   std::chrono::nanoseconds took);
  bool check_ready();
  void supervise();
  void wake_supervisor();
  milliseconds tick(Unit& unit);
  std::vector<ServiceGauges> gauges() const;

  const Program& program_;
  const Settings& settings_;
  Logger& logger_;
  Metrics metrics_;
  TokenVerifier verifier_;
  std::string secret_;
  std::unique_ptr<JobPool> slow_pool_;
  std::unique_ptr<JobPool> task_pool_;
  std::unique_ptr<Bus> bus_;
  std::vector<std::unique_ptr<Unit>> units_;
  std::unique_ptr<KeySource> keys_;
  Router router_;
  std::vector<std::pair<Engine*, std::size_t>> routes_;
  std::unique_ptr<HttpServer> api_;
  std::unique_ptr<HttpServer> admin_;

  std::atomic<bool> ready_{false};
  std::atomic<bool> draining_{false};
  bool caught_up_once_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread supervisor_;
};

Host::Impl::Impl(const Program& program, const Settings& settings, Logger& logger)
    : program_(program), settings_(settings), logger_(logger) {}

void Host::Impl::start() {
  make_data_folder(settings_.text("data-dir"));
  const std::string secret_file = settings_.text("data-dir") + "/" + program_.name + ".secret";
  secret_ = load_or_create_secret(secret_file, system_random());
  slow_pool_ = std::make_unique<JobPool>(kSlowThreads, kSlowMax);
  task_pool_ = std::make_unique<JobPool>(kTaskThreads, kTasksMax);
  open_units();
  connect_bus();
  find_keys();
  open_listeners();
  bus_->start();
  for (const auto& unit : units_) unit->request_missing(*bus_);
  start_listener(*admin_, "admin");
  start_listener(*api_, "listen");
  supervisor_ = std::thread{[this] { supervise(); }};
}

void Host::Impl::open_units() {
  const std::vector<std::string> wanted = settings_.list("services");
  const bool all = wanted == std::vector<std::string>{"all"};
  for (const std::string& name : wanted) {
    const auto is_it = [&](const ServiceDefinition& one) { return one.name == name; };
    if (all || std::any_of(program_.services.begin(), program_.services.end(), is_it)) continue;
    throw Error(ErrorCode::invalid, "--services: there is no service \"" + name +
                                        "\"; write all, " + "or some of " +
                                        names_of(program_.services));
  }
  for (const ServiceDefinition& definition : program_.services) {
    if (!all && std::find(wanted.begin(), wanted.end(), definition.name) == wanted.end()) continue;
    units_.push_back(std::make_unique<Unit>(
        definition, settings_,
        EngineWorld{system_clock(), system_random(), logger_, verifier_, secret_}));
  }
  if (units_.empty()) {
    throw Error(ErrorCode::invalid,
                "--services names none; write all, or some of " + names_of(program_.services));
  }
}

void Host::Impl::find_keys() {
  std::string jwks;
  for (const auto& unit : units_) {
    if (!unit->service().jwks().empty()) jwks = unit->service().jwks();
  }
  if (!jwks.empty()) {
    verifier_.set_keys(KeySet::from_jwks(jwks));
  } else {
    keys_ = std::make_unique<KeySource>(settings_.text("jwks"), verifier_, logger_);
  }
}

void Host::Impl::connect_bus() {
  BusOptions options;
  options.bind = settings_.text("bus-bind");
  options.fetch_bind = settings_.text("bus-fetch-bind");
  bus_ = Bus::zeromq(options, logger_);
  const Peers peers{settings_.list("peer")};
  const auto hosted_here = [&](const std::string& log) {
    return std::any_of(units_.begin(), units_.end(),
                       [&](const auto& unit) { return unit->service().name() == log; });
  };
  for (const auto& unit : units_) {
    unit->connect(
        *bus_, *slow_pool_, *task_pool_, [this] { api_->wake(); }, [this] { wake_supervisor(); });
    for (FollowedLog& log : unit->engine().followed_logs()) {
      const std::string endpoint = hosted_here(log.log) ? "" : peers.endpoint_of(log.log);
      unit->follow(*bus_, std::move(log), endpoint);
    }
  }
}

void Host::Impl::open_listeners() {
  for (const auto& unit : units_) {
    const auto& routes = unit->service().definition().routes;
    for (std::size_t i = 0; i < routes.size(); ++i) {
      router_.add(routes[i].method, routes[i].pattern, routes_.size());
      routes_.emplace_back(&unit->engine(), i);
    }
  }
  HttpOptions options;
  options.listen = settings_.text("listen");
  options.workers = static_cast<std::size_t>(settings_.number("http-workers"));
  if (options.workers < 1) {
    throw Error(ErrorCode::invalid, "--http-workers must be at least 1, as in 64");
  }
  api_ = std::make_unique<HttpServer>(
      options, [this](Request& request, const Attempt& attempt) { return serve(request, attempt); },
      logger_);
  HttpOptions admin_options;
  admin_options.listen = settings_.text("admin");
  admin_options.workers = 2;
  admin_ = std::make_unique<HttpServer>(
      admin_options,
      admin_handler(
          {.ready = [this] { return ready_.load(); },
           .statuses = [this] { return bus_->statuses(); },
           .metrics = [this] { return metrics_.page(gauges(), bus_->statuses(), api_->stats()); }}),
      logger_);
}

HandlerResult Host::Impl::serve(Request& request, const Attempt& attempt) {
  // A request that was taken is still answered, also when it has to be run again.
  if (!ready_ && attempt.number == 0) {
    return {error_response(503, "The service is starting or stopping", "not_ready")};
  }
  const auto match = router_.find(request);
  if (!match) return {error_response(Error(ErrorCode::not_found, "Not Found"))};
  const auto started = system_clock().monotonic();
  const auto& [engine, route] = routes_[match->route];
  std::promise<HandlerResult> promise;
  engine->handle(route, request, attempt,
                 [&promise](HandlerResult result) { promise.set_value(std::move(result)); });
  HandlerResult result = promise.get_future().get();
  if (result.response) {
    const auto took = system_clock().monotonic() - started + attempt.waited;
    note_answer(request, match->pattern, result.response->status, took);
  }
  return result;
}

/// The request's id is also the correlation id of every event that it leads to.
void Host::Impl::note_answer(const Request& request, std::string_view route, int status,
                             std::chrono::nanoseconds took) {
  metrics_.count_request(request.method, route, status, took);
  const LogLevel level = status >= 500 ? LogLevel::warning : LogLevel::debug;
  if (!logger_.wants(level)) return;
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took);
  logger_.write(level, "answered",
                {{"method", request.method},
                 {"route", std::string{route}},
                 {"status", std::to_string(status)},
                 {"microseconds", std::to_string(micros.count())},
                 {"request", request.id},
                 {"correlation", request.id}});
}

/// Ready: caught up with every log once, since then not refused by any, keys at hand, able to
/// commit.
bool Host::Impl::check_ready() {
  if (draining_ || !verifier_.has_keys()) return false;
  for (const auto& unit : units_) {
    if (!unit->database().healthy()) return false;
  }
  bool all_caught_up = true;
  for (const SubscriptionStatus& status : bus_->statuses()) {
    if (status.refusal) return false;
    all_caught_up &= status.caught_up;
  }
  caught_up_once_ |= all_caught_up;
  return caught_up_once_;
}

/// Runs timers, tells readiness, and tries a database that could not commit again.
void Host::Impl::supervise() {
  std::unique_lock guard{mutex_};
  std::map<std::string, std::string> told;
  while (!stopping_) {
    guard.unlock();
    for (const auto& status : bus_->statuses()) {
      std::string& before = told[status.consumer + " " + status.log];
      if (status.refusal && before != *status.refusal) {
        before = *status.refusal;
        logger_.error("a log is not followed", {{"service", status.consumer}, {"reason", before}});
      }
    }
    const bool now_ready = check_ready();
    if (now_ready != ready_) logger_.info(now_ready ? "ready" : "not ready");
    ready_ = now_ready;
    milliseconds pause = ready_ ? kTurn : kTurnWhileStarting;
    for (const auto& unit : units_) pause = std::min(pause, tick(*unit));
    guard.lock();
    changed_.wait_for(guard, std::max(pause, milliseconds{1}), [&] {
      return stopping_ || std::any_of(units_.begin(), units_.end(),
                                      [](const auto& unit) { return unit->wants_tick(); });
    });
  }
}

/// What cannot be read now (no descriptor is free) can be read later.
milliseconds Host::Impl::tick(Unit& unit) {
  try {
    return unit.tick();
  } catch (const Error& error) {
    logger_.error("timers cannot be looked at",
                  {{"service", unit.service().name()}, {"reason", error.what()}});
    return kTurn;
  }
}

void Host::Impl::wake_supervisor() {
  // What it is to see was set before: with the lock taken in between, it either sees that or waits
  // already, and is woken.
  { const std::lock_guard guard{mutex_}; }
  changed_.notify_all();
}

std::vector<ServiceGauges> Host::Impl::gauges() const {
  std::vector<ServiceGauges> all;
  for (const auto& unit : units_) all.push_back(unit->gauges());
  return all;
}

void Host::Impl::stop() {
  draining_ = true;
  ready_ = false;
  if (api_) api_->stop(kDrain);
  if (supervisor_.joinable()) {
    {
      const std::lock_guard guard{mutex_};
      stopping_ = true;
    }
    changed_.notify_all();
    supervisor_.join();
  }
  // Not gone yet: until the writers have stopped, they may hand in jobs.
  if (task_pool_) task_pool_->stop();
  if (slow_pool_) slow_pool_->stop();
  if (bus_) bus_->stop();
  for (const auto& unit : units_) unit->stop();
  if (admin_) admin_->stop(kDrain);
}

Host::Host(const Program& program, const Settings& settings, Logger& logger)
    : impl_(std::make_unique<Impl>(program, settings, logger)) {}
Host::~Host() = default;
void Host::start() { impl_->start(); }
void Host::stop() { impl_->stop(); }
bool Host::ready() const { return impl_->ready(); }
std::uint16_t Host::port() const { return impl_->port(); }
std::uint16_t Host::admin_port() const { return impl_->admin_port(); }
std::string Host::bus_endpoint() const { return impl_->bus_endpoint(); }

}  // namespace ticketing
