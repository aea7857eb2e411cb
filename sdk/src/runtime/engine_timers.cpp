// The part of Engine that runs timers, retries and tasks.

#include "runtime/leases.hpp"
#include "runtime/reason.hpp"
#include "ticketing/runtime/engine.hpp"

namespace ticketing {

namespace {

constexpr std::size_t kTimersPerTurn = 200;

std::pair<std::string, std::string> key_of(const Timer& timer) { return {timer.kind, timer.id}; }

}  // namespace

std::optional<Timestamp> Engine::next_due() const {
  const auto running = running_tasks();
  std::optional<Timestamp> next;
  database_.read([&](Transaction& tx) {
    next = inbox_.next_retry(tx);
    // A task under way keeps its row until it has ended, and must not count as due meanwhile.
    for (const Timer& timer : timers::due(tx, Timestamp::max(), running.size() + 1)) {
      if (running.contains(key_of(timer))) continue;
      if (!next || timer.due < *next) next = timer.due;
      break;
    }
  });
  return next;
}

void Engine::run_due(std::function<bool(std::function<void()> task)> start,
                     std::function<void(bool)> done) {
  struct Turn {
    Effects effects;
    std::vector<Timer> tasks;
  };
  auto turn = std::make_shared<Turn>();
  const std::size_t count_max = kTimersPerTurn + running_tasks().size();
  auto work = [this, turn, count_max](Transaction& tx) {
    *turn = {};
    if (world_.leases) world_.leases->require(tx, runtime::kUpkeepLease);
    turn->effects = inbox_.retry_due(tx);
    for (Timer& timer : timers::due(tx, world_.clock.now(), count_max)) {
      if (service_.definition().tasks.contains(timer.kind)) {
        turn->tasks.push_back(std::move(timer));
      } else {
        run_timer(tx, timer, turn->effects);
      }
    }
  };
  auto settled = [this, turn, start = std::move(start), done](std::exception_ptr failure) {
    if (failure) {
      turn_failed(failure);
      return done(false);
    }
    settle(std::move(turn->effects));
    bool all_started = true;
    for (const Timer& timer : turn->tasks) {
      {
        const std::lock_guard guard{mutex_};
        if (!running_tasks_.insert(key_of(timer)).second) continue;
      }
      const auto& handler = service_.definition().tasks.find(timer.kind)->second;
      if (start([this, timer, &handler] { run_task(timer, handler); })) continue;
      release_task(timer);
      all_started = false;
    }
    done(all_started);
  };
  try {
    database_.submit(std::move(work), std::move(settled));
  } catch (const Error&) {  // Too many writes wait.
    done(false);
  }
}

/// A full disk, or a handler that says that going on would make it worse.
void Engine::turn_failed(const std::exception_ptr& failure) {
  if (has_word(failure, runtime::kLeaseLost)) return;
  const std::string reason = runtime::reason_of(failure);
  world_.logger.error("could not run what is due",
                      {{"service", service_.name()}, {"reason", reason}});
  if (runtime::says_stop(failure)) stop_process(reason);
}

void Engine::redrive(std::string log, std::int64_t offset, LetterDone done) {
  change_letter([this, log = std::move(log),
                 offset](Transaction& tx) { return inbox_.redrive(tx, log, offset); },
                std::move(done));
}

void Engine::skip(std::string log, std::int64_t offset, LetterDone done) {
  change_letter([this, log = std::move(log),
                 offset](Transaction& tx) { return inbox_.skip(tx, log, offset); },
                std::move(done));
}

void Engine::change_letter(std::function<bool(Transaction&)> change, LetterDone done) {
  const auto found = std::make_shared<bool>(false);
  try {
    database_.submit([found, change = std::move(change)](Transaction& tx) { *found = change(tx); },
                     [this, found, done](std::exception_ptr failure) {
                       if (!failure && *found) hooks.timers_changed();
                       done(failure, *found);
                     });
  } catch (const Error&) {  // Too many writes wait.
    done(std::current_exception(), false);
  }
}

/// A timer that fails is put off, not lost; what it had written is undone.
void Engine::run_timer(Transaction& tx, const Timer& timer, Effects& effects) {
  const auto handler = service_.definition().timers.find(timer.kind);
  Effects own;
  tx.execute("SAVEPOINT timer");
  try {
    if (handler == service_.definition().timers.end()) {
      throw Error(ErrorCode::not_found, "no handler for timers of kind " + timer.kind);
    }
    timers::remove(tx, timer.kind, timer.id);  // First: the handler may set it anew.
    Context context = make_context(tx, timer.causality);
    handler->second(timer.id, context);
    flush(tx, context, own);
  } catch (...) {
    if (is_about_the_database(std::current_exception())) throw;
    tx.execute("ROLLBACK TO timer");
    own = {};
    world_.logger.error("a timer failed",
                        {{"service", service_.name()},
                         {"kind", timer.kind},
                         {"id", timer.id},
                         {kCorrelationField, timer.causality.correlation_id},
                         {"reason", runtime::reason_of(std::current_exception())}});
    const auto pause = task_retry_.pause_after(timer.attempts + 1, world_.random.next_u64());
    timers::postpone(tx, timer, world_.clock.now() + pause);
  }
  tx.execute("RELEASE timer");
  effects.published.insert(effects.published.end(), std::make_move_iterator(own.published.begin()),
                           std::make_move_iterator(own.published.end()));
  effects.timers_changed = true;
}

/// On a thread that may block.
void Engine::run_task(const Timer& timer, const Service::TaskHandler& handler) {
  try {
    end_task(timer, handler(timer.id));
  } catch (...) {
    postpone(timer, runtime::reason_of(std::current_exception()));
  }
}

void Engine::end_task(const Timer& timer, const Service::TaskResult& result) {
  auto effects = std::make_shared<Effects>();
  database_.submit(
      [this, timer, result, effects](Transaction& tx) {
        *effects = {};
        if (!timers::remove(tx, timer)) return;
        Context context = make_context(tx, timer.causality);
        result(context);
        flush(tx, context, *effects);
      },
      [this, timer, effects](std::exception_ptr failure) {
        if (failure) return postpone(timer, runtime::reason_of(failure));
        release_task(timer);
        settle(std::move(*effects));
        hooks.timers_changed();
        hooks.applied();
      });
}

void Engine::postpone(const Timer& timer, std::string_view reason) {
  world_.logger.warning("a task failed and will be tried again",
                        {{"service", service_.name()},
                         {"kind", timer.kind},
                         {"id", timer.id},
                         {kCorrelationField, timer.causality.correlation_id},
                         {"reason", std::string{reason}}});
  const auto pause = task_retry_.pause_after(timer.attempts + 1, world_.random.next_u64());
  try {
    database_.submit([timer, due = world_.clock.now() +
                                   pause](Transaction& tx) { timers::postpone(tx, timer, due); },
                     [this, timer](std::exception_ptr failure) {
                       release_task(timer);
                       // Could not be put off: it is still due, and found so when the driver looks
                       // again. To say so at once would run it over and over for as long as the
                       // disk is full.
                       if (!failure) hooks.timers_changed();
                     });
  } catch (const Error&) {  // Too many writes wait: as above.
    release_task(timer);
  }
}

std::set<std::pair<std::string, std::string>> Engine::running_tasks() const {
  const std::lock_guard guard{mutex_};
  return running_tasks_;
}

void Engine::release_task(const Timer& timer) {
  const std::lock_guard guard{mutex_};
  running_tasks_.erase(key_of(timer));
}

}  // namespace ticketing
