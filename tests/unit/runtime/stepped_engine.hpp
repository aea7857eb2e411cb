#pragma once
// SteppedEngine: one service's engine over a real database, driven by hand in the test's own
// thread: nothing is committed, answered or run before the test says so.

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "memory_logger.hpp"
#include "support/scratch_database.hpp"
#include "ticketing/events/envelope.hpp"
#include "ticketing/http/router.hpp"
#include "ticketing/runtime/engine.hpp"

namespace ticketing::test {

inline constexpr Timestamp kStart{milliseconds{1'767'225'600'000}};  // 2026-01-01T00:00:00Z

class ManualClock final : public Clock {
 public:
  Timestamp now() const override { return time; }
  std::chrono::nanoseconds monotonic() const override { return time.time_since_epoch(); }
  Timestamp time = kStart;
};

/// A request in the hands of the engine.
struct Call {
  Request request;
  std::optional<HandlerResult> result;  ///< Empty: not answered yet.

  bool answered() const { return result && result->response; }
  bool suspended() const { return result && !result->response; }
};

class SteppedEngine {
 public:
  using Define = std::function<void(Service&)>;

  /// The service `name`, with tables of `steps`.
  explicit SteppedEngine(Define define, std::span<const std::string_view> steps = {},
                         std::string name = "tickets", DatabaseOptions options = {});

  Engine& operator*() { return *engine_; }
  Engine* operator->() { return engine_.get(); }
  ScratchDatabase& database() { return database_; }
  /// Commits all that is queued, and what that leads to.
  void step();
  /// As after a crash: everything but the database is new.
  void restart();

  /// Hands `call` in; it is answered when the database is stepped.
  void begin(Call& call, const Attempt& attempt = {});
  /// begin() and step().
  void run(Call& call, const Attempt& attempt = {});
  /// The answer to a request that must be answered at once.
  Response send(Request request);
  /// Applies `batch`; true when it is durable.
  bool apply(Batch batch);
  /// run_due() as a driver calls it; the tasks are left in `tasks`.
  bool run_due();
  /// The offsets and subjects of the own log, as `1 ticket:created`.
  std::vector<std::string> log_lines();
  std::vector<Envelope> log();
  /// The only column of `sql`, row by row.
  std::vector<std::string> rows(std::string_view sql);

  /// Credentials of `user`, issued now.
  std::pair<std::string, std::string> bearer(const std::string& user) const;

  ManualClock clock;
  MemoryLogger logger;
  std::optional<TokenVerifier> verifier;
  // What the engine has told.
  std::vector<LogEntry> committed;
  std::vector<std::pair<std::string, Gap>> missing;
  int applied = 0;
  int timers_changed = 0;
  std::deque<std::function<void()>> jobs;   ///< Given to offload, not run yet.
  std::deque<std::function<void()>> tasks;  ///< Given to start, not run yet.
  bool takes_jobs = true;
  bool takes_tasks = true;

 private:
  void open();

  Define define_;
  std::string name_;
  std::span<const std::string_view> steps_;
  Settings settings_ = Settings::from({}, {});
  SigningKey key_{SigningKey::Seed{}};
  ScratchDatabase database_;
  std::optional<Service> service_;
  std::unique_ptr<Engine> engine_;
  Router router_;
};

/// A request with an id of its own; a body is declared as JSON.
Request request(std::string method, std::string path, std::string body = {}, Headers headers = {});
inline Call call(std::string method, std::string path, std::string body = {},
                 Headers headers = {}) {
  return {request(std::move(method), std::move(path), std::move(body), std::move(headers)), {}};
}

/// `event` as it arrives over the bus: at `offset` of its publisher's log.
template <Event E>
ReceivedEvent received(const E& event, std::int64_t offset,
                       const std::string& traceparent = "00-trace-parent-01") {
  Envelope envelope;
  envelope.log_id = std::string{E::kPublisher} + "-log";
  envelope.id = envelope.log_id + '-' + std::to_string(offset);
  envelope.source = "/ticketing/" + std::string{E::kPublisher};
  envelope.type = E::kSubject;
  envelope.aggregate_id = event.aggregate_id();
  envelope.version = event.aggregate_version();
  envelope.time = kStart;
  envelope.offset = offset;
  envelope.correlation_id = "buyer-1";
  envelope.traceparent = traceparent;
  envelope.data.text = to_json(event);
  return {offset, encode(envelope)};
}

/// Those events of the log `name`, with the cursor behind the last.
Batch batch_of(const std::string& name, std::vector<ReceivedEvent> events);

}  // namespace ticketing::test
