#include "runtime/unit.hpp"

#include <algorithm>

namespace ticketing::runtime {

namespace {

constexpr std::chrono::milliseconds kTickMax{1'000};
constexpr std::chrono::milliseconds kBatchPace{1};
constexpr std::chrono::milliseconds kAfterFailure{200};
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
  const KeeperWorld keeper{world.clock, world.random, world.logger};
  engine_ = std::make_unique<Engine>(service_, *database_, std::move(world));
  keeper_ = std::make_unique<LogKeeper>(
      definition.name, *database_, keeper,
      KeepPolicy{settings.duration("log-retention"), settings.duration("consumer-retention")});
}

void Unit::connect(Bus& bus, UnitHooks hooks) {
  hooks_ = std::move(hooks);
  std::int64_t head = 0;
  database_->read([&](Transaction& tx) { head = EventLog::head(tx); });
  handed_over_ = head;
  keeper_->wake = hooks_.wants_tick;
  bus.host({.name = service_.name(),
            .id = engine_->log().id(),
            .head = head,
            .read =
                [this](const LogQuery& query) {
                  LogPage page;
                  database_->read([&](Transaction& tx) { page = EventLog::read(tx, query); });
                  return page;
                },
            .on_reader = [this](const wire::Reader& reader) { keeper_->heard(reader); }});
  const std::string name = service_.name();
  engine_->hooks = {.committed =
                        [this, &bus, name](std::vector<LogEntry> entries) {
                          handed_over_ = entries.back().offset;
                          bus.committed(name, std::move(entries));
                        },
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

void Unit::follow(Bus& bus, FollowedLog log, const std::string& endpoint) {
  Consumer consumer;
  consumer.name = service_.name();
  consumer.endpoint = endpoint;
  consumer.options.log = log.log;
  consumer.options.consumer = service_.name();
  consumer.options.subjects = std::move(log.subjects);
  consumer.options.pace = kBatchPace;
  consumer.cursor = std::move(log.cursor);
  consumer.apply = [this](std::shared_ptr<const Batch> batch, std::function<void(bool)> done) {
    engine_->apply(std::move(batch), std::move(done));
  };
  bus.follow(std::move(consumer));
}

void Unit::request_missing(Bus& bus) const {
  for (const Gap& gap : engine_->missing()) bus.request_replay(service_.name(), gap.log, gap);
}

milliseconds Unit::tick() {
  probe_if_unhealthy();
  prune_now_and_then();
  return std::min(tick_timers(), keeper_->tick(handed_over_));
}

milliseconds Unit::tick_timers() {
  if (turn_under_way_) return kTickMax;  // Its end asks for the next tick.
  const auto now = clock_.monotonic();
  if (wants_tick_.exchange(false) || now >= look_again_) {
    look_again_ = now + kTickMax;
    next_due_ = engine_->next_due();
  }
  if (!next_due_) return kTickMax;
  const auto left = *next_due_ - clock_.now();
  if (left > milliseconds{0}) return std::min<milliseconds>(left, kTickMax);
  turn_under_way_ = true;
  engine_->run_due(hooks_.run_task, [this](bool all_done) {
    turn_under_way_ = false;
    if (!all_done) return;  // Again after the pause, and not at once: the disk may be full.
    wants_tick_ = true;
    hooks_.wants_tick();
  });
  return kAfterFailure;
}

void Unit::probe_if_unhealthy() {
  if (database_->healthy() || probing_.exchange(true)) return;
  engine_->probe([this](bool) { probing_ = false; });
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
  gauges.commits = database_->commits();
  gauges.healthy = database_->healthy();
  return gauges;
}

Peers::Peers(const std::vector<std::string>& entries) {
  for (const std::string& entry : entries) {
    const std::size_t equals = entry.find('=');
    const bool has_endpoint = equals != std::string::npos && entry.find("tcp://") == equals + 1;
    if (!has_endpoint || equals == 0) {
      throw Error(ErrorCode::invalid, "\"" + entry + "\" is not a value for peer; write " +
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
