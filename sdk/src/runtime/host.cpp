#include "ticketing/runtime/host.hpp"

#include <sys/stat.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

#include "runtime/admin.hpp"
#include "runtime/key_source.hpp"
#include "runtime/metrics.hpp"
#include "runtime/unit.hpp"
#include "ticketing/auth/digest.hpp"
#include "ticketing/auth/passwords.hpp"
#include "ticketing/http/router.hpp"
#include "ticketing/messaging/bus.hpp"

namespace ticketing {

namespace {

using namespace runtime;

constexpr std::chrono::milliseconds kTurnWhileStarting{5};
constexpr std::chrono::milliseconds kTurn{200};
constexpr std::chrono::seconds kDrain{5};
constexpr std::size_t kTaskThreads = 4;
constexpr std::size_t kTasksMax = 10'000;

void make_data_folder(const std::string& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (failure) {
    throw Error(ErrorCode::unavailable, "cannot make the data folder " + path + ": " +
                                            failure.message() + "; choose another with --data-dir");
  }
  ::chmod(path.c_str(), 0700);
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
  void open_listeners();
  HandlerResult serve(Request& request, const Attempt& attempt);
  bool check_ready();
  void supervise();
  std::vector<ServiceGauges> gauges() const;

  const Program& program_;
  const Settings& settings_;
  Logger& logger_;
  Metrics metrics_;
  TokenVerifier verifier_;
  std::string secret_;
  std::unique_ptr<HashPool> hash_pool_;
  std::unique_ptr<HashPool> task_pool_;
  std::unique_ptr<Bus> bus_;
  std::vector<std::unique_ptr<Unit>> units_;
  std::unique_ptr<KeySource> keys_;
  Router router_;
  std::vector<std::pair<Engine*, std::size_t>> routes_;
  std::unique_ptr<HttpServer> api_;
  std::unique_ptr<HttpServer> admin_;

  std::atomic<bool> ready_{false};
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
  hash_pool_ = std::make_unique<HashPool>();
  task_pool_ = std::make_unique<HashPool>(kTaskThreads, kTasksMax);
  open_units();
  connect_bus();
  open_listeners();
  bus_->start();
  admin_->start();
  api_->start();
  supervisor_ = std::thread{[this] { supervise(); }};
}

void Host::Impl::open_units() {
  const std::vector<std::string> wanted = settings_.list("services");
  const bool all = wanted == std::vector<std::string>{"all"};
  for (const ServiceDefinition& definition : program_.services) {
    if (!all && std::find(wanted.begin(), wanted.end(), definition.name) == wanted.end()) continue;
    units_.push_back(std::make_unique<Unit>(
        definition, settings_,
        EngineWorld{system_clock(), system_random(), logger_, verifier_, secret_}));
  }
  if (units_.empty()) {
    throw Error(ErrorCode::invalid, "--services names none that this program has; see --help");
  }
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
    unit->connect(*bus_, *hash_pool_, *task_pool_, [this] { api_->wake(); },
                  [this] { changed_.notify_all(); });
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
  api_ = std::make_unique<HttpServer>(
      options, [this](Request& request, const Attempt& attempt) { return serve(request, attempt); },
      logger_);
  HttpOptions admin_options;
  admin_options.listen = settings_.text("admin");
  admin_options.workers = 2;
  admin_ = std::make_unique<HttpServer>(
      admin_options,
      admin_handler({.ready = [this] { return ready_.load(); },
                     .statuses = [this] { return bus_->statuses(); },
                     .metrics = [this] {
                       return metrics_.page(gauges(), bus_->statuses(), api_->stats());
                     }}),
      logger_);
}

HandlerResult Host::Impl::serve(Request& request, const Attempt& attempt) {
  if (!ready_) return {error_response(503, "The service is starting or stopping", "not_ready")};
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
    metrics_.count_request(request.method, match->pattern, result.response->status, took);
  }
  return result;
}

/// Ready: caught up with every log once, since then not refused by any, keys at hand, able to commit.
bool Host::Impl::check_ready() {
  if (!verifier_.has_keys()) return false;
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
    for (const auto& unit : units_) pause = std::min(pause, unit->tick());
    guard.lock();
    changed_.wait_for(guard, std::max(pause, milliseconds{1}), [&] {
      return stopping_ || std::any_of(units_.begin(), units_.end(),
                                      [](const auto& unit) { return unit->wants_tick(); });
    });
  }
}

std::vector<ServiceGauges> Host::Impl::gauges() const {
  std::vector<ServiceGauges> all;
  for (const auto& unit : units_) all.push_back(unit->gauges());
  return all;
}

void Host::Impl::stop() {
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
  ready_ = false;
  task_pool_.reset();
  hash_pool_.reset();
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
