#include "ticketing/messaging/inbox.hpp"

#include <algorithm>
#include <tuple>

#include "ticketing/core/json.hpp"

namespace ticketing {

namespace {

// States of a row in ticketing_inbox.
constexpr std::string_view kRetry = "retry";    // Its handler failed; due again at `due`.
constexpr std::string_view kBehind = "behind";  // Waits for an earlier event of its aggregate.
constexpr std::string_view kDead = "dead";      // Given up; an operator redrives or skips it.

constexpr std::int64_t kRetriesPerStep = 100;

/// A savepoint inside the transaction at hand: undone unless kept.
class Savepoint {
 public:
  explicit Savepoint(Transaction& tx) : tx_(tx) { tx_.execute("SAVEPOINT event"); }
  void keep() { tx_.execute("RELEASE event"); }
  void undo() {
    tx_.execute("ROLLBACK TO event");
    tx_.execute("RELEASE event");
  }

 private:
  Transaction& tx_;
};

bool nothing_set_aside(Transaction& tx) {
  return !tx.first<std::int64_t>("SELECT 1 FROM ticketing_inbox LIMIT 1");
}

bool is_blocked(Transaction& tx, std::string_view log, std::string_view aggregate_id) {
  return tx
      .first<std::int64_t>(
          "SELECT 1 FROM ticketing_inbox WHERE log = :log AND aggregate_id = :aggregate LIMIT 1",
          log, aggregate_id)
      .has_value();
}

void store_cursor(Transaction& tx, const Batch& batch) {
  tx.execute(
      "INSERT INTO ticketing_cursors (log, log_id, log_offset, horizon)"
      " VALUES (:log, :log_id, :log_offset, :horizon) ON CONFLICT (log) DO UPDATE"
      " SET log_offset = excluded.log_offset, horizon ="
      " CASE WHEN excluded.horizon > ticketing_cursors.horizon THEN excluded.horizon"
      " ELSE ticketing_cursors.horizon END",
      batch.log, batch.cursor.log_id, batch.cursor.offset, batch.horizon);
}

/// Up to where the log is known to be a snapshot: kept for what is set aside and tried again.
std::int64_t horizon_of(Transaction& tx, std::string_view log) {
  const auto row =
      tx.first<std::int64_t>("SELECT horizon FROM ticketing_cursors WHERE log = :log", log);
  return row ? std::get<0>(*row) : 0;
}

void append(Effects& all, Effects&& one) {
  all.published.insert(all.published.end(), std::make_move_iterator(one.published.begin()),
                       std::make_move_iterator(one.published.end()));
  all.gaps.insert(all.gaps.end(), one.gaps.begin(), one.gaps.end());
  all.timers_changed |= one.timers_changed;
  all.retries_changed |= one.retries_changed;
}

/// A row holds text; what came over the wire, or out of a handler, may be none.
std::string as_text(const std::string& bytes) {
  if (is_utf8(bytes) && bytes.find('\0') == std::string::npos) return bytes;
  std::string text = "(not text) ";
  for (const char c : bytes) text += c > 0 && c < 0x7f ? c : '?';
  return text;
}

}  // namespace

struct Inbox::Item {
  const std::string& log;
  const ReceivedEvent& event;
  std::optional<Envelope> envelope;  ///< Empty: cannot be decoded.
  std::string reason;                ///< Why not.

  void decode(std::int64_t horizon) {
    try {
      envelope = decode_envelope(event.envelope);
      if (envelope->aggregate_id.find('\0') != std::string::npos) {
        envelope.reset();
        reason = "its aggregate's id holds the character U+0000";
        return;
      }
      envelope->from_snapshot = event.offset <= horizon;
    } catch (const Error& error) {
      reason = error.what();
    }
  }
};

/// Why an event is set aside.
struct Inbox::Setback {
  std::string reason;
  bool is_final = false;                                ///< Another try would not change it.
  std::optional<std::chrono::milliseconds> pause = {};  ///< Still working: nothing has failed.
};

std::chrono::milliseconds RetryPolicy::pause_after(std::int64_t attempts,
                                                   std::uint64_t spread) const {
  auto pause = first_pause;
  for (std::int64_t i = 1; i < attempts && pause < pause_max; ++i) pause *= 2;
  pause = std::min(pause, pause_max);
  const std::int64_t quarter = std::max<std::int64_t>(1, pause.count() / 4);
  return pause - std::chrono::milliseconds{quarter} +
         std::chrono::milliseconds{
             static_cast<std::int64_t>(spread % static_cast<std::uint64_t>(2 * quarter))};
}

Inbox::Inbox(Dispatch dispatch, RetryPolicy policy, const Clock& clock, Random& random)
    : dispatch_(std::move(dispatch)), policy_(policy), clock_(clock), random_(random) {}

Effects Inbox::apply(Transaction& tx, const Batch& batch) const {
  const std::optional<Cursor> stored = cursor(tx, batch.log);
  if (stored && stored->log_id != batch.cursor.log_id) {
    throw Error(ErrorCode::corrupt, "events of another log than the one that was applied");
  }
  std::vector<Item> items;
  items.reserve(batch.events.size());
  for (const ReceivedEvent& event : batch.events) {
    if (!batch.replay && stored && event.offset <= stored->offset) continue;
    items.emplace_back(Item{batch.log, event, std::nullopt, {}}).decode(batch.horizon);
  }
  if (batch.replay) return replay(tx, items);
  // The common case pays for one savepoint a batch, not one an event.
  std::optional<Effects> effects = try_plainly(tx, items);
  if (!effects) effects = apply_carefully(tx, items);
  if (!stored || batch.cursor.offset > stored->offset) store_cursor(tx, batch);
  return std::move(*effects);
}

/// nullopt, with nothing left behind, when any of them fails or has to wait.
std::optional<Effects> Inbox::try_plainly(Transaction& tx, const std::vector<Item>& items) const {
  if (!nothing_set_aside(tx)) return std::nullopt;
  Savepoint savepoint{tx};
  try {
    Effects effects = apply_plainly(tx, items);
    savepoint.keep();
    return effects;
  } catch (const Error& error) {
    if (is_about_the_database(error)) throw;
  } catch (...) {  // apply_carefully() finds out which one it was.
  }
  savepoint.undo();
  return std::nullopt;
}

Effects Inbox::apply_plainly(Transaction& tx, const std::vector<Item>& items) const {
  Effects effects;
  for (const Item& item : items) {
    if (!item.envelope) throw Error(ErrorCode::invalid, item.reason);
    dispatch(tx, item, effects, Scope::everything);
  }
  return effects;
}

/// An event that fails here is left out: it has failed, or will, where the log itself brings it,
/// and must not keep the rest of the gap from being filled.
Effects Inbox::replay(Transaction& tx, const std::vector<Item>& items) const {
  Effects effects;
  for (const Item& item : items) attempt(tx, item, effects, Scope::replicas_only);
  return effects;
}

Effects Inbox::apply_carefully(Transaction& tx, const std::vector<Item>& items) const {
  Effects effects;
  for (const Item& item : items) {
    if (item.envelope && is_blocked(tx, item.log, item.envelope->aggregate_id)) {
      set_behind(tx, item);
      continue;
    }
    const std::optional<Setback> setback = attempt(tx, item, effects, Scope::everything);
    if (!setback) continue;
    set_aside(tx, item, 0, *setback);
    effects.retries_changed = true;
  }
  return effects;
}

void Inbox::dispatch(Transaction& tx, const Item& item, Effects& effects, Scope scope) const {
  const std::size_t gaps_before = effects.gaps.size();
  dispatch_(tx, *item.envelope, effects, scope);
  for (std::size_t i = gaps_before; i < effects.gaps.size(); ++i) effects.gaps[i].log = item.log;
}

/// One event in a savepoint of its own. Returns what went wrong, with nothing of it left behind.
std::optional<Inbox::Setback> Inbox::attempt(Transaction& tx, const Item& item, Effects& effects,
                                             Scope scope) const {
  if (!item.envelope) return Setback{item.reason, true};
  Savepoint savepoint{tx};
  Setback setback;
  try {
    Effects own;
    dispatch(tx, item, own, scope);
    savepoint.keep();
    append(effects, std::move(own));
    return std::nullopt;
  } catch (const StillWorking& still) {
    setback = {still.reason, false, still.pause};
  } catch (const Error& error) {
    const ListenerAction action = policy_of(error.code()).action;
    if (is_about_the_database(error) || action == ListenerAction::stop) throw;
    setback = {error.what(), action == ListenerAction::dead_letter};
  } catch (const std::exception& error) {
    setback = {error.what()};
  } catch (...) {
    setback = {"not an exception type"};
  }
  savepoint.undo();
  return setback;
}

void Inbox::set_aside(Transaction& tx, const Item& item, std::int64_t attempts_before,
                      const Setback& setback) const {
  const std::int64_t attempts = attempts_before + (setback.pause ? 0 : 1);
  const bool give_up = setback.is_final || (!setback.pause && attempts >= policy_.attempts_max);
  const Timestamp due = clock_.now() + pause_after(setback, attempts);
  tx.execute(
      "INSERT INTO ticketing_inbox"
      " (log, log_offset, subject, aggregate_id, state, attempts, due, reason, envelope)"
      " VALUES (:log, :log_offset, :subject, :aggregate, :state, :attempts, :due, :reason,"
      " :envelope)"
      " ON CONFLICT (log, log_offset) DO UPDATE SET state = excluded.state,"
      " attempts = excluded.attempts, due = excluded.due, reason = excluded.reason",
      item.log, item.event.offset, item.envelope ? item.envelope->type : std::string{},
      item.envelope ? item.envelope->aggregate_id : std::string{}, give_up ? kDead : kRetry,
      attempts, due, as_text(setback.reason), as_text(item.event.envelope));
}

std::chrono::milliseconds Inbox::pause_after(const Setback& setback, std::int64_t attempts) const {
  if (!setback.pause) return policy_.pause_after(attempts, random_.next_u64());
  // Beyond the horizon it would be due at once; a pause of nothing would keep the writer busy.
  return std::clamp(*setback.pause, std::chrono::milliseconds{1}, policy_.pause_max);
}

void Inbox::set_behind(Transaction& tx, const Item& item) const {
  tx.execute(
      "INSERT INTO ticketing_inbox"
      " (log, log_offset, subject, aggregate_id, state, attempts, due, reason, envelope)"
      " VALUES (:log, :log_offset, :subject, :aggregate, :state, 0, 0, '', :envelope)",
      item.log, item.event.offset, item.envelope->type, item.envelope->aggregate_id, kBehind,
      item.event.envelope);
}

Effects Inbox::retry_due(Transaction& tx) const {
  struct Waiting {
    std::string log;
    ReceivedEvent event;
    std::int64_t attempts;
  };
  std::vector<Waiting> rows;
  tx.for_each<std::string, std::int64_t, std::string, std::int64_t>(
      "SELECT log, log_offset, envelope, attempts FROM ticketing_inbox"
      " WHERE state = 'retry' AND (due <= :now OR due > :horizon)"
      " ORDER BY due, log_offset LIMIT :count",
      [&](std::string log, std::int64_t offset, std::string envelope, std::int64_t attempts) {
        rows.push_back({std::move(log), {offset, std::move(envelope)}, attempts});
      },
      clock_.now(), horizon(), kRetriesPerStep);
  Effects effects;
  for (const Waiting& row : rows) {
    Item item{row.log, row.event, std::nullopt, {}};
    item.decode(horizon_of(tx, row.log));
    if (const auto setback = attempt(tx, item, effects, Scope::everything)) {
      set_aside(tx, item, row.attempts, *setback);
      continue;
    }
    settle(tx, row.log, row.event.offset, item.envelope->aggregate_id);
  }
  effects.retries_changed = !rows.empty();
  return effects;
}

std::optional<Timestamp> Inbox::next_retry(Transaction& tx) const {
  return std::get<0>(*tx.first<std::optional<Timestamp>>(
      "SELECT min(CASE WHEN due > :horizon THEN :now ELSE due END) FROM ticketing_inbox"
      " WHERE state = 'retry'",
      horizon(), clock_.now()));
}

/// No retry lies beyond it, unless the clock was ahead when that was written: then it is due.
Timestamp Inbox::horizon() const { return clock_.now() + 2 * policy_.pause_max; }

std::optional<Cursor> Inbox::cursor(Transaction& tx, std::string_view log) {
  auto row = tx.first<std::string, std::int64_t>(
      "SELECT log_id, log_offset FROM ticketing_cursors WHERE log = :log", log);
  if (!row) return std::nullopt;
  return Cursor{std::move(std::get<0>(*row)), std::get<1>(*row)};
}

}  // namespace ticketing
