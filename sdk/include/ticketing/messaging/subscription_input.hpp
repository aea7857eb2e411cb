#pragma once
// SubscriptionInput: what a transport tells a subscription.
//
// The seam at which messages enter the core. A transport may lose, double, delay and reorder any
// call of these, and the core puts it right; what a call says must be true. So a test can stand
// here, between any transport and the core, and do all of that (SubscriptionOptions::between).
// Belongs to the thread that drives the core. Throws nothing of its own.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ticketing/messaging/wire.hpp"

namespace ticketing {

class SubscriptionInput {
 public:
  virtual ~SubscriptionInput() = default;

  /// The answer to a join. Requires: whatever is committed past the head in `position` is sent to
  /// this subscriber live, from now on.
  virtual void on_hello(const wire::Position& position) = 0;
  /// Where the log stands, now and then.
  virtual void on_beat(const wire::Position& position) = 0;
  /// An event, with the position of its message.
  virtual void on_event(const wire::Position& position, std::string_view subject,
                        std::string envelope) = 0;
  /// The answer to a fetch, under the number of the question.
  virtual void on_fetched(wire::FetchAnswer answer) = 0;
};

/// Makes what stands in front of `core`, which outlives it.
using PutBetween = std::function<std::unique_ptr<SubscriptionInput>(SubscriptionInput& core)>;

}  // namespace ticketing
