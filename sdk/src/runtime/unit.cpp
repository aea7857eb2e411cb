#include "runtime/unit.hpp"

#include <algorithm>

#include "ticketing/auth/digest.hpp"

namespace ticketing::runtime {

namespace {

constexpr std::chrono::milliseconds kTickMax{1'000};
constexpr std::chrono::milliseconds kBatchPace{1};
constexpr std::chrono::milliseconds kAfterFailure{200};
constexpr std::chrono::milliseconds kLookAtOthersEvery{500};
constexpr std::chrono::minutes kPruneEvery{10};
constexpr std::chrono::milliseconds kPruneAgain{50};

std::unique_ptr<Database> open_database(const Service& service, const DatabaseOptions& options) {
  const std::array<Migrations, 2> migrations{sdk_migrations(),
                                             Migrations{service.name(), service.migrations()}};
  return Database::open(options, migrations);
}

}  // namespace

Unit::Unit(const ServiceDefinition& definition, const Settings& settings,
           const DatabaseOptions& database, EngineWorld world)
    : service_(definition.name, settings), clock_(world.clock) {
  definition.define(service_);
  database_ = open_database(service_, database);
  share_ = std::make_unique<Share>(definition.name, *database_,
                                   ShareWorld{world.clock, world.random, world.logger},
                                   keyed_digest(world.secret, service_.jwks()));
  world.leases = share_->leases();
  const KeeperWorld keeper{world.clock, world.random, world.logger, world.leases};
  engine_ = std::make_unique<Engine>(service_, *database_, std::move(world));
  keeper_ = std::make_unique<LogKeeper>(
      definition.name, *database_, keeper,
      KeepPolicy{settings.duration("log-retention"), settings.duration("consumer-retention")});
}

void Unit::connect(Bus& bus, UnitHooks hooks) {
  hooks_ = std::move(hooks);
  bus_ = &bus;
  std::int64_t head = 0;
  database_->read([&](Transaction& tx) { head = EventLog::head(tx); });
  handed_over_ = head;
  keeper_->wake = share_->wake = hooks_.wants_tick;
  const std::string name = service_.name();
  bus.host({.name = name,
            .id = engine_->log().id(),
            .head = head,
            .read =
                [this](const LogQuery& query) {
                  LogPage page;
                  database_->read([&](Transaction& tx) { page = EventLog::read(tx, query); });
                  return page;
                },
            .on_reader = [this](const wire::Reader& reader) { keeper_->heard(reader); }});
  if (database_->is_shared()) {
    bus.lead(name, false);
    keeper_->set_shortens(false);
  }
  share_->has_caught_up = [this] { return has_caught_up(); };
  share_->add(kRelayLease, [&bus, name](bool begins) { bus.lead(name, begins); });
  share_->add(kUpkeepLease, [this](bool begins) {
    keeper_->set_shortens(begins);
    runs_timers_ = begins;
    wants_tick_ = true;
  });
  engine_->hooks = {
      .committed = [this](std::vector<LogEntry> entries) { hand_over(std::move(entries)); },
      .missing = [&bus, name](const std::string& log,
                              Gap gap) { bus.request_replay(name, log, gap); },
      .applied = hooks_.applied,
      .timers_changed =
          [this] {
            wants_tick_ = true;
            hooks_.wants_tick();
          },
      .offload = hooks_.run_slow};
}

void Unit::start() {
  if (database_->is_shared()) database_->watch([this] { on_foreign_commit(); });
  share_->tick();
}

void Unit::follow(FollowedLog log, const std::string& endpoint) {
  const std::string lease = lease_of(log.log);
  share_->add(lease, [this, log = std::move(log), endpoint](bool begins) {
    begins ? follow_now(log, endpoint) : bus_->unfollow(service_.name(), log.log);
  });
}

void Unit::follow_now(const FollowedLog& log, const std::string& endpoint) {
  Consumer consumer;
  consumer.name = service_.name();
  consumer.endpoint = endpoint;
  consumer.options.log = log.log;
  consumer.options.consumer = service_.name();
  consumer.options.subjects = log.subjects;
  consumer.options.pace = kBatchPace;
  consumer.cursor = engine_->cursor(log.log);
  consumer.apply = [this](std::shared_ptr<const Batch> batch, std::function<void(bool)> done) {
    engine_->apply(std::move(batch), std::move(done));
  };
  const std::vector<Gap> gaps = engine_->missing();
  bus_->follow(std::move(consumer));
  // Requests for a replay are not stored: whoever had asked may have died.
  for (const Gap& gap : gaps) {
    if (gap.log == log.log) bus_->request_replay(service_.name(), gap.log, gap);
  }
}

/// A retry of one instance may open a gap in a log that another one follows: what is new since the
/// last look is asked for. Of logs that are not followed here the bus takes no requests.
void Unit::request_missing() {
  std::set<std::pair<std::string, std::int64_t>> open;
  for (const Gap& gap : engine_->missing()) {
    open.emplace(gap.log, gap.after);
    if (requested_.contains({gap.log, gap.after})) continue;
    bus_->request_replay(service_.name(), gap.log, gap);
  }
  requested_ = std::move(open);
}

bool Unit::has_caught_up() const {
  const auto statuses = bus_->statuses();
  return std::all_of(statuses.begin(), statuses.end(), [this](const SubscriptionStatus& one) {
    return one.consumer != service_.name() || one.caught_up;
  });
}

void Unit::leave() {
  if (bus_ == nullptr) return;
  database_->watch(nullptr);
  share_->leave();
}

/// On the writer's thread. What other instances have committed in between goes first.
void Unit::hand_over(std::vector<LogEntry> entries) {
  const std::lock_guard guard{hand_over_mutex_};
  const std::int64_t last = entries.back().offset;
  if (last <= handed_over_) return;
  if (entries.front().offset != handed_over_ + 1) return hand_over_rest();
  handed_over_ = last;
  bus_->committed(service_.name(), std::move(entries));
}

/// What the log holds beyond what the bus has been given. Should the database be away, the next
/// news of another's commit, or the next commit here, leads here again.
void Unit::hand_over_rest() {
  try {
    for (bool more = true; more;) {
      LogPage page;
      database_->read([&](Transaction& tx) { page = EventLog::read(tx, {.after = handed_over_}); });
      if (page.entries.empty()) return;
      const auto count = static_cast<std::int64_t>(page.entries.size());
      const bool is_whole = page.entries.front().offset == handed_over_ + 1 &&
                            page.entries.back().offset == handed_over_ + count;
      if (!is_whole) {
        return stop_process(
            "the log of \"" + service_.name() +
            "\" was shortened past what this process has heard of; it was cut off for "
            "longer than --log-retention, and has to start again");
      }
      handed_over_ = page.covered_to;
      more = page.covered_to < page.head;
      bus_->committed(service_.name(), std::move(page.entries));
    }
  } catch (const Error& error) {
    if (!is_about_the_database(error)) stop_process(error.what());
  }
}

/// Mostly on the database's own thread.
void Unit::on_foreign_commit() {
  {
    const std::lock_guard guard{hand_over_mutex_};
    hand_over_rest();
  }
  try {
    engine_->refresh();
  } catch (const Error& error) {
    // It comes back, and we here again.
    if (!is_about_the_database(error)) stop_process(error.what());
  }
  hooks_.applied();
  wants_tick_ = true;
  hooks_.wants_tick();
}

milliseconds Unit::tick() {
  probe_if_unhealthy();
  look_at_others();
  const milliseconds pause = std::min(share_->tick(), keeper_->tick(handed_over_));
  if (!runs_timers_) return pause;
  prune_now_and_then();
  return std::min(pause, tick_timers());
}

milliseconds Unit::tick_timers() {
  if (turn_under_way_) return kTickMax;  // Its end asks for the next tick.
  const auto now = clock_.monotonic();
  if (now < not_before_.load()) {
    wants_tick_ = false;
    look_again_ = not_before_.load();
    return kAfterFailure;
  }
  if (wants_tick_.exchange(false) || now >= look_again_) {
    look_again_ = now + kTickMax;
    next_due_ = engine_->next_due();
  }
  if (!next_due_) return kTickMax;
  const auto left = *next_due_ - clock_.now();
  if (left > milliseconds{0}) return std::min<milliseconds>(left, kTickMax);
  turn_under_way_ = true;
  engine_->run_due(hooks_.run_task, [this](bool all_done) {
    // Again after the pause, and not at once: the disk may be full.
    if (!all_done) not_before_ = clock_.monotonic() + kAfterFailure;
    turn_under_way_ = false;
    if (!all_done) return;
    wants_tick_ = true;
    hooks_.wants_tick();
  });
  return kAfterFailure;
}

void Unit::probe_if_unhealthy() {
  if (database_->healthy() || probing_.exchange(true)) return;
  engine_->probe([this](bool) { probing_ = false; });
}

/// One that has died between a commit and the news of it has told nobody.
void Unit::look_at_others() {
  const auto now = clock_.monotonic();
  if (!database_->is_shared() || now < next_look_at_others_) return;
  next_look_at_others_ = now + kLookAtOthersEvery;
  on_foreign_commit();
  request_missing();
}

void Unit::prune_now_and_then() {
  const auto now = clock_.monotonic();
  if (now < next_prune_.load()) return;
  next_prune_ = now + kPruneEvery;
  engine_->prune([this, now](bool is_done) {
    if (!is_done) next_prune_ = now + kPruneAgain;
  });
}

ServiceGauges Unit::gauges() const {
  ServiceGauges gauges;
  gauges.service = service_.name();
  gauges.commits = database_->commits();
  gauges.healthy = database_->healthy();
  try {
    add_stored(gauges);
  } catch (const Error& error) {
    if (!is_about_the_database(error)) throw;
    gauges.healthy = false;  // The rest of the page is not to be missed for it.
  }
  return gauges;
}

void Unit::add_stored(ServiceGauges& gauges) const {
  const std::int64_t handed_over = handed_over_;
  database_->read([&](Transaction& tx) {
    gauges.dead_letters = Inbox::count_dead(tx);
    const LogPage waiting =
        EventLog::read(tx, {.after = handed_over, .count_max = 1, .subjects = {}});
    if (waiting.entries.empty()) return;
    const Timestamp since = decode_envelope(waiting.entries.front().envelope).time;
    gauges.outbox_age_seconds = std::chrono::duration<double>(clock_.now() - since).count();
  });
  gauges.log = keeper_->gauges();
  gauges.size = database_->size();
  gauges.outbox_waiting = std::max<std::int64_t>(0, gauges.log.head - handed_over);
}

Peers::Peers(const std::vector<std::string>& entries) {
  for (const std::string& entry : entries) {
    const std::size_t equals = entry.find('=');
    const bool has_endpoint = equals != std::string::npos && entry.find("tcp://") == equals + 1;
    if (!has_endpoint || equals == 0) {
      throw Error(ErrorCode::invalid, "--peer: \"" + entry +
                                          "\" does not say NAME=tcp://HOST:PORT, as in "
                                          "orders=tcp://127.0.0.1:7103");
    }
    endpoints_[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
}

std::string Peers::endpoint_of(const std::string& log) const {
  const auto found = endpoints_.find(log);
  if (found == endpoints_.end()) {
    throw Error(ErrorCode::invalid, "this program follows the log of \"" + log +
                                        "\"; say where it is with --peer " + log +
                                        "=tcp://127.0.0.1:PORT");
  }
  return found->second;
}

}  // namespace ticketing::runtime
