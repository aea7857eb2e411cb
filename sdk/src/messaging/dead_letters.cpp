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

std::vector<DeadLetter> Inbox::list(Transaction& tx) {
  std::vector<DeadLetter> letters;
  tx.for_each<std::string, std::int64_t, std::string, std::string, std::string, std::int64_t,
              std::string>(
      "SELECT log, log_offset, aggregate_id, subject, state, attempts, reason FROM ticketing_inbox"
      " ORDER BY log, log_offset",
      [&](std::string log, std::int64_t offset, std::string aggregate, std::string subject,
          std::string state, std::int64_t attempts, std::string reason) {
        letters.push_back({std::move(log), offset, std::move(aggregate), std::move(subject),
                           std::move(state), attempts, std::move(reason)});
      });
  return letters;
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
