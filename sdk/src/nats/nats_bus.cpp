#include "nats/nats_bus.hpp"

#include <algorithm>
#include <utility>

#include "ticketing/core/error.hpp"
#include "ticketing/nats/nats.hpp"

namespace ticketing {

namespace nats_driver {

namespace {

constexpr std::chrono::milliseconds kFarewell{500};

}  // namespace

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
  auto follower = std::make_shared<StreamFollower>(wiring_, make_follower(consumer, commands_));
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

void NatsBus::run() {
  while (true) {
    commands_.run();
    if (stopping_) break;
    const Time deadline = step(system_clock().monotonic());
    publish_statuses();
    bell_.wait(std::max(Time{0}, deadline - system_clock().monotonic()));
  }
  say_farewell();
}

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

/// What was committed before stop() is not to wait for the next start, if it can be helped.
void NatsBus::say_farewell() {
  const Time end = system_clock().monotonic() + kFarewell;
  const auto is_done = [&] {
    return std::all_of(publishers_.begin(), publishers_.end(),
                       [](const auto& one) { return one.second->at_rest(); });
  };
  commands_.run();
  for (Time now = system_clock().monotonic(); wiring_.connection && now < end && !is_done();
       now = system_clock().monotonic()) {
    const Time deadline = std::min(step(now), end);
    bell_.wait(std::max(Time{0}, deadline - system_clock().monotonic()));
    commands_.run();
  }
  if (wiring_.connection) wiring_.connection->flush();
}

void NatsBus::stop() {
  if (!thread_.joinable()) return;
  commands_.post([this] { stopping_ = true; });
  thread_.join();
  interests_.clear();
  for (const auto& follower : followers_) follower->on_lost();
  logs_.stop();
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

}  // namespace nats_driver

namespace {

std::unique_ptr<Bus> open_nats(const BusOptions& options, Logger& logger) {
  return std::make_unique<nats_driver::NatsBus>(options, logger);
}

}  // namespace

void use_nats() {
  register_bus("nats", &open_nats, "nats://HOST:4222");
  register_bus("tls", &open_nats, "");
}

}  // namespace ticketing
