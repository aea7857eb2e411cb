#pragma once
// Follower: a subscription core on a bus, and where its batches go. Belongs to the bus's thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "messaging/command_queue.hpp"
#include "ticketing/core/time.hpp"
#include "ticketing/messaging/bus.hpp"
#include "ticketing/messaging/subscription.hpp"

namespace ticketing {

struct Follower {
  Follower(std::string consumer_name, SubscriptionOptions options, std::optional<Cursor> cursor)
      : consumer(std::move(consumer_name)), core(std::move(options), std::move(cursor)) {}
  std::string consumer;
  Subscription core;
  std::function<void(std::shared_ptr<const Batch>)> deliver;
  /// Why the publisher keeps from this consumer what it wants; empty: it does not.
  std::string denial;

  bool is(const std::string& name, const std::string& log) const {
    return consumer == name && core.options().log == log;
  }
};

/// Delivers to `consumer`, whose answers come back through `commands`, which outlives it, as does
/// `clock`.
std::shared_ptr<Follower> make_follower(const Consumer& consumer, CommandQueue& commands,
                                        const Clock& clock);

SubscriptionStatus status_of(const Follower& follower);

}  // namespace ticketing
