#include "nats/nats_bus.hpp"

#include <algorithm>
#include <utility>

#include "ticketing/core/error.hpp"

namespace ticketing::nats_driver {

NatsBus::NatsBus(BusOptions options, Logger& logger, Means means)
    : options_(std::move(options)),
      logger_(logger),
      open_(std::move(means.open)),
      run_job_(std::move(means.run_job)),
      commands_(std::move(means.ring)),
      logs_(run_job_, logger),
      wiring_{ServerUrl::parse(options_.url), logger, means.clock, means.random, commands_, logs_} {
}

// ---- what is hosted and followed ----

void NatsBus::host(HostedLog log) {
  auto publisher = std::make_unique<LogPublisher>(wiring_, log, std::to_string(publishers_.size()),
                                                  options_.beat);
  LogPublisher* const target = publisher.get();
  publishers_.emplace(log.name, std::move(publisher));
  log.on_reader = [this, target, keep = std::move(log.on_reader)](const wire::Reader& reader) {
    keep(reader);
    commands_.post([target, reader] { target->heard(reader); });
  };
  logs_.host(std::move(log));
  publish_statuses();
}

void NatsBus::committed(const std::string& name, std::vector<LogEntry> entries) {
  if (entries.empty()) return;
  commands_.post([this, name, moved = std::move(entries)]() mutable {
    publishers_.at(name)->committed(std::move(moved));
  });
}

void NatsBus::add(const Consumer& consumer) {
  auto follower =
      std::make_shared<StreamFollower>(wiring_, make_follower(consumer, commands_, wiring_.clock));
  if (wiring_.connection) follower->on_connected();
  followers_.push_back(std::move(follower));
  publish_statuses();
}

void NatsBus::unfollow(const std::string& consumer, const std::string& log) {
  on_thread([&] {
    std::erase_if(followers_, [&](const auto& one) { return one->follower().is(consumer, log); });
    publish_statuses();
  });
}

void NatsBus::request_replay(const std::string& consumer, const std::string& log, Gap gap) {
  commands_.post([this, consumer, log, gap] {
    for (const auto& one : followers_) {
      if (one->follower().is(consumer, log)) one->follower().core.request_replay(gap);
    }
  });
}

// ---- the thread ----

NatsBus::Time NatsBus::step(Time now) {
  Time deadline = wiring_.calls.step(now);
  if (!wiring_.connection && !is_connecting_) {
    if (now >= connect_at_) connect();
    if (!is_connecting_) deadline = std::min(deadline, connect_at_);
  }
  for (const auto& [name, publisher] : publishers_) {
    deadline = std::min(deadline, publisher->step(now));
  }
  for (const auto& follower : followers_) deadline = std::min(deadline, follower->step(now));
  return deadline;
}

bool NatsBus::is_at_rest() const {
  return std::all_of(publishers_.begin(), publishers_.end(),
                     [](const auto& one) { return one.second->at_rest(); });
}

/// The end: nothing comes from the connection any more, and nothing is said over it.
void NatsBus::let_go() {
  interests_.clear();
  for (const auto& follower : followers_) follower->on_lost();
  wiring_.connection.reset();
}

void NatsBus::publish_statuses() {
  std::vector<SubscriptionStatus> statuses;
  std::vector<std::string> troubles;
  statuses.reserve(followers_.size());
  for (const auto& one : followers_) statuses.push_back(status_of(one->follower()));
  if (!no_connection_.empty()) troubles.push_back(no_connection_);
  for (const auto& [name, publisher] : publishers_) {
    if (!publisher->trouble().empty()) troubles.push_back(publisher->trouble());
  }
  const std::lock_guard guard{status_mutex_};
  statuses_ = std::move(statuses);
  troubles_ = std::move(troubles);
}

}  // namespace ticketing::nats_driver
