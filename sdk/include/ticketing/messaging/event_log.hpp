#pragma once
// EventLog: a service's own durable, ordered list of the events that it has committed.
//
// Offsets are dense from 1 and given out inside the serialized write, so offset order is commit
// order and there are no gaps. A log has an id, made with it: a log of another id is another log.
// Up to its horizon, which only grows, it may be a snapshot: of each aggregate and subject only the
// newest event up to there is left, at its offset. Above, everything is there.
// Stateless but for its name and id: append() belongs to the writer, read() to any reader.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/core/random.hpp"
#include "ticketing/core/time.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing {

/// What an action keeps from end to end, from the request to the last event that it leads to.
struct Causality {
  std::string correlation_id;
  std::optional<std::string> causation_id;  ///< The event or request right before.
  std::optional<std::string> traceparent;   ///< W3C trace context.
};

/// An event that was published in a transaction and is not in the log yet.
struct StagedEvent {
  std::string_view subject;  ///< A literal: the event type's kSubject.
  std::string aggregate_id;
  std::int64_t version = 0;
  std::string data;  ///< JSON.
};

/// An event in the log, ready for the wire.
struct LogEntry {
  std::int64_t offset = 0;
  std::string subject;
  std::string envelope;  ///< CloudEvents JSON.
};

/// An event as it came over the bus, not decoded yet.
struct ReceivedEvent {
  std::int64_t offset = 0;
  std::string envelope;  ///< CloudEvents JSON.
};

/// A stretch of a log, filtered by subject: nothing that matches and is in the log is missing in
/// (after, covered_to].
struct LogPage {
  std::vector<LogEntry> entries;
  std::int64_t covered_to = 0;
  std::int64_t head = 0;
  std::int64_t horizon = 0;  ///< Up to here it may be only the newest of each aggregate's subjects.
};

struct LogQuery {
  std::int64_t after = 0;          ///< Exclusive.
  std::int64_t until = INT64_MAX;  ///< Inclusive.
  std::size_t count_max = 500;
  std::size_t bytes_max = 1 << 20;         ///< At least one entry is returned all the same.
  std::vector<std::string> subjects = {};  ///< Empty: all.
};

class EventLog {
 public:
  /// The log of the service `name`. Reads its id, or makes one; call inside a write.
  EventLog(std::string name, Transaction& tx, Random& random, Timestamp now);

  const std::string& name() const { return name_; }
  const std::string& id() const { return id_; }

  /// Appends `events`, all caused alike, and returns them with their offsets.
  std::vector<LogEntry> append(Transaction& tx, std::span<const StagedEvent> events,
                               const Causality& causality, Timestamp now) const;
  /// The newest offset; 0 when empty.
  static std::int64_t head(Transaction& tx);
  /// Up to where the log may be a snapshot; 0 when it never was shortened.
  static std::int64_t horizon(Transaction& tx);
  static LogPage read(Transaction& tx, const LogQuery& query);

 private:
  std::string name_;
  std::string id_;
};

/// The SDK's own tables: log, inbox, cursors, dead letters, replicas, timers, idempotency keys.
Migrations sdk_migrations();

}  // namespace ticketing
