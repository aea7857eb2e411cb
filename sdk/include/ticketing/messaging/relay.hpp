#pragma once
// Relay: turns a log's committed entries into live messages, in order.
//
// A core: stepped, no thread, socket or clock. Not thread-safe: one driver owns it.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ticketing/messaging/event_log.hpp"
#include "ticketing/messaging/wire.hpp"

namespace ticketing {

class Relay {
 public:
  /// `head` is the log's newest offset now: what is at or below it can only be fetched.
  Relay(std::string log, std::string log_id, std::int64_t head, std::string fetch_endpoint);

  /// The messages for `entries`. Requires: they follow what was given before without a gap.
  std::vector<wire::Frames> committed(std::vector<LogEntry> entries);
  /// Where the log stands now, for heartbeats and for the answer to a join.
  wire::Position position() const;
  std::int64_t head() const { return position_.offset; }

 private:
  wire::Position position_;
};

}  // namespace ticketing
