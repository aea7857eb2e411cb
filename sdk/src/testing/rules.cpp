#include "testing/rules.hpp"

#include "ticketing/testing/world.hpp"

namespace ticketing::testing {

namespace {

std::string at(const Envelope& event) {
  return event.type + " at offset " + std::to_string(event.offset);
}

/// Which service owns what is replicated as a kind.
std::map<std::string, std::string> owners_of_kinds(const Service& service) {
  std::map<std::string, std::string> owners;
  for (const auto& [subject, entry] : service.definition().events) {
    for (const ReplicaStore& replica : entry.replicas) owners[replica.kind()] = entry.publisher;
  }
  return owners;
}

}  // namespace

void Rules::on_event(const std::string& service, const Envelope& event) {
  std::int64_t& head = heads_[service];
  if (event.offset != head + 1) {
    throw Broken("I3", "the log of " + service + " has a gap or a repetition before " + at(event),
                 {event.aggregate_id});
  }
  head = event.offset;
  const auto [known, is_new] = owners_.try_emplace(service + ' ' + event.aggregate_id, -1);
  if (event.version != ++known->second) {
    throw Broken("I4",
                 service + " published " + at(event) + " with version " +
                     std::to_string(event.version) + " where " + std::to_string(known->second) +
                     " was due",
                 {event.aggregate_id});
  }
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
  const auto owners = owners_of_kinds(consumer);
  database.read([&](Transaction& tx) {
    tx.for_each<std::string, std::string, std::int64_t>(
        "SELECT kind, id, version FROM ticketing_replicas",
        [&](const std::string& kind, const std::string& id, std::int64_t version) {
          const auto owner = owners.find(kind);
          if (owner == owners.end()) return;  // Of an older definition.
          const auto owned = owners_.find(owner->second + ' ' + id);
          if (owned != owners_.end() && owned->second == version) return;
          throw Broken("I5",
                       "at rest " + consumer.name() + " has " + kind + " at version " +
                           std::to_string(version) + ", its owner is past it",
                       {id});
        });
  });
}

}  // namespace ticketing::testing
