#pragma once
// Node: one service in one process, driven straight through the SDK's cores and seams, so that a
// benchmark sees when a commit is durable.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ticketing/messaging/bus.hpp"
#include "ticketing/messaging/bus_security.hpp"
#include "ticketing/runtime/engine.hpp"

namespace bench {

class Node {
 public:
  /// `security`: nullptr for a bus in the clear.
  Node(const std::string& name, const std::string& folder,
       const std::function<void(ticketing::Service&)>& define,
       std::shared_ptr<const ticketing::BusSecurity> security);
  ~Node();

  /// Called with each stretch of the own log that is durable, on the writer's thread.
  std::function<void(const std::vector<ticketing::LogEntry>&)> on_committed;
  /// Called with each batch that is durable, on the writer's thread.
  std::function<void(const ticketing::Batch&)> on_applied;

  ticketing::Engine& engine() { return *engine_; }
  /// The endpoint that others follow.
  std::string endpoint() const { return bus_->endpoint(); }
  void start() { bus_->start(); }
  /// Follows what the definition wants of the log `log` from there. Before start().
  void follow(const std::string& log, const std::string& endpoint);

 private:
  ticketing::Settings settings_;
  ticketing::TokenVerifier verifier_;
  ticketing::Service service_;
  std::unique_ptr<ticketing::Database> database_;
  std::atomic<bool> stopping_{false};
  std::thread writer_;
  std::unique_ptr<ticketing::Engine> engine_;
  std::unique_ptr<ticketing::Bus> bus_;
};

}  // namespace bench
