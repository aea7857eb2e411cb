#pragma once
// Inbox: applies batches of events to a consumer's database, each event's effects once.
//
// Effects, the events that these publish and the cursor commit in one transaction. An event whose
// handler fails is set aside with its reason and retried with backoff; after that it is a dead
// letter. Later events of the same aggregate wait behind it, other aggregates flow on.
// A core: all state is in tables; time and randomness are handed in. Belongs to the writer.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/core/error.hpp"
#include "ticketing/events/envelope.hpp"
#include "ticketing/messaging/dead_letter.hpp"
#include "ticketing/messaging/event_log.hpp"
#include "ticketing/messaging/replica.hpp"
#include "ticketing/messaging/subscription.hpp"

namespace ticketing {

struct RetryPolicy {
  std::int64_t attempts_max = 6;
  std::chrono::milliseconds first_pause{50};
  std::chrono::milliseconds pause_max{10'000};

  /// Doubles from first_pause to pause_max, then is spread by up to a quarter either way so that
  /// retries of many do not meet (`spread` is random).
  std::chrono::milliseconds pause_after(std::int64_t attempts, std::uint64_t spread) const;
};

/// What applying has led to, for the driver to pass on once it is durable.
struct Effects {
  std::vector<LogEntry> published;
  std::vector<Gap> gaps;  ///< To be fetched.
  bool timers_changed = false;
  bool retries_changed = false;
};

/// Thrown by a dispatch that cannot finish an event yet: what it did is undone, and the event is
/// tried again after `pause`, however often. Not an Error: nothing has failed. A pause beyond
/// RetryPolicy::pause_max is cut to it.
struct StillWorking {
  std::chrono::milliseconds pause;
  std::string reason;  ///< For whoever looks at what waits.
};

class Inbox {
 public:
  /// Whether handlers run too, or only replicas, which recognise what they know already.
  enum class Scope { everything, replicas_only };
  /// Runs everything that an event leads to in `tx`, and adds to `effects`.
  using Dispatch =
      std::function<void(Transaction& tx, const Envelope& envelope, Effects& effects, Scope scope)>;

  Inbox(Dispatch dispatch, RetryPolicy policy, const Clock& clock, Random& random);

  /// Applies `batch` and moves the cursor; a replay goes to the replicas and leaves the cursor.
  /// Throws Error: corrupt – stop; unavailable – nothing was applied, offer the batch again later.
  Effects apply(Transaction& tx, const Batch& batch) const;
  /// Tries what was set aside and is due again, and then what waits behind it.
  Effects retry_due(Transaction& tx) const;
  /// When the next retry is due, if any.
  std::optional<Timestamp> next_retry(Transaction& tx) const;

  static std::optional<Cursor> cursor(Transaction& tx, std::string_view log);
  static std::vector<DeadLetter> list(Transaction& tx, const DeadLetterQuery& query = {});
  /// With its envelope; nullopt when nothing is set aside at that place.
  static std::optional<DeadLetter> find(Transaction& tx, std::string_view log, std::int64_t offset);
  static std::int64_t count_dead(Transaction& tx);
  /// Makes a dead letter due again at once. False when there is none at that place.
  bool redrive(Transaction& tx, std::string_view log, std::int64_t offset) const;
  /// Gives a dead letter up for good, so that what waits behind it goes on. False as above.
  bool skip(Transaction& tx, std::string_view log, std::int64_t offset) const;

 private:
  struct Item;
  struct Setback;
  std::optional<Effects> try_plainly(Transaction& tx, const std::vector<Item>& items) const;
  Effects apply_plainly(Transaction& tx, const std::vector<Item>& items) const;
  Effects replay(Transaction& tx, const std::vector<Item>& items) const;
  Effects apply_carefully(Transaction& tx, const std::vector<Item>& items) const;
  void dispatch(Transaction& tx, const Item& item, Effects& effects, Scope scope) const;
  std::optional<Setback> attempt(Transaction& tx, const Item& item, Effects& effects,
                                 Scope scope) const;
  void set_aside(Transaction& tx, const Item& item, std::int64_t attempts_before,
                 const Setback& setback) const;
  std::chrono::milliseconds pause_after(const Setback& setback, std::int64_t attempts) const;
  Timestamp horizon() const;
  void set_behind(Transaction& tx, const Item& item) const;
  /// The event at that place is over and done with: the next one of its aggregate need not wait.
  void settle(Transaction& tx, std::string_view log, std::int64_t offset,
              std::string_view aggregate_id) const;

  Dispatch dispatch_;
  RetryPolicy policy_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace ticketing
