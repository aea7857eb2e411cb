#pragma once
// Bus: carries committed events from the logs hosted here to consumers, here and elsewhere.
//
// The seam between the cores (Relay, Subscription) and a transport. The implementation over ZeroMQ
// runs two threads: one owns all live sockets and the cores, one serves fetches from the logs.
// host() and follow() before start(); start() and stop() on one thread; the rest on any.
// Throws Error: invalid – a malformed or forbidden endpoint; unavailable – it cannot be bound.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/core/log.hpp"
#include "ticketing/messaging/event_log.hpp"
#include "ticketing/messaging/subscription.hpp"

namespace ticketing {

struct BusSecurity;

struct HostedLog {
  std::string name;
  std::string id;
  std::int64_t head = 0;
  std::function<LogPage(const LogQuery&)> read;  ///< Called on the fetch thread.
  /// A consumer has said what it needs no more: it may forget that later. On the same thread.
  std::function<void(const wire::Reader&)> on_reader = [](const wire::Reader&) {};
};

struct Consumer {
  std::string name;      ///< Of the consuming service.
  std::string endpoint;  ///< Of the publisher's process; empty: this one.
  SubscriptionOptions options;
  std::optional<Cursor> cursor;
  /// Starts to apply a batch and returns at once; `done` says later, on any thread, whether it is
  /// durable. Must not throw. Requires: `done` is not called once the bus is destroyed.
  std::function<void(std::shared_ptr<const Batch> batch, std::function<void(bool durable)> done)>
      apply;
};

struct SubscriptionStatus {
  std::string consumer;
  std::string log;
  bool caught_up = false;
  std::int64_t lag = 0;
  std::int64_t applied = 0;
  std::optional<std::string> refusal;
};

struct BusOptions {
  /// `tcp://127.0.0.1:7101`; port `*` or 0 takes a free one; empty: this process only.
  std::string bind;
  std::string fetch_bind;  ///< Empty: a free port on the same address; subscribers are told.
  /// For peers that may not read everything: they hear that there is news, and fetch what they may.
  std::string limited_bind = {};
  /// Keys and allow-list: all TCP is spoken over CURVE then. nullptr: loopback only, in the clear.
  std::shared_ptr<const BusSecurity> security = nullptr;
  std::chrono::milliseconds beat{250};
  int queue_messages_max = 20'000;  ///< Per subscriber; what exceeds it is fetched later.
};

class Bus {
 public:
  static std::unique_ptr<Bus> zeromq(BusOptions options, Logger& logger);
  virtual ~Bus() = default;

  virtual void host(HostedLog log) = 0;
  virtual void follow(Consumer consumer) = 0;
  virtual void start() = 0;
  /// Sends what is queued, then ends the threads.
  virtual void stop() = 0;
  /// The live endpoint with its real port; empty without one.
  virtual std::string endpoint() const = 0;
  /// That of `limited_bind`.
  virtual std::string limited_endpoint() const { return {}; }

  /// `entries` of the log `name` are durable. Requires: called in the log's order.
  virtual void committed(const std::string& name, std::vector<LogEntry> entries) = 0;
  virtual void request_replay(const std::string& consumer, const std::string& log, Gap gap) = 0;
  virtual std::vector<SubscriptionStatus> statuses() const = 0;
  /// Handshakes of others that failed since the start, by reason.
  virtual std::map<std::string, std::uint64_t> handshake_failures() const { return {}; }
};

}  // namespace ticketing
