#include "messaging/compaction.hpp"

#include <map>
#include <utility>

#include "ticketing/events/envelope.hpp"
#include "ticketing/messaging/event_log.hpp"

namespace ticketing::compaction {

namespace {

using Key = std::pair<std::string, std::string>;  // Aggregate and subject.

/// What a slice passes, in the log's order.
struct Passed {
  std::map<Key, std::int64_t> newest;  ///< By key, so that pages of the index are near each other.
  std::vector<std::int64_t> superseded;  ///< By a later one of the same slice.
  std::int64_t end = 0;
  std::int64_t count = 0;
};

/// The envelope's time, without the cost of the rest. Inside a string the quotes would be escaped,
/// and what comes before it is not an object: the first one is it.
Timestamp committed_at(std::string_view envelope) {
  constexpr std::string_view kName = R"(,"time":")";
  constexpr std::size_t kLength = std::string_view{"2026-01-31T09:05:00.123Z"}.size();
  const std::size_t at = envelope.find(kName);
  if (at != std::string_view::npos) {
    const auto time = parse_timestamp(envelope.substr(at + kName.size(), kLength));
    if (time) return *time;
  }
  return decode_envelope(envelope).time;
}

Passed pass(Transaction& tx, std::int64_t horizon, const Limit& limit, std::int64_t events_max) {
  Passed passed{.newest = {}, .superseded = {}, .end = horizon, .count = 0};
  tx.for_each<std::int64_t, std::string, std::string, std::string>(
      "SELECT log_offset, aggregate_id, subject, envelope FROM ticketing_log"
      " WHERE log_offset > :horizon AND log_offset <= :limit ORDER BY log_offset LIMIT :count",
      [&](std::int64_t offset, std::string aggregate, std::string subject, std::string envelope) {
        if (committed_at(envelope) > limit.committed_by) return false;
        std::int64_t& newest = passed.newest[{std::move(aggregate), std::move(subject)}];
        if (newest > 0) passed.superseded.push_back(newest);
        newest = passed.end = offset;
        ++passed.count;
        return true;
      },
      horizon, limit.offset, events_max);
  return passed;
}

/// The one of that key that was the newest up to the horizon; 0 when there was none.
std::int64_t kept(Transaction& tx, const Key& key) {
  const auto row = tx.first<std::int64_t>(
      "SELECT log_offset FROM ticketing_kept WHERE aggregate_id = :aggregate"
      " AND subject = :subject",
      key.first, key.second);
  return row ? std::get<0>(*row) : 0;
}

void keep(Transaction& tx, const Key& key, std::int64_t offset) {
  tx.execute(
      "INSERT INTO ticketing_kept (aggregate_id, subject, log_offset)"
      " VALUES (:aggregate, :subject, :log_offset)"
      " ON CONFLICT (aggregate_id, subject) DO UPDATE SET log_offset = excluded.log_offset",
      key.first, key.second, offset);
}

std::int64_t remove(Transaction& tx, std::int64_t offset) {
  return tx.execute("DELETE FROM ticketing_log WHERE log_offset = :log_offset", offset);
}

void store(Transaction& tx, std::string_view name, std::int64_t value) {
  tx.execute(
      "INSERT INTO ticketing_meta (name, value) VALUES (:name, :value)"
      " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      name, std::to_string(value));
}

}  // namespace

bool can_advance(Transaction& tx, const Limit& limit) {
  const auto next = tx.first<std::string>(
      "SELECT envelope FROM ticketing_log WHERE log_offset > :horizon AND log_offset <= :limit"
      " ORDER BY log_offset LIMIT 1",
      EventLog::horizon(tx), limit.offset);
  return next && committed_at(std::get<0>(*next)) <= limit.committed_by;
}

Slice advance(Transaction& tx, const Limit& limit, std::int64_t events_max) {
  const std::int64_t horizon = EventLog::horizon(tx);
  const Passed passed = pass(tx, horizon, limit, events_max);
  Slice slice{.horizon = passed.end, .read = passed.count, .removed = 0};
  for (const std::int64_t offset : passed.superseded) slice.removed += remove(tx, offset);
  for (const auto& [key, newest] : passed.newest) {
    if (const std::int64_t before = kept(tx, key); before > 0) slice.removed += remove(tx, before);
    keep(tx, key, newest);
  }
  if (slice.horizon > horizon) store(tx, "horizon", slice.horizon);
  if (slice.removed > 0) store(tx, "removed", removed(tx) + slice.removed);
  return slice;
}

std::int64_t removed(Transaction& tx) {
  const auto row = tx.first<std::int64_t>(
      "SELECT CAST(value AS BIGINT) FROM ticketing_meta WHERE name = 'removed'");
  return row ? std::get<0>(*row) : 0;
}

Timestamp oldest(Transaction& tx, Timestamp now) {
  const auto row =
      tx.first<std::string>("SELECT envelope FROM ticketing_log ORDER BY log_offset LIMIT 1");
  return row ? committed_at(std::get<0>(*row)) : now;
}

std::vector<KnownConsumer> consumers(Transaction& tx) {
  std::vector<KnownConsumer> known;
  tx.for_each<std::string, std::int64_t, Timestamp>(
      "SELECT name, log_offset, seen_at FROM ticketing_consumers ORDER BY name",
      [&](std::string name, std::int64_t cursor, Timestamp seen_at) {
        known.push_back({std::move(name), cursor, seen_at});
      });
  return known;
}

void note(Transaction& tx, const KnownConsumer& consumer) {
  tx.execute(
      "INSERT INTO ticketing_consumers (name, log_offset, seen_at)"
      " VALUES (:name, :log_offset, :seen_at) ON CONFLICT (name) DO UPDATE"
      " SET log_offset = excluded.log_offset, seen_at = excluded.seen_at",
      consumer.name, consumer.cursor, consumer.seen_at);
}

void forget(Transaction& tx, std::string_view name) {
  tx.execute("DELETE FROM ticketing_consumers WHERE name = :name", name);
}

}  // namespace ticketing::compaction
