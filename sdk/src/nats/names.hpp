#pragma once
// What things of a log are called at a NATS server: docs/reference/wire-nats.md lists them.
// Pure functions: any thread.

#include <string>
#include <string_view>

namespace ticketing::nats_driver {

/// `text` as one token of a subject, or as the name of a stream or a consumer: whatever NATS does
/// not take in one is written as `%` and two digits, so that different texts stay different.
std::string token(std::string_view text);

struct LogNames {
  explicit LogNames(std::string_view log);

  std::string stream;  ///< `TICKETING-<log>`
  std::string events;  ///< `ticketing.<log>.events`
  std::string report;
  std::string join;  ///< For who does not know the log's id yet.
  std::string beat;

  std::string all_events() const { return events + ".>"; }
  /// Another system may have a log of that name: its processes do not hear these.
  std::string join_of(std::string_view log_id) const { return join + '.' + token(log_id); }
  std::string fetch_of(std::string_view log_id) const { return fetch_ + '.' + token(log_id); }
  /// Where events of a subject go: `ticket:created` to `….events.ticket.created`.
  std::string subject_of(std::string_view event_subject) const;

 private:
  std::string fetch_;
};

}  // namespace ticketing::nats_driver
