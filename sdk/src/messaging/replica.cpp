#include "ticketing/messaging/replica.hpp"

#include <tuple>

#include "ticketing/core/error.hpp"

namespace ticketing {

namespace {

struct Held {
  std::int64_t version = -1;  // What comes next is always version + 1.
  std::int64_t offset = 0;
};

Held held(Transaction& tx, std::string_view kind, std::string_view id) {
  const auto row = tx.first<std::int64_t, std::int64_t>(
      "SELECT version, log_offset FROM ticketing_replicas WHERE kind = :kind AND id = :id", kind,
      id);
  if (!row) return {};
  return {std::get<0>(*row), std::get<1>(*row)};
}

void store(Transaction& tx, std::string_view kind, std::string_view id, std::int64_t version,
           std::int64_t offset, std::string_view data) {
  tx.execute(
      "INSERT INTO ticketing_replicas (kind, id, version, log_offset, data)"
      " VALUES (:kind, :id, :version, :log_offset, :data)"
      " ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version,"
      " log_offset = excluded.log_offset, data = excluded.data",
      kind, id, version, offset, data);
}

/// Takes the event if it is what comes next, which nearly every one is: in one statement. A first
/// version, or one from a snapshot, is next to whatever is older, and to nothing.
bool take(Transaction& tx, std::string_view kind, const Envelope& envelope) {
  if (envelope.version == 0 || envelope.from_snapshot) {
    return tx.execute(
               "INSERT INTO ticketing_replicas (kind, id, version, log_offset, data)"
               " VALUES (:kind, :id, :version, :log_offset, :data)"
               " ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version,"
               " log_offset = excluded.log_offset, data = excluded.data"
               " WHERE excluded.version > ticketing_replicas.version",
               kind, envelope.aggregate_id, envelope.version, envelope.offset,
               envelope.data.text) > 0;
  }
  return tx.execute(
             "UPDATE ticketing_replicas SET version = :version, log_offset = :log_offset,"
             " data = :data WHERE kind = :kind AND id = :id AND version = :before",
             envelope.version, envelope.offset, envelope.data.text, kind, envelope.aggregate_id,
             envelope.version - 1) > 0;
}

bool is_parked(Transaction& tx, std::string_view kind, std::string_view id, std::int64_t version) {
  return tx
      .first<std::int64_t>(
          "SELECT 1 FROM ticketing_parked WHERE kind = :kind AND id = :id AND version = :version",
          kind, id, version)
      .has_value();
}

/// Applies parked versions that now follow without a gap; returns how many.
std::size_t unpark(Transaction& tx, std::string_view kind, std::string_view id,
                   std::int64_t version) {
  const auto parked = tx.query<std::int64_t, std::int64_t, std::string>(
      "SELECT version, log_offset, data FROM ticketing_parked"
      " WHERE kind = :kind AND id = :id ORDER BY version",
      kind, id);
  std::size_t applied = 0;
  for (const auto& [next, offset, data] : parked) {
    if (next > version + 1) break;
    if (next == version + 1) {
      store(tx, kind, id, next, offset, data);
      version = next;
      ++applied;
    }
    tx.execute(
        "DELETE FROM ticketing_parked WHERE kind = :kind AND id = :id AND version = :version", kind,
        id, next);
  }
  return applied;
}

}  // namespace

ReplicaStore::ReplicaStore(std::string kind, std::size_t parked_max)
    : kind_(std::move(kind)), parked_max_(parked_max) {}

ReplicaResult ReplicaStore::apply(Transaction& tx, const Envelope& envelope) const {
  const std::string& id = envelope.aggregate_id;
  if (take(tx, kind_, envelope)) {
    const bool healed = unpark(tx, kind_, id, envelope.version) > 0;
    return {healed ? Verdict::healed : Verdict::applied, {}};
  }
  const Held now = held(tx, kind_, id);
  if (envelope.version <= now.version) return {Verdict::duplicate, {}};
  const Gap gap{now.offset, envelope.offset};
  if (is_parked(tx, kind_, id, envelope.version)) return {Verdict::parked, gap};
  if (static_cast<std::size_t>(parked(tx)) >= parked_max_) {
    throw Error(ErrorCode::unavailable, "too many events of " + kind_ + " wait for earlier ones");
  }
  tx.execute(
      "INSERT INTO ticketing_parked (kind, id, version, log_offset, data)"
      " VALUES (:kind, :id, :version, :log_offset, :data)",
      kind_, id, envelope.version, envelope.offset, envelope.data.text);
  return {Verdict::parked, gap};
}

void ReplicaStore::heal(Transaction& tx, std::int64_t horizon) const {
  const auto newest = tx.query<std::string, std::int64_t, std::int64_t, std::string>(
      "SELECT p.id, p.version, p.log_offset, p.data FROM ticketing_parked p"
      " WHERE p.kind = :kind AND p.version = (SELECT max(version) FROM ticketing_parked"
      " WHERE kind = p.kind AND id = p.id AND log_offset <= :horizon)",
      kind_, horizon);
  for (const auto& [id, version, offset, data] : newest) {
    if (version > held(tx, kind_, id).version) store(tx, kind_, id, version, offset, data);
    unpark(tx, kind_, id, version_of(tx, id));
  }
}

std::optional<std::string> ReplicaStore::find(Transaction& tx, std::string_view id) const {
  auto row = tx.first<std::string>(
      "SELECT data FROM ticketing_replicas WHERE kind = :kind AND id = :id", kind_, id);
  if (!row) return std::nullopt;
  return std::move(std::get<0>(*row));
}

std::int64_t ReplicaStore::version_of(Transaction& tx, std::string_view id) const {
  return held(tx, kind_, id).version;
}

std::int64_t ReplicaStore::parked(Transaction& tx) const {
  return std::get<0>(
      *tx.first<std::int64_t>("SELECT count(*) FROM ticketing_parked WHERE kind = :kind", kind_));
}

std::vector<Gap> ReplicaStore::gaps(Transaction& tx) const {
  std::vector<Gap> gaps;
  tx.for_each<std::int64_t, std::int64_t>(
      "SELECT coalesce(max(r.log_offset), 0), min(p.log_offset) FROM ticketing_parked p"
      " LEFT JOIN ticketing_replicas r ON r.kind = p.kind AND r.id = p.id"
      " WHERE p.kind = :kind GROUP BY p.id ORDER BY p.id",
      [&](std::int64_t after, std::int64_t before) {
        gaps.push_back({after, before});
      },
      kind_);
  return gaps;
}

}  // namespace ticketing
