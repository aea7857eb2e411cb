#include "runtime/leases.hpp"

#include <algorithm>

#include "ticketing/core/error.hpp"

namespace ticketing::runtime {

namespace {

/// FNV-1a, and the finalizer of MurmurHash3 so that names that differ little end far apart. It has
/// to be the same in every build: instances of two versions may be at work together.
std::uint64_t weight(std::string_view lease, std::string_view instance) {
  std::uint64_t hash = 14'695'981'039'346'656'037U;
  for (const std::string_view part : {lease, instance}) {
    for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  }
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdU;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53U;
  return hash ^ (hash >> 33);
}

/// A line each.
std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += name + '\n';
  return text;
}

void set_holder(Transaction& tx, std::string_view lease, std::string_view holder) {
  tx.execute(
      "INSERT INTO ticketing_leases (name, holder) VALUES (:name, :holder)"
      " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder",
      lease, holder);
}

}  // namespace

std::string lease_of(std::string_view log) { return "log " + std::string{log}; }

Leases::Standing Leases::renew(Transaction& tx, const std::set<std::string>& names,
                               bool has_caught_up, Time now) {
  look_around(tx, now);
  tx.execute(
      "INSERT INTO ticketing_instances (id, beats, secrets, names, caught_up)"
      " VALUES (:id, 1, :secrets, :names, :caught_up)"
      " ON CONFLICT (id) DO UPDATE"
      " SET beats = ticketing_instances.beats + 1, caught_up = excluded.caught_up",
      instance_, secrets_, joined(names), std::int64_t{has_caught_up});
  std::map<std::string, std::string> holders;
  tx.for_each<std::string, std::string>(
      "SELECT name, holder FROM ticketing_leases",
      [&](std::string name, std::string holder) { holders[std::move(name)] = std::move(holder); });
  Standing standing;
  for (const std::string& name : names) {
    std::string& holder = holders[name];
    const std::string& due = due_holder(name);
    const bool gives = holder == instance_ && due != instance_;  // It has come since, or is back.
    const bool takes = due == instance_ && holder != instance_ && !others_.contains(holder);
    if (gives || takes) set_holder(tx, name, holder = due);
    if (holder == instance_) {
      standing.held.insert(name);
    } else {
      const auto other = others_.find(holder);
      standing.all_in_hands &= other != others_.end() && other->second.is_at_work;
    }
  }
  return standing;
}

/// Finds the others that live; the rows of the dead go.
void Leases::look_around(Transaction& tx, Time now) {
  // Whoever has not looked for a while, as while the database was away, has seen nobody stand
  // still.
  const bool has_watched = now - looked_at_ < 2 * kBeat;
  looked_at_ = now;
  bool has_joined = false;
  std::map<std::string, Other> others;
  tx.for_each<std::string, std::int64_t, std::string, std::string, std::int64_t>(
      "SELECT id, beats, secrets, names, caught_up FROM ticketing_instances",
      [&](std::string id, std::int64_t beats, const std::string& secrets, std::string names,
          std::int64_t caught_up) {
        if (id == instance_) return void(has_joined = true);
        const auto before = others_.find(id);
        const bool is_known = before != others_.end();
        const bool moves = is_known && before->second.beats != beats;
        Other other{beats, now, std::move(names), secrets == secrets_, false};
        if (is_known && !moves && has_watched) other.since = before->second.since;
        other.is_at_work = caught_up != 0 && (moves || (is_known && before->second.is_at_work));
        others.emplace(std::move(id), std::move(other));
      });
  std::erase_if(others, [&](const auto& one) {
    const bool is_dead = now - one.second.since >= kDeadAfter;
    if (is_dead) tx.execute("DELETE FROM ticketing_instances WHERE id = :id", one.first);
    return is_dead;
  });
  others_ = std::move(others);
  if (!has_joined) check_secrets();
}

/// Whoever is there goes on, though it may be the newcomer who is right: it has users.
void Leases::check_secrets() const {
  const bool all_alike = std::all_of(others_.begin(), others_.end(),
                                     [](const auto& one) { return one.second.has_our_secrets; });
  if (all_alike) return;
  throw Error(ErrorCode::refused,
              "another instance of this service works with other keys; give all of them the same "
              "--secret and --signing-key",
              kOtherSecrets);
}

/// Among those that want it: an instance of another version may not know of it.
const std::string& Leases::due_holder(std::string_view lease) const {
  const std::string* due = &instance_;
  for (const auto& [id, other] : others_) {
    const std::string line = std::string{lease} + '\n';
    const bool wants = ('\n' + other.names).find('\n' + line) != std::string::npos;
    if (wants && weight(lease, id) > weight(lease, *due)) due = &id;
  }
  return *due;
}

void Leases::require(Transaction& tx, std::string_view name) const {
  const auto row =
      tx.first<std::string>("SELECT holder FROM ticketing_leases WHERE name = :name", name);
  if (row && std::get<0>(*row) == instance_) return;
  throw Error(ErrorCode::unavailable, "another instance does this now", kLeaseLost);
}

void Leases::leave(Transaction& tx) const {
  tx.execute("DELETE FROM ticketing_instances WHERE id = :id", instance_);
  tx.execute("DELETE FROM ticketing_leases WHERE holder = :id", instance_);
}

}  // namespace ticketing::runtime
