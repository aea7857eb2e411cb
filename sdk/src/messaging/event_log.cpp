#include "ticketing/messaging/event_log.hpp"

#include <algorithm>

#include "ticketing/events/envelope.hpp"

namespace ticketing {

namespace {

/// Some engines hand a query's rows over all at once, and each row may be a megabyte. (A hundred at
/// once cost a late joiner 6 % of its pace.)
constexpr std::int64_t kRowsAtOnce = 500;

std::string load_or_make_id(Transaction& tx, Random& random, Timestamp now) {
  const auto row = tx.first<std::string>("SELECT value FROM ticketing_meta WHERE name = 'log_id'");
  if (row) return std::get<0>(*row);
  std::string id = new_id(now, random);
  tx.execute("INSERT INTO ticketing_meta (name, value) VALUES ('log_id', :id)", id);
  return id;
}

}  // namespace

EventLog::EventLog(std::string name, Transaction& tx, Random& random, Timestamp now)
    : name_(std::move(name)), id_(load_or_make_id(tx, random, now)) {}

std::vector<LogEntry> EventLog::append(Transaction& tx, std::span<const StagedEvent> events,
                                       const Causality& causality, Timestamp now) const {
  std::vector<LogEntry> entries;
  if (events.empty()) return entries;
  entries.reserve(events.size());
  Envelope envelope;
  envelope.source = "/ticketing/" + name_;
  envelope.time = now;
  envelope.log_id = id_;
  envelope.causation_id = causality.causation_id;
  envelope.correlation_id = causality.correlation_id;
  envelope.traceparent = causality.traceparent;
  std::int64_t offset = head(tx);
  for (const StagedEvent& event : events) {
    envelope.offset = ++offset;
    envelope.id = id_ + '-' + std::to_string(offset);
    envelope.type = event.subject;
    envelope.aggregate_id = event.aggregate_id;
    envelope.version = event.version;
    envelope.data.text = event.data;
    LogEntry& entry =
        entries.emplace_back(LogEntry{offset, std::string{event.subject}, encode(envelope)});
    tx.execute(
        "INSERT INTO ticketing_log (log_offset, subject, aggregate_id, version, envelope)"
        " VALUES (:log_offset, :subject, :aggregate_id, :version, :envelope)",
        offset, event.subject, event.aggregate_id, event.version, entry.envelope);
  }
  return entries;
}

std::int64_t EventLog::head(Transaction& tx) {
  return std::get<0>(
      *tx.first<std::int64_t>("SELECT coalesce(max(log_offset), 0) FROM ticketing_log"));
}

std::int64_t EventLog::horizon(Transaction& tx) {
  const auto row = tx.first<std::int64_t>(
      "SELECT CAST(value AS BIGINT) FROM ticketing_meta WHERE name = 'horizon'");
  return row ? std::get<0>(*row) : 0;
}

LogPage EventLog::read(Transaction& tx, const LogQuery& query) {
  LogPage page;
  page.head = head(tx);
  page.horizon = horizon(tx);
  page.covered_to = std::max(query.after, std::min(page.head, query.until));
  // More rows than asked for may be scanned to find those of the wanted subjects; a bound on the
  // rows, not on the matches, keeps one question short.
  TICKETING_ASSERT(query.count_max > 0);
  const std::int64_t rows_max =
      static_cast<std::int64_t>(query.count_max) * (query.subjects.empty() ? 1 : 4);
  std::size_t bytes = 0;
  std::int64_t rows = 0;
  std::int64_t last = query.after;
  for (bool more = true; more;) {
    const std::int64_t asked = std::min(kRowsAtOnce, rows_max - rows);
    std::int64_t seen = 0;
    bool is_full = false;
    tx.for_each<std::int64_t, std::string, std::string>(
        "SELECT log_offset, subject, envelope FROM ticketing_log"
        " WHERE log_offset > :after AND log_offset <= :until ORDER BY log_offset LIMIT :rows",
        [&](std::int64_t offset, std::string subject, std::string envelope) {
          ++seen;
          last = offset;
          const bool wanted = query.subjects.empty() ||
                              std::find(query.subjects.begin(), query.subjects.end(), subject) !=
                                  query.subjects.end();
          if (wanted) {
            bytes += envelope.size();
            page.entries.push_back({offset, std::move(subject), std::move(envelope)});
          }
          is_full = rows + seen == rows_max || page.entries.size() == query.count_max ||
                    bytes > query.bytes_max;
          if (is_full) page.covered_to = offset;
          return !is_full;
        },
        last, query.until, asked);
    rows += seen;
    more = !is_full && seen == asked;
  }
  return page;
}

}  // namespace ticketing
