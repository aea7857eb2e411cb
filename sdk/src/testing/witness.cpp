#include "testing/witness.hpp"

#include <utility>

#include "ticketing/messaging/inbox.hpp"
#include "ticketing/messaging/timers.hpp"

namespace ticketing::testing {

namespace {

constexpr std::size_t kTimersMax = 1'000;

std::string line_of(const DeadLetter& letter) {
  const std::string event = letter.subject + ' ' + letter.aggregate_id;
  if (letter.state == "behind") return "waits behind another: " + event;
  const std::string why =
      event + " after attempt " + std::to_string(letter.attempts) + ", " + letter.reason;
  return (letter.state == "dead" ? "dead letter: " : "set aside: ") + why;
}

std::set<std::string> lines_in(Transaction& tx) {
  std::set<std::string> lines;
  for (const Timer& timer : timers::due(tx, Timestamp::max(), kTimersMax)) {
    lines.insert("scheduled: " + timer.kind + ' ' + timer.id + " at " + to_text(timer.due));
  }
  for (const DeadLetter& letter : Inbox::list(tx)) lines.insert(line_of(letter));
  tx.for_each<std::string, std::string, std::int64_t>(
      "SELECT kind, id, version FROM ticketing_parked",
      [&](const std::string& kind, const std::string& id, std::int64_t version) {
        lines.insert("parked: " + kind + ' ' + id + " version " + std::to_string(version));
      });
  return lines;
}

}  // namespace

void Witness::look(const std::string& service, const Database& database) {
  std::set<std::string> now;
  database.read([&](Transaction& tx) { now = lines_in(tx); });
  std::set<std::string>& before = seen_[service];
  for (const std::string& line : before) {
    if (!now.contains(line)) trace_.comment(service, "  no more " + line);
  }
  for (const std::string& line : now) {
    if (!before.contains(line)) trace_.comment(service, "  " + line);
  }
  before = std::move(now);
}

}  // namespace ticketing::testing
