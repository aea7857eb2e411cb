// The part of Engine that serves requests.

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "runtime/idempotency.hpp"
#include "runtime/reason.hpp"
#include "ticketing/auth/digest.hpp"
#include "ticketing/auth/middleware.hpp"
#include "ticketing/runtime/engine.hpp"

namespace ticketing {

namespace {

constexpr std::size_t kSlowJobsMax = 1'024;
constexpr int kUnsupportedMediaType = 415;

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// `00-<trace id>-<parent id>-<flags>`; ids of zeros and version ff are invalid.
bool is_traceparent(std::string_view text) {
  if (text.size() != 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const std::string_view version = text.substr(0, 2);
  const std::string_view trace = text.substr(3, 32);
  const std::string_view parent = text.substr(36, 16);
  return is_hex(version) && version != "ff" && is_hex(trace) && is_hex(parent) &&
         is_hex(text.substr(53)) && trace.find_first_not_of('0') != std::string_view::npos &&
         parent.find_first_not_of('0') != std::string_view::npos;
}

/// The trace goes on under the caller's header; otherwise it starts here (W3C Trace Context).
std::optional<std::string> traceparent_of(const Request& request, Random& random) {
  if (const auto given = request.header("traceparent"); given && is_traceparent(*given)) {
    return std::string{*given};
  }
  return "00-" + random_hex(random, 16) + '-' + random_hex(random, 8) + "-01";
}

Causality causality_of(const Request& request, Random& random) {
  return {request.id, request.id, traceparent_of(request, random)};
}

Error not_authorized() { return {ErrorCode::unauthorized, "Not authorized"}; }

/// Refusals that are about the caller's command, not about this moment.
bool is_lasting(ErrorCode code) {
  return code != ErrorCode::unavailable && code != ErrorCode::exhausted &&
         code != ErrorCode::corrupt;
}

}  // namespace

/// One request on its way through a write.
struct Engine::Run {
  const Service::RouteEntry& route;
  const Request& request;
  Attempt attempt;
  std::optional<Identity> caller;
  Service::ParsedBody body;
  std::optional<runtime::IdempotentCall> call;
  Causality causality;
  Answer answer;
  bool repeated = false;
  std::optional<Response> response = std::nullopt;  ///< Empty: suspended.
  Effects effects = {};
};

/// A job that a request has given to other threads.
struct Engine::Slow {
  std::uint64_t number = 0;  ///< Counts up: the smallest is the oldest.
  std::mutex mutex;
  std::optional<std::string> result;
  std::exception_ptr failure;

  void run(const std::function<std::string()>& job) {
    std::string value;
    std::exception_ptr thrown;
    try {
      value = job();
    } catch (...) {  // Goes to the request, which runs again to fetch it.
      thrown = std::current_exception();
    }
    const std::lock_guard guard{mutex};
    failure = thrown;
    if (!failure) result = std::move(value);
  }
  std::optional<std::string> outcome() {
    const std::lock_guard guard{mutex};
    if (failure) std::rethrow_exception(failure);
    return result;
  }
};

void Engine::handle(std::size_t number, const Request& request, const Attempt& attempt,
                    Answer answer) {
  const Service::RouteEntry& route = service_.definition().routes[number];
  try {
    std::optional<Identity> caller = identify(request, world_.verifier, world_.clock.now());
    if (!caller && route.access == Access::require_user) throw not_authorized();
    if (route.method == "GET") {
      return handle_read(route, request, attempt, std::move(caller), answer);
    }
    Service::ParsedBody body = route.body.parse ? route.body.parse(request) : nullptr;
    auto call = runtime::idempotent_call(request, caller ? caller->user_id : "", world_.secret,
                                         route.repeat);
    handle_write(std::make_shared<Run>(
        Run{route, request, attempt, std::move(caller), std::move(body), std::move(call),
            causality_of(request, world_.random), std::move(answer)}));
  } catch (...) {
    answer({refusal_of(std::current_exception(), request)});
  }
}

void Engine::handle_read(const Service::RouteEntry& route, const Request& request,
                         const Attempt& attempt, std::optional<Identity> caller,
                         const Answer& answer) {
  HandlerResult result;
  try {
    database_.read([&](Transaction& tx) {
      Context context{{.tx = tx,
                       .clock = world_.clock,
                       .random = world_.random,
                       .logger = world_.logger,
                       .causality = causality_of(request, world_.random),
                       .request = &request,
                       .caller = std::move(caller),
                       .attempt = attempt,
                       .offload = nullptr}};
      result.response = route.run(nullptr, context);
      if (!context.staged_events().empty() || !context.staged_timers().empty()) {
        throw std::logic_error("GET " + route.pattern +
                               " published an event or set a timer, and a" +
                               " GET route only reads: make it a post, put or del");
      }
    });
  } catch (const Suspended&) {  // An empty result says so.
  }
  answer(std::move(result));
}

void Engine::handle_write(std::shared_ptr<Run> run) {
  try {
    database_.submit([this, run](Transaction& tx) { run_route(*run, tx); },
                     [this, run](std::exception_ptr failure) { settle_route(run, failure); });
  } catch (const Error&) {  // Too many writes wait.
    run->answer({refusal_of(std::current_exception(), run->request)});
  }
}

/// On the writer, inside the transaction.
void Engine::run_route(Run& run, Transaction& tx) {
  run.response.reset();
  run.effects = {};
  std::optional<Response> first;
  if (run.call) first = runtime::find_answer(tx, *run.call);
  if (first && run.route.repeat == Repeat::first_answer) {
    run.response = std::move(first);
    return;
  }
  run.repeated = first.has_value();
  Context context{
      {.tx = tx,
       .clock = world_.clock,
       .random = world_.random,
       .logger = world_.logger,
       .causality = run.causality,
       .request = &run.request,
       .caller = run.caller,
       .attempt = run.attempt,
       .offload =
           [&](std::function<std::string()> job) { return slow_result(run, std::move(job)); },
       .repeated = run.repeated,
       .service = service_.name()}};
  try {
    run.response = run.route.run(run.body.get(), context);
  } catch (const Suspended& suspended) {
    if (!suspended.commit) throw;
  }
  flush(tx, context, run.effects);
  if (!run.call || !run.response) return;
  if (first) {
    runtime::expect_same_answer(*first, *run.response);
    run.response->with("Idempotent-Replayed", "true");
  } else {
    runtime::store_answer(tx, *run.call, *run.response, world_.clock.now());
  }
}

/// After the sync, or after the failure.
void Engine::settle_route(const std::shared_ptr<Run>& run, std::exception_ptr failure) {
  if (!failure) {
    settle(std::move(run->effects));
    if (run->response) forget_slow(*run);
    return run->answer({std::move(run->response)});
  }
  try {
    std::rethrow_exception(failure);
  } catch (const Suspended&) {
    return run->answer({});
  } catch (const Error& error) {
    forget_slow(*run);
    // What runs again anyhow has nothing to be remembered.
    const bool kept = run->route.repeat == Repeat::first_answer && is_lasting(error.code());
    if (run->call && kept) {
      return remember_refusal(run, refusal_of(failure, run->request));
    }
  } catch (...) {  // refusal_of() knows what to say.
    forget_slow(*run);
  }
  run->answer({refusal_of(failure, run->request)});
}

/// The refusal of a named command is its first answer too. What the route wrote is gone by now, so
/// it takes a write of its own.
void Engine::remember_refusal(const std::shared_ptr<Run>& run, const Response& refusal) {
  try {
    database_.submit(
        [this, run, refusal](Transaction& tx) {
          runtime::store_answer(tx, *run->call, refusal, world_.clock.now());
        },
        [run, refusal](std::exception_ptr) { run->answer({refusal}); });
  } catch (const Error&) {
    run->answer({refusal});
  }
}

Response Engine::refusal_of(const std::exception_ptr& failure, const Request& request) const {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::corrupt) {
      if (error.word() == kNotJson) {
        return error_response(kUnsupportedMediaType, error.what(), kNotJson);
      }
      return error_response(error);
    }
  } catch (...) {  // Goes to the log below.
  }
  world_.logger.error("a request failed", {{"service", service_.name()},
                                           {kCorrelationField, request.id},
                                           {"reason", runtime::reason_of(failure)}});
  return error_response(500, "Something went wrong", "internal");
}

/// Clients may choose the id of a request; only requests that are the same in everything may share
/// the result of a slow job.
std::string Engine::name_of(const Run& run) const {
  const Request& request = run.request;
  std::string all = request.method + ' ' + request.path + '\n';
  for (const auto& [name, value] : request.query) all += name + '=' + value + '\n';
  for (const auto& [name, value] : request.headers) all += name + ": " + value + '\n';
  if (run.repeated) all += "again";  // Another job than that of the first call.
  return request.id + ' ' + keyed_digest(world_.secret, all + '\n' + request.body);
}

std::optional<std::string> Engine::slow_result(const Run& run, std::function<std::string()> job) {
  const std::string name = name_of(run);
  std::shared_ptr<Slow> slow;
  {
    const std::lock_guard guard{mutex_};
    auto& entry = slow_jobs_[name];
    if (entry) return entry->outcome();
    entry = slow = std::make_shared<Slow>();
    slow->number = ++slow_jobs_begun_;
    // Requests whose connection broke never ask again: the oldest go first.
    if (slow_jobs_.size() > kSlowJobsMax) {
      slow_jobs_.erase(std::min_element(
          slow_jobs_.begin(), slow_jobs_.end(),
          [](const auto& a, const auto& b) { return a.second->number < b.second->number; }));
    }
  }
  const bool taken = hooks.offload([this, slow, job = std::move(job)] {
    slow->run(job);
    hooks.applied();
  });
  if (!taken) {
    forget_slow(name);
    throw Error(ErrorCode::unavailable, "the service is overloaded", "overloaded");
  }
  return slow->outcome();  // There at once where the driver runs jobs in place.
}

void Engine::forget_slow(const Run& run) {
  {
    const std::lock_guard guard{mutex_};
    if (slow_jobs_.empty()) return;
  }
  forget_slow(name_of(run));
}

void Engine::forget_slow(const std::string& name) {
  const std::lock_guard guard{mutex_};
  slow_jobs_.erase(name);
}

}  // namespace ticketing
