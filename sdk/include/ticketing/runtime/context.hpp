#pragma once
// Context: what a route, an event handler or a timer works with, valid during that one call.
//
// Everything written through tx(), published or scheduled commits together or not at all, and a
// request is answered only after that commit is synced. Belongs to the calling thread.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/auth/tokens.hpp"
#include "ticketing/core/log.hpp"
#include "ticketing/core/random.hpp"
#include "ticketing/events/envelope.hpp"
#include "ticketing/events/events.hpp"
#include "ticketing/http/message.hpp"
#include "ticketing/http/server.hpp"
#include "ticketing/messaging/event_log.hpp"
#include "ticketing/storage/transaction.hpp"

namespace ticketing {

/// A timer that was set in a transaction.
struct StagedTimer {
  std::string kind;
  std::string id;
  Timestamp due;
};

/// Thrown by Context::wait_or and offload: the call is undone and made again later. Thrown by
/// commit_and_wait: what the call did is committed first. Not an Error: nothing has failed.
struct Suspended {
  bool commit = false;
};

class Context {
 public:
  /// What a call is made with; borrowed, but for the values. Made by the runtime.
  struct Call {
    Transaction& tx;
    const Clock& clock;
    Random& random;
    Logger& logger;
    Causality causality;
    const Request* request = nullptr;
    std::optional<Identity> caller;
    Attempt attempt;
    /// Runs a job elsewhere; yields its result once it is there. See offload().
    std::function<std::optional<std::string>(std::function<std::string()>)> offload;
    bool repeated = false;
    std::string_view service = {};  ///< Whose log takes what is published; empty: nobody asks.
  };
  explicit Context(Call call);

  Transaction& tx() { return call_.tx; }
  Timestamp now() const { return call_.clock.now(); }
  std::string new_id() { return ticketing::new_id(now(), call_.random); }
  /// Its lines carry the correlation id, so that they are found with those of other services.
  Logger& logger();
  const Causality& causality() const { return call_.causality; }

  /// Stages `event`: it is in the log exactly if this call's transaction commits. Throws
  /// std::logic_error when another service's log is the place for it.
  template <Event E>
  void publish(const E& event) {
    check_publisher(E::kSubject, E::kPublisher);
    staged_.push_back({E::kSubject, std::string{event.aggregate_id()}, event.aggregate_version(),
                       to_json(event)});
  }
  /// Sets the durable timer `kind`/`id` for `due`, replacing one of that name. It goes off once
  /// at or after `due`, also when the process was down at that time. See Service::on_timer.
  void schedule(std::string kind, std::string id, Timestamp due) {
    timers_.push_back({std::move(kind), std::move(id), due});
  }

  /// Only in routes.
  const Request& request() const;
  /// A path parameter, as in `param("id")`.
  const std::string& param(std::string_view name) const;
  /// The caller, if any.
  const std::optional<Identity>& caller() const { return call_.caller; }
  /// The caller; throws Error(unauthorized) when there is none, which happens only in routes with
  /// Access::open.
  const Identity& user() const;
  /// Only in routes with Repeat::run_again: the command has been answered before, under the same
  /// Idempotency-Key.
  bool repeated() const { return call_.repeated; }

  /// Only in routes: what the request needs may be on its way as an event. Undoes this call and
  /// makes it again when events have been applied, for up to `patience` in all; then throws
  /// `otherwise`. When there is no room to wait in, throws Error(unavailable) at once.
  [[noreturn]] void wait_or(const Error& otherwise,
                            std::chrono::milliseconds patience = std::chrono::seconds{2}) const;
  /// As wait_or, but what this call wrote, published and scheduled commits before it is made again:
  /// for work that is started here and ends elsewhere. The call recognises itself by request().id.
  [[noreturn]] void commit_and_wait(const Error& otherwise,
                                    std::chrono::milliseconds patience) const;
  /// Only in handlers of events: this event cannot be finished yet. Undoes this call and makes it
  /// again after `pause`, of at most ten seconds, however often: that is no failed attempt, and
  /// never a dead letter. Later events of its aggregate wait meanwhile.
  [[noreturn]] void again_after(std::chrono::milliseconds pause,
                                std::string reason = "still working") const;
  /// Only in routes: the result of slow `job`, run off the threads that serve and write. The first
  /// call undoes this call and makes it again when the result is there. At most one per route.
  std::string offload(std::function<std::string()> job) const;

  std::vector<StagedEvent>& staged_events() { return staged_; }
  std::vector<StagedTimer>& staged_timers() { return timers_; }

 private:
  void check_publisher(std::string_view subject, std::string_view publisher) const;
  [[noreturn]] void suspend(const Error& otherwise, std::chrono::milliseconds patience,
                            bool commit) const;

  Call call_;
  std::optional<FieldLogger> logger_;  ///< Made when it is asked for.
  std::vector<StagedEvent> staged_;
  std::vector<StagedTimer> timers_;
};

}  // namespace ticketing
