#pragma once
// Tale: a history written by hand, for tests. Times are milliseconds; each operation takes from
// `from` to `to`. Orders are named by one letter and expire a second after they were asked for.

#include <string>
#include <utility>

#include "checker.hpp"
#include "model.hpp"

namespace ticketing::linear {

struct Times {
  int from;
  int to;
};

inline Instant at_ms(int ms) { return std::chrono::milliseconds{ms}; }

class Tale {
 public:
  Tale() {
    rules.hold = std::chrono::seconds{1};
    history = {"T", 2000};
  }

  Tale& tell(Times times, Call call, Answer answer) {
    history.answer(history.invoke(std::move(call), at_ms(times.from)), std::move(answer),
                   at_ms(times.to));
    return *this;
  }
  Tale& refused(Times times, Kind kind, Outcome outcome, const std::string& id = {}) {
    return tell(times, {0, kind, id}, {outcome});
  }

  Tale& order(Times times, const std::string& id, int ticket_version, int cents = 2000) {
    Answer answer{Outcome::done, id};
    answer.ticket_version = ticket_version;
    answer.cents = cents;
    answer.expires_at = at_ms(times.from + 1000);
    return tell(times, {0, Kind::order}, answer);
  }
  Tale& cancel(Times times, const std::string& id) {
    return refused(times, Kind::cancel, Outcome::done, id);
  }
  Tale& pay(Times times, const std::string& id) {
    return tell(times, {0, Kind::pay, id}, {Outcome::done, "charge of " + id});
  }
  Tale& decline(Times times, const std::string& id) {
    return tell(times, {0, Kind::pay, id, false}, {Outcome::card_declined});
  }
  Tale& see(Times times, const std::string& id, int version, OrderStatus status, int ticket_version,
            std::optional<CancelReason> reason = std::nullopt) {
    Answer answer{Outcome::done};
    answer.version = version;
    answer.status = status;
    answer.reason = reason;
    answer.ticket_version = ticket_version;
    return tell(times, {0, Kind::read_order, id}, answer);
  }
  Tale& ticket(Times times, int version, int cents, const std::string& holder = {}) {
    return tell(times, {0, Kind::read_ticket}, shown(version, cents, holder));
  }
  Tale& edit(Times times, int version, int cents) {
    return tell(times, {0, Kind::edit, {}, true, cents}, shown(version, cents, {}));
  }
  Tale& charge(Times times, const std::string& id, bool given_back) {
    Answer answer{Outcome::done};
    answer.given_back = given_back;
    return tell(times, {0, Kind::read_charge, "charge of " + id}, answer);
  }
  Tale& rest(int when) { return tell({when, when}, {0, Kind::rest}, {Outcome::done}); }
  /// A call that is never answered.
  Tale& lost(int from, Call call) {
    history.invoke(std::move(call), at_ms(from));
    return *this;
  }

  Result checked() const {
    TicketModel model{history, rules};
    return check(model);
  }

  Rules rules;
  History history;

 private:
  static Answer shown(int version, int cents, const std::string& holder) {
    Answer answer{Outcome::done};
    answer.version = version;
    answer.cents = cents;
    if (!holder.empty()) answer.holder = holder;
    return answer;
  }
};

}  // namespace ticketing::linear
