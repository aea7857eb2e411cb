#pragma once
// What the parts of a bus over NATS share. Belongs to the bus's thread.

#include <memory>
#include <string>

#include "messaging/command_queue.hpp"
#include "nats/calls.hpp"
#include "nats/connection.hpp"
#include "nats/log_server.hpp"
#include "ticketing/core/log.hpp"
#include "ticketing/core/random.hpp"

namespace ticketing::nats_driver {

struct Wiring {
  const ServerUrl url;
  Logger& logger;
  const Clock& clock;
  Random& random;
  CommandQueue& commands;
  LogServer& logs;
  Calls calls{};
  std::shared_ptr<Connection> connection{};  ///< nullptr: there is none now.

  void ask(const std::string& subject, std::string_view question, Calls::Done done) {
    calls.ask(*connection, subject, question, clock.monotonic(), std::move(done));
  }
  std::string no_jetstream() const {
    return "JetStream is not enabled at " + url.shown() + "; start nats-server with -js";
  }
};

}  // namespace ticketing::nats_driver
