#include "testing/conformance_stage.hpp"

#include <algorithm>

namespace ticketing::testing {

namespace {

/// As long as one turn waits for news when there are none.
constexpr std::chrono::milliseconds kTurn{1};
/// A stepped transport runs on for up to so long before the next thing happens to it.
constexpr std::chrono::milliseconds kPumpMax{5};

/// Impatient: what is lost is to be asked for again soon.
SubscriptionOptions impatient() {
  SubscriptionOptions options;
  options.join_timeout = std::chrono::milliseconds{200};
  options.fetch_timeout = std::chrono::milliseconds{250};
  options.silence_max = std::chrono::milliseconds{1'000};
  return options;
}

}  // namespace

Stage::Stage(const MakeTransport& make, const ConformanceOptions& given)
    : options(given),
      jumble(seed_of(given.seed, 1)),
      random(seed_of(given.seed, 2)),
      subscription(impatient()),
      storage_(given.storage()),
      transport_(make()),
      began_(transport_->clock().monotonic()) {
  add_owner("things");
}

Stage::~Stage() {
  sides_.clear();
  publisher_.reset();
  followers_.clear();
  owners_.clear();
}

LogOwner& Stage::add_owner(const std::string& name) {
  return *owners_.emplace_back(std::make_unique<LogOwner>(
      name, storage_->make(), transport_->clock(), seed_of(options.seed, 100 + owners_.size())));
}

LogFollower& Stage::add_follower(LogFollower::Plan plan, LogOwner* of) {
  return *followers_.emplace_back(std::make_unique<LogFollower>(
      std::move(plan), of ? *of : owner(), storage_->make(), transport_->clock(),
      seed_of(options.seed, 200 + followers_.size()), news_));
}

void Stage::start_publisher() {
  publisher_ = transport_->make_publisher();
  for (const auto& one : owners_) publisher_->host(one->hosted());
  publisher_->start();
}

void Stage::start(const std::vector<LogFollower*>& followers) {
  Side& side = sides_.emplace_back(Side{followers, transport_->make_consumer()});
  for (LogFollower* follower : followers) {
    SubscriptionOptions wanted = subscription;
    if (!wanted.between) wanted.between = jumble.between();
    side.bus->follow(follower->consumer(transport_->endpoint(), std::move(wanted), starts_over));
  }
  side.bus->start();
  for (LogFollower* follower : followers) follower->request_missing(*side.bus);
  tally.joins += static_cast<std::int64_t>(followers.size());
}

void Stage::stop(LogFollower& follower) {
  const auto is_its = [&](const Side& side) { return &side == side_of(follower); };
  const auto side = std::find_if(sides_.begin(), sides_.end(), is_its);
  if (side == sides_.end()) return;
  side->bus.reset();
  for (LogFollower* one : side->followers) one->forget_waiting();
  sides_.erase(side);
}

const Stage::Side* Stage::side_of(const LogFollower& follower) const {
  for (const Side& side : sides_) {
    const auto& all = side.followers;
    if (std::find(all.begin(), all.end(), &follower) != all.end()) return &side;
  }
  return nullptr;
}

bool Stage::is_up(const LogFollower& follower) const { return side_of(follower) != nullptr; }

Bus& Stage::bus_of(const LogFollower& follower) const {
  expect(is_up(follower), follower.name() + " is down");
  return *side_of(follower)->bus;
}

void Stage::publish(LogOwner& owner, int count) {
  std::vector<LogEntry> entries = owner.commit(count);
  if (publisher_) publisher_->committed(owner.name(), std::move(entries));
}

bool Stage::work() {
  bool worked = false;
  for (const auto& follower : followers_) {
    if (!is_up(*follower)) continue;
    const LogFollower::Worked what = follower->work(bus_of(*follower));
    if (what == LogFollower::Worked::died) stop(*follower);
    worked |= what != LogFollower::Worked::nothing;
  }
  return worked;
}

void Stage::pump() {
  const auto until = transport_->clock().monotonic() + random.up_to(kPumpMax);
  work();
  while (transport_->step() && transport_->clock().monotonic() < until) work();
}

void Stage::wait_until(const std::string& what, const std::function<bool()>& holds) {
  const auto deadline = transport_->clock().monotonic() + options.patience;
  // A stepped clock stands still once nothing is left to do.
  std::chrono::milliseconds waited{0};
  while (!holds()) {
    if (transport_->clock().monotonic() > deadline || waited > options.patience) {
      throw Unmet(what + " does not come about within " + ticketing::to_text(options.patience));
    }
    if (work() || transport_->step()) continue;
    news_.wait(kTurn);
    waited += kTurn;
  }
}

bool Stage::has_applied_all(const LogFollower& follower) const {
  if (!follower.is_idle()) return false;
  const SubscriptionStatus status = status_of(follower);
  if (status.refusal) throw Unmet(follower.name() + " refuses its log: " + *status.refusal);
  return status.caught_up && status.applied == follower.owner().head();
}

void Stage::rest(LogFollower& follower) {
  try {
    wait_until("rest of " + follower.name(),
               [&] { return has_applied_all(follower) && !follower.misses_versions(); });
  } catch (const Unmet& unmet) {
    if (!is_up(follower)) throw;
    const SubscriptionStatus status = status_of(follower);
    throw Unmet(std::string{unmet.what()} + ": applied " + std::to_string(status.applied) + " of " +
                std::to_string(follower.owner().head()) +
                (status.caught_up ? ", and believes to have caught up" : ""));
  }
}

void Stage::wait_for_refusal(LogFollower& follower, const std::string& reason) {
  const auto is_refused = [&] {
    const auto refusal = status_of(follower).refusal;
    return refusal && refusal->find(reason) != std::string::npos;
  };
  wait_until("a refusal that says \"" + reason + "\"", is_refused);
  ++tally.refusals;
}

SubscriptionStatus Stage::status_of(const LogFollower& follower) const {
  for (SubscriptionStatus& status : bus_of(follower).statuses()) {
    if (status.consumer == follower.name()) return std::move(status);
  }
  throw Unmet("the bus has no status of " + follower.name());
}

void Stage::set_cut(bool is_cut) {
  jumble.set_cut(is_cut);
  transport_->set_cut(is_cut);
}

void Stage::expect(bool holds, const std::string& what) {
  if (!holds) throw Unmet(what);
}

std::chrono::nanoseconds Stage::elapsed() const { return transport_->clock().monotonic() - began_; }

void Stage::report_to(ConformanceReport& report) const {
  report.joins = tally.joins;
  report.restarts = tally.restarts;
  report.refusals = tally.refusals;
  report.lag_max = tally.lag_max;
  report.memory_growth_bytes = tally.memory_growth_bytes;
  report.took = std::chrono::ceil<std::chrono::milliseconds>(elapsed());
  for (const auto& one : owners_) {
    report.sent += one->sent();
    report.fetched += one->fetched();
  }
  for (const auto& follower : followers_) {
    report.applied += follower->heard();
    report.repeated += follower->repeated();
  }
  const JumbleCounts counts = jumble.counts();
  report.lost = static_cast<std::int64_t>(counts.lost);
  report.doubled = static_cast<std::int64_t>(counts.doubled);
  report.reordered = static_cast<std::int64_t>(counts.reordered);
}

}  // namespace ticketing::testing
