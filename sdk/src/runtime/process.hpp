#pragma once
// Process: what one program does, without its threads and sockets: its services, tied to one bus,
// one set of keys and one table of routes.
//
// A core: Host drives it in production, the simulator in tests. A driver adds the services,
// connects, steps each database from then on, calls start(), serve() for requests and tick() when
// it is time. serve(), ready() and gauges() by any thread; the rest by one.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/unit.hpp"
#include "ticketing/http/router.hpp"

namespace ticketing::runtime {

/// What a process lives on; borrowed, but for the secret.
struct ProcessWorld {
  const Clock& clock;
  Random& random;
  Logger& logger;
  std::string secret;  ///< As EngineWorld's.
};

struct ProcessHooks {
  /// Requests that wait may be run again.
  std::function<void()> applied;
  /// tick() has something to do.
  std::function<void()> wants_tick;
  RunJob run_slow;  ///< Password hashes and the like.
  RunJob run_task;  ///< Work that leaves the process.
};

class Process {
 public:
  /// `pattern` is that of the route, or empty when there is none.
  using Served = std::function<void(HandlerResult, std::string_view pattern)>;

  explicit Process(ProcessWorld world) : world_(std::move(world)) {}
  ~Process() { drain(); }

  /// Opens the service's database and makes its engine; nobody may be stepping it yet.
  Unit& add(const ServiceDefinition& definition, const Settings& settings,
            const DatabaseOptions& database);
  /// Ties the services to `bus`. `endpoint_of` says where a log is that is not hosted here.
  void connect(std::unique_ptr<Bus> bus, const ProcessHooks& hooks,
               const std::function<std::string(const std::string& log)>& endpoint_of);
  /// Starts the services' work and the bus.
  void start();

  const std::vector<std::unique_ptr<Unit>>& units() const { return units_; }
  TokenVerifier& verifier() { return verifier_; }
  /// The keys of the service here that signs tokens; empty when none does.
  std::string jwks() const;
  bool is_connected() const { return bus_ != nullptr; }
  Bus& bus() { return *bus_; }
  const Bus& bus() const { return *bus_; }

  /// Finds the request's route and runs it; `served` is called once. `request` lives until then.
  void serve(Request& request, const Attempt& attempt, Served served);
  bool has_route(Request& request) const { return router_.find(request).has_value(); }

  /// Runs what is due and looks whether the process is ready; returns when to look again.
  milliseconds tick();
  bool wants_tick() const;
  /// Caught up with every log once, since then not refused by any, keys at hand, able to commit.
  bool ready() const { return ready_ && !draining_; }
  /// Not ready any more, for good.
  void drain();

  std::vector<ServiceGauges> gauges() const;

 private:
  void add_routes(Unit& unit);
  bool check_open();
  bool can_commit() const;
  void tell_refusals();
  void tell_silence();
  milliseconds tick(Unit& unit);

  ProcessWorld world_;
  TokenVerifier verifier_;
  std::vector<std::unique_ptr<Unit>> units_;
  std::unique_ptr<Bus> bus_;
  Router router_;
  std::vector<std::pair<Engine*, std::size_t>> routes_;
  std::map<std::string, std::string> told_refusals_;
  /// By consumer and log: since when its publisher has been silent, or when that was last told.
  std::map<std::string, std::chrono::nanoseconds> silent_since_;
  std::map<std::string, std::string> endpoints_;  ///< Of the logs that are not hosted here.
  /// Requests are let in. Also while no commit goes through: a full disk is no reason to refuse to
  /// read, and writes hear of it from the database.
  std::atomic<bool> open_{false};
  std::atomic<bool> ready_{false};
  std::atomic<bool> draining_{false};
  bool caught_up_once_ = false;
};

}  // namespace ticketing::runtime
