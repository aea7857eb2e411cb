#include "ticketing/runtime/engine.hpp"

#include <iterator>

#include "runtime/idempotency.hpp"
#include "runtime/leases.hpp"
#include "runtime/reason.hpp"

namespace ticketing {

namespace {

constexpr std::chrono::hours kAnswersKept{24};
constexpr std::int64_t kForgottenAtOnce = 1'000;

}  // namespace

Engine::Engine(Service& service, Database& database, EngineWorld world)
    : service_(service),
      database_(database),
      world_(std::move(world)),
      inbox_([this](Transaction& tx, const Envelope& envelope, Effects& effects,
                    Inbox::Scope scope) { dispatch(tx, envelope, effects, scope); },
             RetryPolicy{}, world_.clock, world_.random) {
  service_.attach(database_);
  database_.write_and_step([this](Transaction& tx) {
    log_.emplace(service_.name(), tx, world_.random, world_.clock.now());
    revocation_ = -1;
    load_revocations(tx);
  });
}

void Engine::load_revocations(Transaction& tx) {
  std::int64_t known = 0;
  {
    const std::lock_guard guard{mutex_};
    known = revocation_;
  }
  tx.for_each<std::string, Timestamp, std::int64_t>(
      "SELECT user_id, valid_from, number FROM ticketing_revocations WHERE number > :known"
      " ORDER BY number",
      [&](const std::string& user, Timestamp from, std::int64_t number) {
        world_.verifier.revoke_before(user, from);
        known = number;
      },
      std::int64_t{known});
  const std::lock_guard guard{mutex_};
  revocation_ = std::max(revocation_, known);
}

void Engine::refresh() {
  database_.read([this](Transaction& tx) { load_revocations(tx); });
}

std::vector<FollowedLog> Engine::followed_logs() const {
  std::map<std::string, FollowedLog> logs;
  for (const auto& [subject, entry] : service_.definition().events) {
    logs[std::string{entry.publisher}].subjects.push_back(subject);
  }
  // Sign-outs and password changes reach every service.
  if (service_.name() != UserUpdated::kPublisher) {
    auto& subjects = logs[std::string{UserUpdated::kPublisher}].subjects;
    if (!service_.definition().events.contains(UserUpdated::kSubject)) {
      subjects.emplace_back(UserUpdated::kSubject);
    }
  }
  std::vector<FollowedLog> followed;
  for (auto& [name, log] : logs) followed.push_back({name, std::move(log.subjects)});
  return followed;
}

std::optional<Cursor> Engine::cursor(const std::string& log) const {
  std::optional<Cursor> cursor;
  database_.read([&](Transaction& tx) { cursor = Inbox::cursor(tx, log); });
  return cursor;
}

std::vector<Gap> Engine::missing() const {
  std::vector<Gap> all;
  std::set<std::string> looked_at;
  database_.read([&](Transaction& tx) {
    for (const auto& [subject, entry] : service_.definition().events) {
      for (const ReplicaStore& replica : entry.replicas) {
        if (!looked_at.insert(replica.kind()).second) continue;
        for (Gap& gap : replica.gaps(tx)) {
          gap.log = entry.publisher;
          all.push_back(std::move(gap));
        }
      }
    }
  });
  return all;
}

void Engine::apply(std::shared_ptr<const Batch> batch, std::function<void(bool)> done) {
  auto effects = std::make_shared<Effects>();
  try {
    database_.submit(
        [this, batch, effects](Transaction& tx) {
          if (world_.leases) world_.leases->require(tx, runtime::lease_of(batch->log));
          *effects = inbox_.apply(tx, *batch);
          if (batch->replay) heal(tx, *batch);
        },
        [this, batch, effects, done](std::exception_ptr failure) {
          if (!failure) {
            settle(std::move(*effects));
            hooks.applied();
            return done(true);
          }
          if (has_word(failure, runtime::kLeaseLost)) return done(false);
          world_.logger.error("could not apply events", {{"service", service_.name()},
                                                         {"log", batch->log},
                                                         {"reason", runtime::reason_of(failure)}});
          if (runtime::says_stop(failure)) stop_process(runtime::reason_of(failure));
          done(false);
        });
  } catch (const Error&) {  // Too many writes wait: the batch is delivered again.
    done(false);
  }
}

/// What replicas parked because of versions that are gone from the log's snapshot takes effect.
void Engine::heal(Transaction& tx, const Batch& batch) const {
  if (batch.horizon == 0) return;
  for (const auto& [subject, entry] : service_.definition().events) {
    if (entry.publisher != batch.log) continue;
    for (const ReplicaStore& replica : entry.replicas) replica.heal(tx, batch.horizon);
  }
}

/// Everything one event leads to: replicas first, then handlers, then what these have published.
void Engine::dispatch(Transaction& tx, const Envelope& envelope, Effects& effects,
                      Inbox::Scope scope) {
  if (envelope.type == UserUpdated::kSubject) {
    const UserFact user = from_json<UserFact>(envelope.data.text);
    store_revocation(tx, user);
    revoke(user);  // Too early, should this transaction fail, but the event comes again.
  }
  const auto entry = service_.definition().events.find(envelope.type);
  if (entry == service_.definition().events.end()) return;
  for (const ReplicaStore& replica : entry->second.replicas) {
    const ReplicaResult result = replica.apply(tx, envelope);
    if (result.gap) effects.gaps.push_back(*result.gap);
  }
  if (scope == Inbox::Scope::replicas_only || entry->second.handlers.empty()) return;
  Context context = make_context(tx, {envelope.correlation_id, envelope.id, envelope.traceparent});
  for (const auto& handler : entry->second.handlers) handler(envelope, context);
  flush(tx, context, effects);
}

Context Engine::make_context(Transaction& tx, Causality causality) {
  return Context{{.tx = tx,
                  .clock = world_.clock,
                  .random = world_.random,
                  .logger = world_.logger,
                  .causality = std::move(causality),
                  .request = nullptr,
                  .caller = std::nullopt,
                  .attempt = {},
                  .offload = nullptr,
                  .service = service_.name()}};
}

/// Moves what a call has staged into the log and the timers.
void Engine::flush(Transaction& tx, Context& context, Effects& effects) {
  for (const StagedTimer& timer : context.staged_timers()) {
    timers::set(tx, timer.kind, timer.id, timer.due, context.causality());
    effects.timers_changed = true;
  }
  for (const StagedEvent& event : context.staged_events()) {
    if (event.subject == UserUpdated::kSubject) {
      store_revocation(tx, from_json<UserFact>(event.data));
    }
  }
  auto entries = log_->append(tx, context.staged_events(), context.causality(), world_.clock.now());
  effects.published.insert(effects.published.end(), std::make_move_iterator(entries.begin()),
                           std::make_move_iterator(entries.end()));
}

void Engine::store_revocation(Transaction& tx, const UserFact& user) {
  if (!user.tokens_valid_from) return;
  tx.execute(
      "INSERT INTO ticketing_revocations (user_id, valid_from, number)"
      " SELECT :user, :valid_from, coalesce(max(number), 0) + 1 FROM ticketing_revocations WHERE "
      "true"
      " ON CONFLICT (user_id) DO UPDATE"
      " SET valid_from = excluded.valid_from, number = excluded.number"
      " WHERE excluded.valid_from > ticketing_revocations.valid_from",
      user.id, *user.tokens_valid_from);
}

/// Tokens from before a sign-out or password change are refused here from now on.
void Engine::revoke(const UserFact& user) {
  if (user.tokens_valid_from) world_.verifier.revoke_before(user.id, *user.tokens_valid_from);
}

/// Passes on what has become durable.
void Engine::settle(Effects effects) {
  // Not before: a sign-out that failed is asked for again with the token that it would have ended.
  for (const LogEntry& entry : effects.published) {
    if (entry.subject != UserUpdated::kSubject) continue;
    revoke(from_json<UserFact>(decode_envelope(entry.envelope).data.text));
  }
  if (!effects.published.empty()) hooks.committed(std::move(effects.published));
  for (const Gap& gap : effects.gaps) hooks.missing(gap.log, gap);
  if (effects.timers_changed || effects.retries_changed) hooks.timers_changed();
}

void Engine::prune(std::function<void(bool)> done) {
  const auto count = std::make_shared<std::int64_t>(0);
  try {
    database_.submit(
        [this, count, cutoff = world_.clock.now() - kAnswersKept](Transaction& tx) {
          if (world_.leases) world_.leases->require(tx, runtime::kUpkeepLease);
          *count = runtime::forget_answers(tx, cutoff, kForgottenAtOnce);
        },
        [count, done = std::move(done)](std::exception_ptr failure) {
          done(failure || *count < kForgottenAtOnce);
        });
  } catch (const Error&) {  // Too many writes wait: it is tried again with the next turn.
  }
}

void Engine::probe(std::function<void(bool)> done) {
  try {
    database_.submit(
        [now = world_.clock.now()](Transaction& tx) {
          tx.execute(
              "INSERT INTO ticketing_meta (name, value) VALUES ('probe', :now)"
              " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
              to_text(now));
        },
        [done](std::exception_ptr failure) { done(failure == nullptr); });
  } catch (const Error&) {
    done(false);
  }
}

}  // namespace ticketing
