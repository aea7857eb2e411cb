#include "nats/threaded_nats_bus.hpp"

#include <algorithm>

#include "ticketing/nats/nats.hpp"

namespace ticketing {

namespace nats_driver {

namespace {

constexpr std::chrono::milliseconds kFarewell{500};

}  // namespace

// ---- jobs ----

void JobThread::start() {
  thread_ = std::thread{[this] {
    while (!stopping_) {
      bell_.wait(std::chrono::nanoseconds::max());
      jobs_.run();
    }
  }};
}

void JobThread::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  bell_.ring();
  thread_.join();
}

void JobThread::run(std::function<void()> job) {
  jobs_.post([this, job = std::move(job)] {
    if (!stopping_) job();
  });
}

// ---- the bus ----

NatsBus::Means ThreadedNatsBus::means_of(ThreadedNatsBus& bus, const BusOptions& options) {
  const auto open = [url = ServerUrl::parse(options.url)](std::function<void()> on_lost) {
    return open_connection(url, std::move(on_lost));
  };
  return {.clock = system_clock(),
          .random = system_random(),
          .open = open,
          .run_job = [&bus](std::function<void()> job) { bus.jobs_.run(std::move(job)); },
          .ring = [&bus] { bus.bell_.ring(); }};
}

ThreadedNatsBus::ThreadedNatsBus(const BusOptions& options, Logger& logger)
    : NatsBus(options, logger, means_of(*this, options)) {}

void ThreadedNatsBus::start() {
  jobs_.start();
  thread_ = std::thread{[this] { run(); }};
}

void ThreadedNatsBus::stop() {
  if (!thread_.joinable()) return;
  wiring().commands.post([this] { stopping_ = true; });
  thread_.join();
  jobs_.stop();
  wiring().commands.run();  // Among them a connection that was made meanwhile.
  let_go();
}

void ThreadedNatsBus::run() {
  while (true) {
    wiring().commands.run();
    if (stopping_) break;
    const Time deadline = step(wiring().clock.monotonic());
    publish_statuses();
    wait_until(deadline);
  }
  say_farewell();
}

/// What was committed before stop() is not to wait for the next start, if it can be helped.
void ThreadedNatsBus::say_farewell() {
  const Wiring& wired = wiring();
  const Time end = wired.clock.monotonic() + kFarewell;
  wired.commands.run();
  while (wired.connection && wired.clock.monotonic() < end && !is_at_rest()) {
    wait_until(std::min(step(wired.clock.monotonic()), end));
    wired.commands.run();
  }
  if (wired.connection) wired.connection->flush();
}

void ThreadedNatsBus::wait_until(Time deadline) {
  bell_.wait(std::max(Time{0}, deadline - wiring().clock.monotonic()));
}

}  // namespace nats_driver

namespace {

std::unique_ptr<Bus> open_nats(const BusOptions& options, Logger& logger) {
  return std::make_unique<nats_driver::ThreadedNatsBus>(options, logger);
}

}  // namespace

void use_nats() {
  register_bus("nats", &open_nats, "nats://HOST:4222");
  register_bus("tls", &open_nats, "");
}

}  // namespace ticketing
