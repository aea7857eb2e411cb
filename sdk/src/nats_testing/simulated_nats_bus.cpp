#include "nats_testing/simulated_nats_bus.hpp"

#include <algorithm>

#include "testing/unsettled.hpp"

namespace ticketing::testing {

namespace {

constexpr std::chrono::milliseconds kJobMax{3};

}  // namespace

SimulatedNatsBus::SimulatedNatsBus(Driver& driver, std::string process, Logger& logger)
    : NatsBus({.url = "nats://nats.example:4222", .bind = {}, .fetch_bind = {}}, logger,
              means_of(*this, driver)),
      driver_(driver),
      process_(std::move(process)) {
  driver_.buses[process_] = this;
}

nats_driver::NatsBus::Means SimulatedNatsBus::means_of(SimulatedNatsBus& bus, Driver& driver) {
  const auto open = [&bus, &driver](const std::function<void()>& on_lost) {
    return driver.server.connect(bus.process_, [on_lost, weak = std::weak_ptr{bus.self_}] {
      if (!weak.expired()) on_lost();
    });
  };
  const auto run_job = [&bus, &driver](std::function<void()> job) {
    const auto work = [job = std::move(job), weak = std::weak_ptr{bus.self_}] {
      if (!weak.expired()) job();
    };
    const Time done = driver.scheduler.now() + driver.random.up_to(kJobMax);
    bus.last_job_ = std::max(bus.last_job_, done);
    driver.scheduler.at(bus.last_job_, Kind::foreground, work);
  };
  return {.clock = driver.clock,
          .random = driver.random,
          .open = open,
          .run_job = run_job,
          .ring = [&bus, &driver] { bus.wake(driver.scheduler.now(), Kind::foreground); }};
}

void SimulatedNatsBus::start() {
  self_ = std::make_shared<SimulatedNatsBus*>(this);
  wake(driver_.scheduler.now(), Kind::foreground);
}

void SimulatedNatsBus::stop() {
  const auto known = driver_.buses.find(process_);
  if (known == driver_.buses.end() || known->second != this) return;
  driver_.buses.erase(known);
  self_.reset();
  driver_.server.disconnect(process_);
  let_go();
}

void SimulatedNatsBus::on_thread(const std::function<void()>& action) {
  action();
  wake(driver_.scheduler.now(), Kind::foreground);
}

void SimulatedNatsBus::wake(Time at, Kind kind) {
  if (!self_ || wakes_at_ <= at) return;  // And looks again then.
  wakes_at_ = at;
  driver_.scheduler.at(at, kind, [at, weak = std::weak_ptr{self_}] {
    const auto self = weak.lock();
    if (!self || (*self)->wakes_at_ != at) return;
    (*self)->wakes_at_ = Time::max();
    (*self)->run();
  });
}

void SimulatedNatsBus::run() {
  wiring().commands.run();
  const Time deadline = step(driver_.scheduler.now());
  publish_statuses();
  // A deadline is not work: whoever waits for one is not at rest.
  wake(std::max(deadline, driver_.scheduler.now()), Kind::background);
}

std::optional<std::int64_t> SimulatedNatsBus::head_of(const std::string& log) const {
  const auto found = publishers().find(log);
  if (found == publishers().end()) return std::nullopt;
  return found->second->head();
}

void SimulatedNatsBus::append_unsettled(const HeadOf& head_of,
                                        std::vector<std::string>& lines) const {
  if (!is_at_rest()) lines.push_back(process_ + " has events that are not in their stream");
  for (const auto& one : followers()) {
    const nats_driver::StreamFollower& stream = *one;
    const Follower& follower = stream.follower();
    append_unless_settled(follower.consumer, follower.core, head_of(follower.core.options().log),
                          lines);
  }
}

}  // namespace ticketing::testing
