#pragma once
// Engine: one service at work: its definition, database, log, inbox, replicas and timers together.
//
// A core: it holds no thread and no socket. A driver (Host, or a simulator) hands in requests,
// batches and ticks, and steps the database; answers come through callbacks once they are durable.
// Any thread may call, once the hooks are set. Callbacks run on whichever thread steps the
// database.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ticketing/messaging/inbox.hpp"
#include "ticketing/messaging/timers.hpp"
#include "ticketing/runtime/service.hpp"

namespace ticketing {

namespace runtime {
class Leases;
}

/// What an engine tells its driver. All must be set before anything is handed in.
struct EngineHooks {
  /// Entries of the own log that are durable now, in order.
  std::function<void(std::vector<LogEntry>)> committed;
  /// A replica misses what lies in the gap of that log.
  std::function<void(const std::string& log, Gap gap)> missing;
  /// Something was applied: requests that wait for it may run again.
  std::function<void()> applied;
  /// next_due() may have changed.
  std::function<void()> timers_changed;
  /// Runs a slow job elsewhere; false when it cannot be taken now.
  std::function<bool(std::function<void()>)> offload;
};

/// What an engine lives on; all borrowed.
struct EngineWorld {
  const Clock& clock;
  Random& random;
  Logger& logger;
  TokenVerifier& verifier;
  std::string secret;  ///< Keys the digests of idempotent requests' bodies; at least 32 bytes.
  /// Asked before anything is done that one instance at a time may do; nullptr: there is one only.
  runtime::Leases* leases = nullptr;
};

/// Which subjects of which log a service wants.
struct FollowedLog {
  std::string log;
  std::vector<std::string> subjects;
};

class Engine {
 public:
  using Answer = std::function<void(HandlerResult)>;
  /// Called once when it is durable, or has failed. `found`: there was a dead letter at the place.
  using LetterDone = std::function<void(std::exception_ptr failure, bool found)>;

  /// Borrows `service`, `database` and the world. Makes the log's id, for which it steps
  /// `database`: nobody else may be stepping it yet.
  Engine(Service& service, Database& database, EngineWorld world);

  EngineHooks hooks;

  const Service& service() const { return service_; }
  Database& database() { return database_; }
  const EventLog& log() const { return *log_; }
  std::vector<FollowedLog> followed_logs() const;
  /// How far `log` has been applied.
  std::optional<Cursor> cursor(const std::string& log) const;
  /// What replicas miss. To be asked for at the start: requests for a replay are not stored.
  std::vector<Gap> missing() const;

  /// Serves route number `route` of the definition. `request` lives until `answer` was called,
  /// once.
  void handle(std::size_t route, const Request& request, const Attempt& attempt, Answer answer);
  /// Takes in what other instances have written: which tokens count no more.
  void refresh();
  /// Applies a batch; `done(true)` when it is durable, `done(false)`: deliver it again later.
  void apply(std::shared_ptr<const Batch> batch, std::function<void(bool)> done);
  /// When run_due() has to be called next.
  std::optional<Timestamp> next_due() const;
  /// Runs timers and retries that are due, then calls `done`. Tasks among them are handed to
  /// `start`, which runs them elsewhere, or returns false: then they are due again. `done(false)`:
  /// some could not be run; call again after a pause.
  void run_due(std::function<bool(std::function<void()> task)> start,
               std::function<void(bool)> done);
  /// Makes the dead letter at that place of `log` due again, as an operator wants it.
  void redrive(std::string log, std::int64_t offset, LetterDone done);
  /// Gives it up for good, so that what waits behind it goes on.
  void skip(std::string log, std::int64_t offset, LetterDone done);
  /// Forgets what nobody can ask for any more: answers kept under idempotency keys. A bounded
  /// number at once; `done(false)`: there may be more.
  void prune(std::function<void(bool)> done);
  /// Writes a row, to see whether the database can commit (again).
  void probe(std::function<void(bool)> done);

 private:
  struct Run;
  struct Slow;

  void handle_read(const Service::RouteEntry& route, const Request& request, const Attempt& attempt,
                   std::optional<Identity> caller, const Answer& answer);
  void handle_write(std::shared_ptr<Run> run);
  void run_route(Run& run, Transaction& tx);
  void settle_route(const std::shared_ptr<Run>& run, std::exception_ptr failure);
  void remember_refusal(const std::shared_ptr<Run>& run, const Response& refusal);
  Response refusal_of(const std::exception_ptr& failure, const Request& request) const;
  Context make_context(Transaction& tx, Causality causality);
  void dispatch(Transaction& tx, const Envelope& envelope, Effects& effects, Inbox::Scope scope);
  void heal(Transaction& tx, const Batch& batch) const;
  void flush(Transaction& tx, Context& context, Effects& effects);
  void store_revocation(Transaction& tx, const UserFact& user);
  void revoke(const UserFact& user);
  void load_revocations(Transaction& tx);
  void change_letter(std::function<bool(Transaction&)> change, LetterDone done);
  void settle(Effects effects);
  void turn_failed(const std::exception_ptr& failure);
  void run_timer(Transaction& tx, const Timer& timer, Effects& effects);
  void run_task(const Timer& timer, const Service::TaskHandler& handler);
  void end_task(const Timer& timer, const Service::TaskResult& result);
  void postpone(const Timer& timer, std::string_view reason);
  void release_task(const Timer& timer);
  std::set<std::pair<std::string, std::string>> running_tasks() const;
  std::string name_of(const Run& run) const;
  std::optional<std::string> slow_result(const Run& run, std::function<std::string()> job);
  void forget_slow(const Run& run);
  void forget_slow(const std::string& name);

  Service& service_;
  Database& database_;
  EngineWorld world_;
  std::optional<EventLog> log_;
  Inbox inbox_;
  RetryPolicy task_retry_;

  mutable std::mutex mutex_;  ///< Guards what follows.
  std::set<std::pair<std::string, std::string>> running_tasks_;
  std::map<std::string, std::shared_ptr<Slow>> slow_jobs_;  ///< By name_of() their request.
  std::uint64_t slow_jobs_begun_ = 0;
  std::int64_t revocation_ = 0;  ///< The number of the newest that this instance knows.
};

}  // namespace ticketing
