#pragma once
// Audit: whether a marketplace keeps its promises, judged from outside: by the events in its logs
// and by what it shows over HTTP.
//
// Fed with the events of all logs, each log in its order, in any interleaving. Logs of a living
// system are read at slightly different moments, and its flows are under way; so what is found is
// of three kinds. A *breach* could not be made good by any event to come. Something is
// *unexplained* while the event that must have come before it, in another log, has not been fed.
// Something is *owed* while the services still have to act on what has been fed. The question that
// is put to report() says when the last two are breaches as well.
//
// Where a log begins with a snapshot, events of it may be missing before others, and are no gap; of
// an order that is older than the end of a snapshot, only what is still told is judged.
//
// Remembers tickets, orders and charges, not events. Pure, without clock or socket. Not
// thread-safe. Throws nothing: an event that cannot be read is a breach.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/client/answers.hpp"
#include "ticketing/events/envelope.hpp"

namespace ticketing {

/// What must hold of the whole system, however its parts fail.
enum class Invariant {
  one_active_order,  ///< At most one order of a ticket is not cancelled.
  conservation,      ///< Charged less refunded is what the complete orders cost, in cents.
  complete_logs,     ///< Offsets and versions follow one by one; nothing is unreadable.
  effects_once,      ///< No change is told twice, and no cause changes the same thing twice.
  copies,            ///< What a buyer saw, and what is shown now, is what the log says.
  reservations,      ///< A held ticket is not edited, and only freed by its order's end.
  charges,           ///< None without an order, one success each, none kept in vain.
  order_life,        ///< Legal steps only, for a reason, no expiry early; final stays final.
};
inline constexpr std::array<std::string_view, 8> kInvariantNames{"I1", "I2", "I3", "I4",
                                                                 "I5", "I6", "I7", "I8"};
constexpr NameTable name_table(Invariant) { return kInvariantNames; }

struct AuditBreach {
  std::string about;  ///< The aggregate's id, or a log's name.
  std::string what;

  static constexpr std::array kFields{field<&AuditBreach::about>("about"),
                                      field<&AuditBreach::what>("what")};
};

/// One invariant: what was looked at, and what was found.
struct AuditRow {
  static constexpr std::size_t kFoundMax = 20;  ///< More are counted, and not kept.

  Invariant invariant{};
  std::int64_t checked = 0;
  std::string unit;          ///< What `checked` counts.
  std::int64_t in_flow = 0;  ///< Not right yet, and not wrong.
  std::int64_t breaches = 0;
  std::string rule;
  std::vector<AuditBreach> found = {};  ///< The first of them.

  static constexpr std::array kFields{
      field<&AuditRow::invariant>("invariant"), field<&AuditRow::checked>("checked"),
      field<&AuditRow::unit>("unit"),           field<&AuditRow::in_flow>("inFlow"),
      field<&AuditRow::breaches>("breaches"),   field<&AuditRow::rule>("rule"),
      field<&AuditRow::found>("found"),
  };
};

struct AuditReport {
  bool held = true;  ///< No breach.
  std::int64_t events = 0;
  std::int64_t from_snapshots = 0;  ///< Of those; what they replaced was not judged.
  std::int64_t owed = 0;
  std::int64_t unexplained = 0;
  Money charged;
  Money refunded;
  Money sold;                        ///< What the complete orders cost.
  std::vector<AuditRow> invariants;  ///< In their order.

  static constexpr std::array kFields{
      field<&AuditReport::held>("held"),
      field<&AuditReport::events>("events"),
      field<&AuditReport::from_snapshots>("fromSnapshots"),
      field<&AuditReport::owed>("owed"),
      field<&AuditReport::unexplained>("unexplained"),
      field<&AuditReport::charged>("charged"),
      field<&AuditReport::refunded>("refunded"),
      field<&AuditReport::sold>("sold"),
      field<&AuditReport::invariants>("invariants"),
  };
};

struct AuditQuestion {
  Timestamp now;  ///< What is due before it is owed.
  /// What has been unexplained for so long is a breach: what came before it must have been fed by
  /// then. Zero where events are fed as they are committed. Empty: it may take any time.
  std::optional<milliseconds> unexplained_max = {};
  /// What has been owed for so long is a breach. Zero: at rest. Empty: it may take any time.
  std::optional<milliseconds> owed_max = {};
};

class Audit {
 public:
  Audit();
  ~Audit();
  Audit(Audit&&) noexcept;
  Audit& operator=(Audit&&) noexcept;

  /// The next event of the log called `log`.
  void add(const std::string& log, const Envelope& event);
  /// An event of which not even the envelope can be read.
  void add_unreadable(const std::string& why);

  /// What the tickets service answered at `now` to a request that was made after the last add().
  void add_shown(const TicketAnswer& ticket, Timestamp now);
  /// It answered that there is no such ticket.
  void add_absent(const std::string& ticket_id);
  /// The tickets that the log tells of and that nobody has shown yet, in no order.
  std::vector<std::string> tickets_not_shown() const;

  AuditReport report(const AuditQuestion& question) const;
  /// As report(), but of the order that the last event concerned, and of what was wrong with any
  /// event by itself: cheap enough to be asked after each.
  AuditReport report_on_last(const AuditQuestion& question) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketing
