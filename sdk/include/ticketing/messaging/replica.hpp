#pragma once
// Replica: a service's local copy of another service's aggregates, kept by applying their events.
//
// Versions are taken strictly one by one. An older one is a duplicate and changes nothing; a newer
// one is parked (durably, bounded) while the gap before it is fetched; when the missing one comes,
// the parked ones follow by themselves. No order of arrival, repetition or loss changes where a
// replica ends up. Where the log is a snapshot, an event from it is the next version whichever it
// is: those before it are gone, and it is the whole state. Lives inside transactions and holds no
// state of its own: any writer may use it. Throws Error(unavailable) when too much is parked: the
// event must be offered again later.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/core/json.hpp"
#include "ticketing/events/envelope.hpp"
#include "ticketing/storage/transaction.hpp"

namespace ticketing {

enum class Verdict {
  applied,    ///< It was the next version.
  duplicate,  ///< The replica is at that version or past it.
  parked,     ///< Versions before it are missing.
  healed,     ///< It was the missing one, and parked ones followed.
};

/// The offsets between which the missing versions of an aggregate lie, both exclusive.
struct Gap {
  std::int64_t after = 0;
  std::int64_t before = 0;
  std::string log = {};  ///< Whose offsets they are; the inbox fills it in.
};

struct ReplicaResult {
  Verdict verdict{};
  std::optional<Gap> gap;  ///< Present when parked.
};

class ReplicaStore {
 public:
  /// `kind` names the aggregate, as in `ticket`. Parks at most `parked_max` events per kind.
  explicit ReplicaStore(std::string kind, std::size_t parked_max = 10'000);

  const std::string& kind() const { return kind_; }
  /// Applies the event `envelope`, whose data is the aggregate's whole state.
  ReplicaResult apply(Transaction& tx, const Envelope& envelope) const;

  /// Of an aggregate's parked versions up to `horizon`, the newest takes effect: those before it
  /// are gone from the log for good, and it is the whole state. Those that follow without a gap
  /// follow.
  void heal(Transaction& tx, std::int64_t horizon) const;

  /// The newest data of aggregate `id` as JSON, or nullopt.
  std::optional<std::string> find(Transaction& tx, std::string_view id) const;
  /// The newest version of aggregate `id`, or -1.
  std::int64_t version_of(Transaction& tx, std::string_view id) const;
  std::int64_t parked(Transaction& tx) const;
  /// What is missing before what is parked, one per aggregate: to be fetched after a restart, since
  /// a request for a replay is not stored.
  std::vector<Gap> gaps(Transaction& tx) const;

 private:
  std::string kind_;
  std::size_t parked_max_;
};

/// A typed view of a ReplicaStore: `Fact` is the record that all events of the aggregate carry.
template <Record Fact>
class Replica {
 public:
  explicit Replica(std::string kind) : store_(std::move(kind)) {}
  const ReplicaStore& store() const { return store_; }
  std::optional<Fact> find(Transaction& tx, std::string_view id) const {
    const auto json = store_.find(tx, id);
    if (!json) return std::nullopt;
    return from_json<Fact>(*json);
  }

 private:
  ReplicaStore store_;
};

}  // namespace ticketing
