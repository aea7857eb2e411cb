#pragma once
// Timers: durable, named, at or after a time; they survive restarts and go off once.
//
// A core: all state is in a table, time is handed in. Belongs to the writer, but for next_due().

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/messaging/event_log.hpp"
#include "ticketing/storage/transaction.hpp"

namespace ticketing {

struct Timer {
  std::string kind;
  std::string id;
  Timestamp due;
  std::int64_t attempts = 0;  ///< How often it has gone off and failed.
  Causality causality;        ///< Of the action that set it; what it leads to carries it on.
};

namespace timers {

/// Sets the timer `kind`/`id`, replacing one of that name.
void set(Transaction& tx, std::string_view kind, std::string_view id, Timestamp due,
         const Causality& causality);
/// The timers that are due at `now`, the oldest first.
std::vector<Timer> due(Transaction& tx, Timestamp now, std::size_t count_max);
/// False when there is no such timer (any more): then its work must not be done.
bool remove(Transaction& tx, std::string_view kind, std::string_view id);
/// The same for a timer that was read a while ago: one that was set anew since then stays.
bool remove(Transaction& tx, const Timer& timer);
/// Puts a failed one off; one that was set anew meanwhile stays as it is.
void postpone(Transaction& tx, const Timer& timer, Timestamp due);
std::optional<Timestamp> next_due(Transaction& tx);

}  // namespace timers

}  // namespace ticketing
