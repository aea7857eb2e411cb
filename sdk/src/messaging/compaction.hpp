#pragma once
// Compaction: makes the beginning of a log a snapshot, slice by slice.
//
// Up to the horizon only the newest event of each aggregate and subject is left; the head and the
// offsets stay as they are. A slice is one transaction and leaves a log that is right by itself: a
// crash between two, or within one, is harmless. Also the list of the consumers for whom the log is
// kept. Stateless: all is in tables. Belongs to the writer, but for what only looks.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/core/time.hpp"
#include "ticketing/storage/transaction.hpp"

namespace ticketing::compaction {

/// Up to where the horizon may go.
struct Limit {
  std::int64_t offset = 0;  ///< Inclusive.
  Timestamp committed_by;   ///< Events from after this stay.
};

struct Slice {
  std::int64_t horizon = 0;  ///< As it is now.
  std::int64_t read = 0;     ///< Events that it has passed.
  std::int64_t removed = 0;
};

/// Whether a slice would pass anything. A cheap look, so that idle logs are not written to.
bool can_advance(Transaction& tx, const Limit& limit);
/// Moves the horizon over at most `events_max` events. Throws Error(invalid) for an event that
/// cannot be read: nothing has moved then.
Slice advance(Transaction& tx, const Limit& limit, std::int64_t events_max);
/// How many events have been removed so far.
std::int64_t removed(Transaction& tx);
/// When the oldest event that is left was committed; now, when there is none.
Timestamp oldest(Transaction& tx, Timestamp now);

struct KnownConsumer {
  std::string name;
  std::int64_t cursor = 0;  ///< It needs nothing up to here any more.
  Timestamp seen_at;
};
std::vector<KnownConsumer> consumers(Transaction& tx);
void note(Transaction& tx, const KnownConsumer& consumer);
void forget(Transaction& tx, std::string_view name);

}  // namespace ticketing::compaction
