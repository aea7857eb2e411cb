#pragma once
// Metrics: what /metrics tells, in Prometheus' text format, through prometheus-cpp. Any thread.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/log_keeper.hpp"
#include "ticketing/http/server.hpp"
#include "ticketing/messaging/bus.hpp"

namespace ticketing::runtime {

/// What is read off one service when somebody asks.
struct ServiceGauges {
  std::string service;
  LogGauges log;
  DatabaseSize size;
  std::int64_t dead_letters = 0;
  std::int64_t outbox_waiting = 0;  ///< Durable events that the bus has not been given yet.
  double outbox_age_seconds = 0;    ///< How long the oldest of these has been durable.
  std::uint64_t commits = 0;
  bool healthy = true;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();

  void count_request(std::string_view method, std::string_view pattern, int status,
                     std::chrono::nanoseconds took);
  /// Counts since the start, by reason.
  void set_handshake_failures(const std::map<std::string, std::uint64_t>& failures);
  /// The page, with the gauges as they are now.
  std::string page(const std::vector<ServiceGauges>& services,
                   const std::vector<SubscriptionStatus>& subscriptions, const HttpStats& http);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketing::runtime
