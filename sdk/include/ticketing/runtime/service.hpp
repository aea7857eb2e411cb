#pragma once
// Service: what one service is: its tables, routes, event handlers, replicas and timers.
//
// A definition and the cores that carry it out, without a thread, socket or clock of its own: a
// Host (runtime/host.hpp) drives it in production, a simulator in tests. A service is defined by a
// function
//
//     void define(ticketing::Service& service) {
//       service.migrate(kTables);
//       service.post<NewTicket>("/api/tickets", Access::require_user, &list_ticket);
//       service.on<OrderCreated>(&reserve);
//     }
//
// Definition happens on one thread before anything runs. Handlers run inside the service's write
// transaction, one at a time; `get` routes run on read snapshots, many at once.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/auth/middleware.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/messaging/replica.hpp"
#include "ticketing/runtime/context.hpp"
#include "ticketing/runtime/settings.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing {

/// Machine word of the refusal of a body that is not JSON: status 415.
inline constexpr std::string_view kNotJson = "unsupported_media_type";

/// What a command is answered with that is repeated under its Idempotency-Key.
enum class Repeat {
  first_answer,  ///< What is stored: status and body, under a digest of the request's body.
  /// What the route says when it runs again, as Context::repeated() tells it: 400 unless that is
  /// the first answer. For what opens or ends a session: nothing of a password or cookie is stored.
  run_again,
};

class Service {
 public:
  using Route = std::function<Response(Context&)>;
  using EventHandler = std::function<void(const Envelope&, Context&)>;
  using TimerHandler = std::function<void(const std::string& id, Context&)>;
  /// What a task leaves behind: committed with the end of its timer.
  using TaskResult = std::function<void(Context&)>;
  using TaskHandler = std::function<TaskResult(const std::string& id)>;

  /// Borrows `settings`.
  Service(std::string name, const Settings& settings)
      : name_(std::move(name)), settings_(settings) {}
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  const std::string& name() const { return name_; }
  const Settings& settings() const { return settings_; }

  // ---- definition ----

  /// Adds this service's tables. `steps` must outlive the service. Only ever append steps.
  void migrate(std::span<const std::string_view> steps) { migrations_ = steps; }

  /// GET routes read on a snapshot and must not write.
  void get(std::string pattern, Access access, Route route) {
    add_route("GET", std::move(pattern), access, {}, without_body(std::move(route)));
  }
  void post(std::string pattern, Access access, Route route, Repeat repeat = Repeat::first_answer) {
    add_route("POST", std::move(pattern), access, {}, without_body(std::move(route)), repeat);
  }
  void del(std::string pattern, Access access, Route route) {
    add_route("DELETE", std::move(pattern), access, {}, without_body(std::move(route)));
  }
  /// Routes with a JSON body, which is read and validated before any transaction: 415 for another
  /// content type, 400 with one error per bad field. `route` is called with (const Body&,
  /// Context&).
  template <Record Body, class F>
  void post(std::string pattern, Access access, F route, Repeat repeat = Repeat::first_answer) {
    add_route("POST", std::move(pattern), access, body_of<Body>(), on_body<Body>(std::move(route)),
              repeat);
  }
  template <Record Body, class F>
  void put(std::string pattern, Access access, F route) {
    add_route("PUT", std::move(pattern), access, body_of<Body>(), on_body<Body>(std::move(route)));
  }

  /// Calls `handler` once for every event of type E, in its log's order. It ends in one of four
  /// ways; in all but the first, nothing of what it did is left:
  ///   returns                                        done: its effects commit with the cursor
  ///   throws unavailable, conflict, exhausted, or    failed: again later with growing pauses, six
  ///     what is no Error                             times in all; then it is a dead letter
  ///   Context::again_after(pause)                    not finished: again after that pause, however
  ///                                                  often
  ///   throws invalid, refused, not_found,            given up: a dead letter at once, with the
  ///     unauthorized                                 error's message as the reason
  template <Event E, class F>
  void on(F handler) {
    on_event(E::kPublisher, E::kSubject,
             [handler = std::move(handler)](const Envelope& envelope, Context& ctx) {
               handler(data_of<E>(envelope), ctx);
             });
  }
  /// The same where the type is not known: any event of that subject, after the handlers so far.
  void on_event(std::string_view publisher, std::string_view subject, EventHandler handler);
  /// Keeps `replica` from all the events in `Es`, which must be all that carry its versions.
  /// It is brought up to date before the handlers of the same event run.
  template <Event... Es, class Fact>
  void replicate(const Replica<Fact>& replica) {
    (replicate_event(Es::kPublisher, Es::kSubject, replica.store()), ...);
  }
  /// Runs in a transaction when the timer `kind` is due; the timer's end commits with it.
  void on_timer(std::string kind, TimerHandler handler) {
    definition_.timers.emplace(std::move(kind), std::move(handler));
  }
  /// For timers whose work leaves the process (charging a card): runs outside any transaction, on
  /// a thread that may block; what it returns commits with the timer's end. When it throws, or the
  /// process dies, it runs again later: it must be idempotent. While the work moves from one
  /// instance to another it may run at both, side by side.
  void on_task(std::string kind, TaskHandler handler) {
    definition_.tasks.emplace(std::move(kind), std::move(handler));
  }
  /// Anything that must live as long as the service (stores, providers).
  template <class T>
  T& keep(std::unique_ptr<T> object) {
    T& reference = *object;
    kept_.push_back(std::shared_ptr<void>(std::move(object)));
    return reference;
  }
  /// Reads from this service's database, on a snapshot, from a task. Any thread, once running.
  void read(const Database::Read& read) const;

  /// For the service that signs tokens: the JWK Set that verifies them, for all services in this
  /// process.
  void provide_jwks(std::string jwks) { jwks_ = std::move(jwks); }

  // ---- used by the runtime ----

  using ParsedBody = std::shared_ptr<const void>;
  using ParseBody = ParsedBody (*)(const Request&);
  using RouteOnBody = std::function<Response(const void* body, Context&)>;
  struct BodyEntry {
    ParseBody parse = nullptr;  ///< nullptr: takes no body.
    RecordInfo info = {};
  };
  struct RouteEntry {
    std::string method;
    std::string pattern;
    Access access;
    BodyEntry body;
    RouteOnBody run;
    Repeat repeat;
  };
  /// What is done with the events of one subject.
  struct EventEntry {
    std::string_view publisher;
    std::vector<ReplicaStore> replicas;
    std::vector<EventHandler> handlers;
  };
  struct Definition {
    std::vector<RouteEntry> routes;
    std::map<std::string, EventEntry, std::less<>> events;  ///< By subject.
    std::map<std::string, TimerHandler, std::less<>> timers;
    std::map<std::string, TaskHandler, std::less<>> tasks;
  };
  const Definition& definition() const { return definition_; }
  std::span<const std::string_view> migrations() const { return migrations_; }
  const std::string& jwks() const { return jwks_; }
  void attach(const Database& database) { database_ = &database; }

 private:
  static RouteOnBody without_body(Route route) {
    return [route = std::move(route)](const void*, Context& ctx) { return route(ctx); };
  }
  template <Record T, class F>
  static RouteOnBody on_body(F route) {
    return [route = std::move(route)](const void* body, Context& ctx) {
      return route(*static_cast<const T*>(body), ctx);
    };
  }
  template <Record T>
  static BodyEntry body_of() {
    return {&parse_body<T>, record_of<T>()};
  }
  template <Record T>
  static ParsedBody parse_body(const Request& request) {
    auto body = std::make_shared<T>();
    read_request_body(record_of<T>(), body.get(), request);
    return body;
  }
  static void read_request_body(RecordInfo info, void* body, const Request& request);
  void add_route(std::string method, std::string pattern, Access access, BodyEntry body,
                 RouteOnBody run, Repeat repeat = Repeat::first_answer);
  void replicate_event(std::string_view publisher, std::string_view subject,
                       const ReplicaStore& store);

  std::string name_;
  const Settings& settings_;
  std::span<const std::string_view> migrations_;
  std::vector<std::shared_ptr<void>> kept_;  // Before the definition, whose handlers refer to it.
  Definition definition_;
  std::string jwks_;
  const Database* database_ = nullptr;
};

}  // namespace ticketing
