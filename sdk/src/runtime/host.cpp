#include "ticketing/runtime/host.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

#include "http/forwarded.hpp"
#include "runtime/admin.hpp"
#include "runtime/bus_settings.hpp"
#include "runtime/dead_letters.hpp"
#include "runtime/job_pool.hpp"
#include "runtime/key_source.hpp"
#include "runtime/metrics.hpp"
#include "runtime/process.hpp"
#include "runtime/writer_thread.hpp"
#include "ticketing/auth/digest.hpp"

namespace ticketing {

namespace {

using namespace runtime;

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

/// Those that `--services` names.
std::vector<ServiceDefinition> chosen_services(const Program& program, const Settings& settings) {
  const std::vector<std::string> wanted = settings.list("services");
  if (wanted == std::vector<std::string>{"all"}) return program.services;
  const auto is_wanted = [&](const ServiceDefinition& one) {
    return std::find(wanted.begin(), wanted.end(), one.name) != wanted.end();
  };
  std::vector<ServiceDefinition> chosen;
  std::string names;
  for (const ServiceDefinition& one : program.services) {
    names += (names.empty() ? "" : ",") + one.name;
    if (is_wanted(one)) chosen.push_back(one);
  }
  for (const std::string& name : wanted) {
    const auto is_it = [&](const ServiceDefinition& one) { return one.name == name; };
    if (std::any_of(chosen.begin(), chosen.end(), is_it)) continue;
    throw Error(ErrorCode::invalid,
                "--services: there is no service \"" + name + "\"; write all, or some of " + names);
  }
  if (chosen.empty()) {
    throw Error(ErrorCode::invalid, "--services names none; write all, or some of " + names);
  }
  return chosen;
}

std::vector<std::string> trusted_proxies(const Settings& settings) {
  const std::vector<std::string> proxies = settings.list("trusted-proxy");
  for (const std::string& proxy : proxies) {
    if (http::is_address(proxy)) continue;
    throw Error(ErrorCode::invalid,
                "--trusted-proxy: \"" + proxy + "\" is not an address; write it as 10.0.0.7");
  }
  return proxies;
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
  Impl(const Program& program, const Settings& settings, Logger& logger)
      : program_(program), settings_(settings), logger_(logger) {}
  ~Impl() { stop(); }

  void start();
  void stop();
  bool ready() const { return process_->ready(); }
  std::uint16_t port() const { return api_->port(); }
  std::uint16_t admin_port() const { return admin_->port(); }
  std::string bus_endpoint() const { return process_->bus().endpoint(); }

 private:
  void open_services();
  void connect_bus();
  void find_keys();
  void open_listeners();
  HandlerResult serve(Request& request, const Attempt& attempt);
  void note_answer(const Request& request, std::string_view route, int status,
                   std::chrono::nanoseconds took);
  void supervise();
  void wake_supervisor();

  const Program& program_;
  const Settings& settings_;
  Logger& logger_;
  Metrics metrics_;
  std::unique_ptr<JobPool> slow_pool_;
  std::unique_ptr<JobPool> task_pool_;
  std::unique_ptr<Process> process_;
  std::vector<std::unique_ptr<WriterThread>> writers_;
  std::unique_ptr<KeySource> keys_;
  std::unique_ptr<HttpServer> api_;
  std::unique_ptr<HttpServer> admin_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread supervisor_;
};

void Host::Impl::start() {
  make_data_folder(settings_.text("data-dir"));
  slow_pool_ = std::make_unique<JobPool>(kSlowThreads, kSlowMax);
  task_pool_ = std::make_unique<JobPool>(kTaskThreads, kTasksMax);
  open_services();
  connect_bus();
  find_keys();
  open_listeners();
  process_->start();
  start_listener(*admin_, "admin");
  start_listener(*api_, "listen");
  supervisor_ = std::thread{[this] { supervise(); }};
}

void Host::Impl::open_services() {
  const std::string folder = settings_.text("data-dir") + "/";
  const std::string secret = load_or_create_secret(
      settings_.given("secret") ? settings_.text("secret") : folder + program_.name + ".secret",
      system_random());
  process_ =
      std::make_unique<Process>(ProcessWorld{system_clock(), system_random(), logger_, secret});
  for (const ServiceDefinition& definition : chosen_services(program_, settings_)) {
    DatabaseOptions options;
    options.url = settings_.text("database");
    options.schema = definition.name;
    options.exclusive = false;
    if (options.url == "sqlite:") options.url += folder + definition.name + ".db";
    Unit& unit = process_->add(definition, settings_, options);
    writers_.push_back(std::make_unique<WriterThread>(unit.database()));
  }
}

void Host::Impl::connect_bus() {
  const Peers peers{settings_.list("peer")};
  const bool has_endpoints = is_over_zeromq(settings_);
  process_->connect(open_bus(settings_, logger_),
                    {.applied = [this] { api_->wake(); },
                     .wants_tick = [this] { wake_supervisor(); },
                     .run_slow = [this](auto job) { return slow_pool_->try_run(std::move(job)); },
                     .run_task = [this](auto job) { return task_pool_->try_run(std::move(job)); }},
                    [&](const std::string& log) {
                      return has_endpoints ? peers.endpoint_of(log) : std::string{};
                    });
}

void Host::Impl::find_keys() {
  if (const std::string jwks = process_->jwks(); !jwks.empty()) {
    process_->verifier().set_keys(KeySet::from_jwks(jwks));
  } else {
    keys_ = std::make_unique<KeySource>(settings_.text("jwks"), process_->verifier(), logger_);
  }
}

void Host::Impl::open_listeners() {
  HttpOptions options;
  options.listen = settings_.text("listen");
  options.workers = static_cast<std::size_t>(settings_.number("http-workers"));
  if (options.workers < 1) {
    throw Error(ErrorCode::invalid, "--http-workers must be at least 1, as in 64");
  }
  options.trusted_proxies = trusted_proxies(settings_);
  api_ = std::make_unique<HttpServer>(
      options, [this](Request& request, const Attempt& attempt) { return serve(request, attempt); },
      logger_);
  HttpOptions admin_options;
  admin_options.listen = settings_.text("admin");
  admin_options.workers = 4;  // A redrive holds one until it is synced; health is told meanwhile.
  const auto statuses = [this] { return process_->bus().statuses(); };
  admin_ = std::make_unique<HttpServer>(
      admin_options,
      admin_handler({.ready = [this] { return process_->ready(); },
                     .statuses = statuses,
                     .metrics =
                         [this, statuses] {
                           metrics_.set_handshake_failures(process_->bus().handshake_failures());
                           return metrics_.page(process_->gauges(), statuses(), api_->stats());
                         },
                     .dead_letters = [routes = DeadLetterRoutes{process_->units()}](
                                         Request& request) { return routes.answer(request); }}),
      logger_);
}

HandlerResult Host::Impl::serve(Request& request, const Attempt& attempt) {
  const auto started = system_clock().monotonic();
  std::promise<std::pair<HandlerResult, std::string>> promise;
  process_->serve(request, attempt, [&](HandlerResult result, std::string_view pattern) {
    promise.set_value({std::move(result), std::string{pattern}});
  });
  auto [result, pattern] = promise.get_future().get();
  if (result.response && !pattern.empty()) {
    const auto took = system_clock().monotonic() - started + attempt.waited;
    note_answer(request, pattern, result.response->status, took);
  }
  return std::move(result);
}

void Host::Impl::note_answer(const Request& request, std::string_view route, int status,
                             std::chrono::nanoseconds took) {
  metrics_.count_request(request.method, route, status, took);
  const LogLevel level = status >= 500 ? LogLevel::warning : LogLevel::debug;
  if (!logger_.wants(level)) return;
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took);
  const std::array<LogField, 5> fields{{{"method", request.method},
                                        {"route", std::string{route}},
                                        {"status", std::to_string(status)},
                                        {"microseconds", std::to_string(micros.count())},
                                        {kCorrelationField, request.id}}};
  logger_.write(level, "answered", fields);
}

void Host::Impl::supervise() {
  std::unique_lock guard{mutex_};
  while (!stopping_) {
    guard.unlock();
    const milliseconds pause = process_->tick();
    guard.lock();
    changed_.wait_for(guard, pause, [&] { return stopping_ || process_->wants_tick(); });
  }
}

void Host::Impl::wake_supervisor() {
  // What it is to see was set before: with the lock taken in between, it either sees that or waits
  // already, and is woken.
  { const std::lock_guard guard{mutex_}; }
  changed_.notify_all();
}

void Host::Impl::stop() {
  if (process_) {
    // Or requests, which the HTTP server waits for, would wait for a database that is away.
    for (const auto& unit : process_->units()) unit->database().give_up();
    process_->drain();
  }
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
  if (process_ && process_->is_connected()) process_->bus().stop();
  // Before the writers: a redrive is answered once it is durable.
  if (admin_) admin_->stop(kDrain);
  writers_.clear();
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
