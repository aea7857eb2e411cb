#pragma once
// EventSource: what `events` and `demo` need of an EventTail, so that a test can play events to
// them.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/messaging/tail.hpp"

namespace ticketing::cli {

class EventSource {
 public:
  virtual ~EventSource() = default;
  /// The next event, or nullopt after `timeout`.
  virtual std::optional<TailedEvent> next(milliseconds timeout) = 0;
  /// True when everything that the publishers last told of has been returned.
  virtual bool caught_up() const = 0;
  /// The logs that the publishers host, by name.
  virtual std::vector<std::string> logs() const = 0;
};

/// Follows publishers over ZeroMQ. Throws Error(unavailable) that says which flag to look at.
std::unique_ptr<EventSource> follow_publishers(const TailOptions& options);

/// Throws Error(unavailable) that names the one of `logs` that nobody publishes there.
void require_logs(const EventSource& events, std::span<const std::string_view> logs);

}  // namespace ticketing::cli
