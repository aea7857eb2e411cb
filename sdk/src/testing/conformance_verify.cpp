// The part of LogFollower that compares what has come of a log with the log.

#include <algorithm>

#include "testing/conformance_follower.hpp"

namespace ticketing::testing {

namespace {

std::string text_of(std::int64_t offset) { return "event " + std::to_string(offset); }

}  // namespace

std::int64_t LogFollower::heard() const {
  std::int64_t count = 0;
  database_->read([&](Transaction& tx) {
    count = std::get<0>(*tx.first<std::int64_t>("SELECT count(*) FROM heard"));
  });
  return count;
}

bool LogFollower::misses_versions() const {
  std::int64_t parked = 0;
  database_->read([&](Transaction& tx) { parked = replica_.parked(tx); });
  return parked > 0;
}

std::vector<DeadLetter> LogFollower::set_aside() const {
  std::vector<DeadLetter> letters;
  database_->read([&](Transaction& tx) { letters = Inbox::list(tx); });
  return letters;
}

bool LogFollower::wants(const Envelope& event) const {
  const auto& wanted = plan_.subjects;
  const std::int64_t after = plan_.starts_after ? plan_.starts_after->offset : 0;
  return event.offset > after &&
         (wanted.empty() || std::find(wanted.begin(), wanted.end(), event.type) != wanted.end());
}

void LogFollower::verify(const std::vector<std::int64_t>& left_out) const {
  const std::vector<Envelope> log = owner_.events();
  verify_heard(log, left_out);
  if (plan_.subjects.empty()) verify_replicas(log);
}

void LogFollower::verify_heard(const std::vector<Envelope>& log,
                               const std::vector<std::int64_t>& left_out) const {
  std::map<std::int64_t, const Envelope*> expected;
  for (const Envelope& event : log) {
    const bool is_left_out =
        std::find(left_out.begin(), left_out.end(), event.offset) != left_out.end();
    if (wants(event) && !is_left_out) expected.emplace(event.offset, &event);
  }
  std::map<std::string, std::int64_t> newest;  // Of each thing; in all, under no name.
  auto check = [&](std::int64_t offset, const std::string& id) {
    const auto found = expected.find(offset);
    if (found == expected.end() || found->second->id != id) {
      throw Unmet(name() + " heard " + text_of(offset) +
                  " twice, or though it is not in the log or not wanted");
    }
    std::int64_t& last = newest[had_failures_ ? found->second->aggregate_id : std::string{}];
    if (offset < last) {
      throw Unmet(name() + " heard " + text_of(offset) + " after " + text_of(last));
    }
    last = offset;
    expected.erase(found);
  };
  database_->read([&](Transaction& tx) {
    tx.for_each<std::int64_t, std::string>("SELECT log_offset, event_id FROM heard ORDER BY seq",
                                           check);
  });
  if (expected.empty()) return;
  throw Unmet(name() + " has not heard " + text_of(expected.begin()->first) + " (" +
              std::to_string(expected.size()) + " are missing)");
}

void LogFollower::verify_replicas(const std::vector<Envelope>& log) const {
  std::map<std::string, const Envelope*> newest;
  for (const Envelope& event : log) newest[event.aggregate_id] = &event;
  database_->read([&](Transaction& tx) {
    for (const auto& [id, event] : newest) {
      const std::int64_t version = replica_.version_of(tx, id);
      if (version == event->version && replica_.find(tx, id) == event->data.text) continue;
      throw Unmet(name() + " has " + id + " at version " + std::to_string(version) +
                  ", its owner at " + std::to_string(event->version));
    }
  });
}

}  // namespace ticketing::testing
