#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>

#include "runtime/admin.hpp"
#include "runtime/log_sink.hpp"
#include "ticketing/core/error.hpp"
#include "ticketing/runtime/host.hpp"

namespace ticketing {

namespace {

constexpr int kExitUsage = 2;
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kPauseMax{2'000};

int fail(const Program& program, const Error& error) {
  std::fprintf(stderr, "%s: %s\n", program.name.c_str(), error.what());
  return error.code() == ErrorCode::invalid ? kExitUsage : policy_of(error.code()).exit_status;
}

/// Only development mode has cookies that travel unencrypted, so it may not leave this host.
void check_dev_mode(const Settings& settings) {
  const std::string& listen = settings.text("listen");
  if (!settings.flag("dev") || listen.starts_with("127.") || listen.starts_with("localhost:") ||
      listen.starts_with("[::1]:")) {
    return;
  }
  throw Error(ErrorCode::invalid, "--dev only listens on loopback; \"" + listen +
                                      "\" is not: write --listen 127.0.0.1:8080");
}

/// A server's descriptors are its clients; the usual soft limit of 1,024 is for other programs.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Large blocks go back to the system at once. By itself the allocator would take those that it has
/// seen once for usual, and keep as much in each of its arenas as the largest answers ever took.
void keep_no_large_blocks() {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, 128 << 10);
  ::mallopt(M_ARENA_MAX, 4);
#endif
}

/// A database that cannot be reached now is no reason to give up: it may be starting, too. nullptr:
/// told to stop meanwhile.
std::unique_ptr<Host> start_when_possible(const Program& program, const Settings& settings,
                                          Logger& logger, const sigset_t& signals) {
  std::string told;
  std::chrono::milliseconds pause = kFirstPause;
  while (true) {
    try {
      auto host = std::make_unique<Host>(program, settings, logger);
      host->start();
      return host;
    } catch (const Error& error) {
      if (error.word() != kDatabaseLost) throw;
      if (told != error.what()) {
        logger.warning("waiting for the database", {{"reason", error.what()}});
      }
      told = error.what();
    }
    const timespec wait{pause.count() / 1'000, pause.count() % 1'000 * 1'000'000};
    if (sigtimedwait(&signals, nullptr, &wait) > 0) return nullptr;
    pause = std::min(2 * pause, kPauseMax);
  }
}

void serve(const Program& program, const Settings& settings) {
  raise_descriptor_limit();
  keep_no_large_blocks();
  ::umask(0077);  // Databases and keys are nobody else's business.
  // Blocked before any thread starts, so that only the wait below takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // A file that may not grow is a full disk, not an end.

  const auto logger = runtime::make_logger(settings.text("log-level"));
  const std::unique_ptr<Host> started = start_when_possible(program, settings, *logger, signals);
  if (!started) return;
  Host& host = *started;
  logger->info("serving", {{"program", program.name},
                           {"port", std::to_string(host.port())},
                           {"admin", std::to_string(host.admin_port())},
                           {"bus", host.bus_endpoint()}});
  int received = 0;
  sigwait(&signals, &received);
  logger->info("stopping");
  host.stop();
}

}  // namespace

std::vector<Option> options_of(const Program& program) {
  std::vector<Option> options{
      {"listen", OptionKind::address, program.listen, "address of the HTTP API"},
      {"admin", OptionKind::address, program.admin,
       "address of /livez, /readyz, /metrics, /version, /deadletters"},
      {"data-dir", OptionKind::text, "./data", "folder of the databases and keys"},
      {"secret", OptionKind::text, "",
       "file of the secret that all instances share; by default <data-dir>/<program>.secret"},
      {"database", OptionKind::database_url, "sqlite:",
       knows_database("postgresql:")
           ? "sqlite: for files in the data folder, or postgresql://USER@HOST:5432/DATABASE"
           : "database engine"},
      {"bus", OptionKind::bus_url, std::string{kZeromq},
       knows_bus("nats://HOST") ? "zmq between the processes themselves, or nats://HOST:4222"
                                : "transport of events"},
      {"bus-bind", OptionKind::text, program.bus_bind,
       "endpoint for subscribers over ZeroMQ; beside another --bus only when given"},
      {"bus-fetch-bind", OptionKind::text, "",
       "endpoint for fetching events; by default a free port"},
      {"bus-limited-bind", OptionKind::text, "",
       "endpoint for subscribers that may not read everything"},
      {"bus-key", OptionKind::text, "",
       "file of this process's key on the bus; needed off this host"},
      {"bus-allow", OptionKind::text, "",
       "file of the public keys of its peers, and what each may read"},
      {"peer", OptionKind::list, "",
       "NAME=ENDPOINT: where another service's events are; repeatable"},
      {"jwks", OptionKind::text, "",
       "URL or file of the keys that verify tokens, unless auth runs here"},
      {"services", OptionKind::list, "all", "which of this program's services to run"},
      {"log-retention", OptionKind::duration, "7d",
       "how long every event is kept; older ones are replaced by newer ones; 0s: for ever"},
      {"consumer-retention", OptionKind::duration, "30d",
       "how long events are kept for a consumer that is not heard of"},
      {"http-workers", OptionKind::number, "64",
       "threads that serve requests; a quarter of them at most only read"},
      {"trusted-proxy", OptionKind::list, "",
       "address of a proxy whose X-Forwarded-For is believed; repeatable"},
      {"log-level", OptionKind::text, "info", "debug, info, warning or error"},
      {"dev", OptionKind::flag, "false", "development: cookies without Secure, loopback only"},
  };
  for (const ServiceDefinition& service : program.services) {
    // Services may share a setting; in one process it is one flag.
    for (const Option& option : service.options) {
      const auto same = [&](const Option& other) { return other.name == option.name; };
      if (std::none_of(options.begin(), options.end(), same)) options.push_back(option);
    }
  }
  return options;
}

int run(int argc, const char* const* argv, const Program& program) {
  try {
    const std::vector<Option> options = options_of(program);
    const Settings settings = Settings::parse(options, argc, argv, environ);
    if (settings.wants_help()) {
      std::fputs(help_text(program.name, program.summary, options).c_str(), stdout);
      return 0;
    }
    if (settings.wants_version()) {
      std::printf("%s %s\n", program.name.c_str(), std::string{runtime::version()}.c_str());
      return 0;
    }
    check_dev_mode(settings);
    serve(program, settings);
    return 0;
  } catch (const Error& error) {
    return fail(program, error);
  } catch (const std::exception& error) {  // No memory, no threads: the machine says no.
    return fail(program, Error(ErrorCode::unavailable, error.what()));
  }
}

}  // namespace ticketing
