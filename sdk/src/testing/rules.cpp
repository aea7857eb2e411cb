#include "testing/rules.hpp"

#include <set>

#include "ticketing/messaging/inbox.hpp"
#include "ticketing/testing/world.hpp"

namespace ticketing::testing {

namespace {

std::string at(const Envelope& event) {
  return event.type + " at offset " + std::to_string(event.offset);
}

using Versions = std::map<std::pair<std::string, std::string>, std::int64_t>;  // Of kind and id.

Versions versions_in(Transaction& tx) {
  Versions versions;
  tx.for_each<std::string, std::string, std::int64_t>(
      "SELECT kind, id, version FROM ticketing_replicas",
      [&](std::string kind, std::string id, std::int64_t version) {
        versions[{std::move(kind), std::move(id)}] = version;
      });
  return versions;
}

/// Aggregates that are held up by a dead letter.
std::set<std::string> held_up_in(Transaction& tx) {
  std::set<std::string> ids;
  for (DeadLetter& letter : Inbox::list(tx)) ids.insert(std::move(letter.aggregate_id));
  return ids;
}

}  // namespace

void Rules::on_event(const std::string& service, const Envelope& event) {
  std::int64_t& head = heads_[service];
  if (event.offset != head + 1) {
    throw Broken("I3", "the log of " + service + " has a gap or a repetition before " + at(event),
                 {event.aggregate_id});
  }
  head = event.offset;
  Aggregate& known = aggregates_[service + ' ' + event.aggregate_id];
  if (event.version != known.version + 1) {
    throw Broken("I4",
                 service + " published " + at(event) + " with version " +
                     std::to_string(event.version) + " where " + std::to_string(known.version + 1) +
                     " was due",
                 {event.aggregate_id});
  }
  known = {service, event.aggregate_id, event.type, event.version};
}

std::int64_t Rules::head_of(const std::string& service) const {
  const auto known = heads_.find(service);
  return known == heads_.end() ? 0 : known->second;
}

void Rules::on_restart(const std::string& service, std::int64_t head) const {
  if (head >= head_of(service)) return;
  throw Broken("I3", "the log of " + service + " ends at " + std::to_string(head) +
                         " after a restart, and was at " + std::to_string(head_of(service)));
}

void Rules::on_handled(const std::string& service, Transaction& tx, std::string_view log,
                       const Envelope& event) {
  const auto before = tx.first<std::int64_t>(
      "SELECT log_offset FROM ticketing_inbox WHERE log = :log AND aggregate_id = :aggregate"
      " AND log_offset < :log_offset LIMIT 1",
      log, event.aggregate_id, event.offset);
  if (!before) return;
  throw Broken("order",
               service + " handled " + at(event) + " of " + std::string{log} + ", and offset " +
                   std::to_string(std::get<0>(*before)) + " of the same aggregate is set aside",
               {event.aggregate_id});
}

void Rules::on_applied(const Service& consumer, const Database& database, const Batch& batch) {
  database.read([&](Transaction& tx) {
    for (const ReceivedEvent& received : batch.events) {
      const Envelope event = decode_envelope(received.envelope);
      const auto entry = consumer.definition().events.find(event.type);
      if (entry == consumer.definition().events.end()) continue;
      for (const ReplicaStore& replica : entry->second.replicas) {
        const std::int64_t version = replica.version_of(tx, event.aggregate_id);
        const std::string key = consumer.name() + ' ' + replica.kind() + ' ' + event.aggregate_id;
        std::int64_t& newest = replicas_.try_emplace(key, -1).first->second;
        if (version < newest) {
          throw Broken("I5",
                       key + " fell from version " + std::to_string(newest) + " to " +
                           std::to_string(version),
                       {event.aggregate_id});
        }
        newest = version;
      }
    }
  });
}

void Rules::at_rest(const Service& consumer, const Database& database) const {
  Versions versions;
  std::set<std::string> held_up;
  database.read([&](Transaction& tx) {
    versions = versions_in(tx);
    held_up = held_up_in(tx);
  });
  for (const auto& [name, owned] : aggregates_) {
    const auto entry = consumer.definition().events.find(owned.subject);
    if (entry == consumer.definition().events.end() || held_up.contains(owned.id)) continue;
    for (const ReplicaStore& replica : entry->second.replicas) {
      const auto found = versions.find({replica.kind(), owned.id});
      const std::int64_t version = found == versions.end() ? -1 : found->second;
      if (version == owned.version) continue;
      throw Broken("I5",
                   "at rest " + consumer.name() + " has version " + std::to_string(version) +
                       " of the " + replica.kind() + ", and " + owned.service + " has " +
                       std::to_string(owned.version),
                   {owned.id});
    }
  }
}

}  // namespace ticketing::testing
