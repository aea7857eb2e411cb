#pragma once
// Bus: carries committed events from the logs hosted here to consumers, here and elsewhere.
//
// The seam between the cores (Relay, Subscription) and a transport. The implementation over ZeroMQ
// runs two threads: one owns all live sockets and the cores, one serves fetches from the logs.
// Others are registered, as that over NATS by use_nats(), and chosen by URL.
// host() before start(); start() and stop() on one thread; the rest on any.
// Throws Error: invalid – a malformed or forbidden endpoint; unavailable – it cannot be bound.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
  bool joined = false;  ///< The publisher has been heard of, and has not fallen silent since.
};

/// The transport that is always there.
inline constexpr std::string_view kZeromq = "zmq";

/// What is meant for one transport only, another has no use for.
struct BusOptions {
  std::string url = std::string{kZeromq};  ///< Which transport, as `nats://127.0.0.1:4222`.
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
  /// Over what `options.url` says. Throws Error(invalid) for a URL that no transport knows.
  static std::unique_ptr<Bus> open(const BusOptions& options, Logger& logger);
  static std::unique_ptr<Bus> zeromq(BusOptions options, Logger& logger);
  virtual ~Bus() = default;

  virtual void host(HostedLog log) = 0;
  virtual void follow(Consumer consumer) = 0;
  /// When it returns, `apply` is not called any more, and what becomes of a batch that is under way
  /// concerns nobody here. Nothing, when that consumer does not follow that log.
  virtual void unfollow(const std::string& consumer, const std::string& log) = 0;
  virtual void start() = 0;
  /// Sends what is queued, then ends the threads.
  virtual void stop() = 0;
  /// The live endpoint with its real port; empty without one.
  virtual std::string endpoint() const = 0;
  /// That of `limited_bind`.
  virtual std::string limited_endpoint() const { return {}; }

  /// `entries` of the log `name` are durable. Requires: called in the log's order.
  virtual void committed(const std::string& name, std::vector<LogEntry> entries) = 0;
  /// Where several processes host one log, and a transport takes its events from one of them only:
  /// whether that is this one. At first it is.
  virtual void lead(const std::string& name, bool leads) {
    static_cast<void>(name);
    static_cast<void>(leads);
  }
  virtual void request_replay(const std::string& consumer, const std::string& log, Gap gap) = 0;
  virtual std::vector<SubscriptionStatus> statuses() const = 0;
  /// What keeps it from carrying events now, for people; empty: nothing.
  virtual std::vector<std::string> troubles() const { return {}; }
  /// Handshakes of others that failed since the start, by reason.
  virtual std::map<std::string, std::uint64_t> handshake_failures() const { return {}; }
};

using OpenBus = std::unique_ptr<Bus> (*)(const BusOptions& options, Logger& logger);

/// Makes Bus::open() know URLs that begin with `scheme` and `://`. Before any thread is started.
/// Without an example it is not among those of bus_examples().
void register_bus(std::string_view scheme, OpenBus open, std::string_view example);
bool knows_bus(std::string_view url);
/// What one may write, for messages: `zmq or nats://HOST:4222`.
std::string bus_examples();

}  // namespace ticketing
