#include "ticketing/messaging/timers.hpp"

namespace ticketing::timers {

void set(Transaction& tx, std::string_view kind, std::string_view id, Timestamp due,
         const Causality& causality) {
  tx.execute(
      "INSERT INTO ticketing_timers"
      " (kind, id, due, attempts, correlation_id, causation_id, traceparent)"
      " VALUES (:kind, :id, :due, 0, :correlation, :causation, :traceparent)"
      " ON CONFLICT (kind, id) DO UPDATE SET due = excluded.due, attempts = 0,"
      " correlation_id = excluded.correlation_id, causation_id = excluded.causation_id,"
      " traceparent = excluded.traceparent",
      kind, id, due, causality.correlation_id, causality.causation_id, causality.traceparent);
}

std::vector<Timer> due(Transaction& tx, Timestamp now, std::size_t count_max) {
  std::vector<Timer> timers;
  using Text = std::optional<std::string>;
  tx.for_each<std::string, std::string, Timestamp, std::int64_t, std::string, Text, Text>(
      "SELECT kind, id, due, attempts, correlation_id, causation_id, traceparent"
      " FROM ticketing_timers WHERE due <= :now ORDER BY due LIMIT :count",
      [&](std::string kind, std::string id, Timestamp at, std::int64_t attempts,
          std::string correlation, Text causation, Text traceparent) {
        timers.push_back({std::move(kind),
                          std::move(id),
                          at,
                          attempts,
                          {std::move(correlation), std::move(causation), std::move(traceparent)}});
      },
      now, static_cast<std::int64_t>(count_max));
  return timers;
}

bool remove(Transaction& tx, std::string_view kind, std::string_view id) {
  return tx.execute("DELETE FROM ticketing_timers WHERE kind = :kind AND id = :id", kind, id) == 1;
}

bool remove(Transaction& tx, const Timer& timer) {
  return tx.execute("DELETE FROM ticketing_timers WHERE kind = :kind AND id = :id AND due = :due",
                    timer.kind, timer.id, timer.due) == 1;
}

void postpone(Transaction& tx, const Timer& timer, Timestamp due) {
  tx.execute(
      "UPDATE ticketing_timers SET due = :due, attempts = :attempts"
      " WHERE kind = :kind AND id = :id AND due = :was_due",
      due, timer.attempts + 1, timer.kind, timer.id, timer.due);
}

std::optional<Timestamp> next_due(Transaction& tx) {
  const auto row = tx.first<std::optional<Timestamp>>("SELECT min(due) FROM ticketing_timers");
  return std::get<0>(*row);
}

}  // namespace ticketing::timers
