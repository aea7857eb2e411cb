#pragma once
// Rules: what holds in every world, whatever its services do, checked with every event, every
// applied batch and at rest: logs have no gap, versions go one by one, what was committed stays,
// replicas never go back and end up where their owners are, and an event waits for those of its
// aggregate that are set aside.

#include <cstdint>
#include <map>
#include <string>

#include "ticketing/events/envelope.hpp"
#include "ticketing/messaging/subscription.hpp"
#include "ticketing/runtime/service.hpp"

namespace ticketing::testing {

/// Throws Broken.
class Rules {
 public:
  /// `event` was committed to the log of `service`; in order.
  void on_event(const std::string& service, const Envelope& event);
  /// The newest offset of that log that was seen.
  std::int64_t head_of(const std::string& service) const;
  /// The log of `service` was read after a restart: it ends at `head`.
  void on_restart(const std::string& service, std::int64_t head) const;
  /// `service` has handled `event` of that log, in `tx`.
  static void on_handled(const std::string& service, Transaction& tx, std::string_view log,
                         const Envelope& event);
  /// `consumer` has applied `batch` to `database`, its own.
  void on_applied(const Service& consumer, const Database& database, const Batch& batch);
  /// Everything has been applied by everyone.
  void at_rest(const Service& consumer, const Database& database) const;

 private:
  /// An aggregate, by its newest event.
  struct Aggregate {
    std::string service;
    std::string id;
    std::string subject;
    std::int64_t version = -1;
  };

  std::map<std::string, std::int64_t> heads_;
  std::map<std::string, Aggregate> aggregates_;   ///< By service and id.
  std::map<std::string, std::int64_t> replicas_;  ///< Versions, by consumer, kind and id.
};

}  // namespace ticketing::testing
