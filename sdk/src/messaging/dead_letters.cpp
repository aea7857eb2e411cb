// The part of Inbox that lists what was set aside, and lets it go on.

#include <tuple>

#include "ticketing/messaging/inbox.hpp"

namespace ticketing {

void Inbox::settle(Transaction& tx, std::string_view log, std::int64_t offset,
                   std::string_view aggregate_id) const {
  const Timestamp now = clock_.now();
  tx.execute("DELETE FROM ticketing_inbox WHERE log = :log AND log_offset = :log_offset", log,
             offset);
  tx.execute(
      "UPDATE ticketing_inbox SET state = 'retry', due = :due WHERE state = 'behind' AND log = :log"
      " AND log_offset = (SELECT min(log_offset) FROM ticketing_inbox"
      " WHERE log = :log2 AND aggregate_id = :aggregate)",
      now, log, log, aggregate_id);
}

std::vector<DeadLetter> Inbox::list(Transaction& tx, const DeadLetterQuery& query) {
  std::vector<DeadLetter> letters;
  tx.for_each<std::string, std::int64_t, std::string, std::string, std::string, std::int64_t,
              Timestamp, std::string>(
      "SELECT log, log_offset, aggregate_id, subject, state, attempts, due, reason"
      " FROM ticketing_inbox WHERE (log, log_offset) > (:log, :log_offset)"
      " AND (:any_state OR state = :state) ORDER BY log, log_offset LIMIT :count",
      [&](std::string log, std::int64_t offset, std::string aggregate, std::string subject,
          std::string state, std::int64_t attempts, Timestamp due, std::string reason) {
        letters.push_back({std::move(log),
                           offset,
                           std::move(aggregate),
                           std::move(subject),
                           std::move(state),
                           attempts,
                           std::move(reason),
                           due,
                           {}});
        if (letters.back().state != "retry") letters.back().due.reset();
      },
      query.after_log, query.after_offset, query.state.empty(), query.state, query.count_max);
  return letters;
}

std::optional<DeadLetter> Inbox::find(Transaction& tx, std::string_view log, std::int64_t offset) {
  DeadLetterQuery query{.after_log = std::string{log}, .after_offset = offset - 1, .count_max = 1};
  std::vector<DeadLetter> found = list(tx, query);
  if (found.empty() || found[0].log != log || found[0].offset != offset) return std::nullopt;
  found[0].envelope = std::get<0>(*tx.first<std::string>(
      "SELECT envelope FROM ticketing_inbox WHERE log = :log AND log_offset = :log_offset", log,
      offset));
  return std::move(found[0]);
}

std::int64_t Inbox::count_dead(Transaction& tx) {
  return std::get<0>(
      *tx.first<std::int64_t>("SELECT count(*) FROM ticketing_inbox WHERE state = 'dead'"));
}

bool Inbox::redrive(Transaction& tx, std::string_view log, std::int64_t offset) const {
  return tx.execute(
             "UPDATE ticketing_inbox SET state = 'retry', attempts = 0, due = :due"
             " WHERE log = :log AND log_offset = :log_offset AND state = 'dead'",
             clock_.now(), log, offset) == 1;
}

bool Inbox::skip(Transaction& tx, std::string_view log, std::int64_t offset) const {
  const auto row = tx.first<std::string>(
      "SELECT aggregate_id FROM ticketing_inbox"
      " WHERE log = :log AND log_offset = :log_offset AND state = 'dead'",
      log, offset);
  if (!row) return false;
  settle(tx, log, offset, std::get<0>(*row));
  return true;
}

}  // namespace ticketing
