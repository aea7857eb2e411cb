#pragma once
// EventTail: follows publishers' events without being a service: nothing is stored or owed.
//
// Over ZeroMQ with the same subscription core as a service: it fetches what it missed, so it sees
// every event once and each log in order. Not thread-safe. Throws Error(unavailable) when a
// publisher does not answer in time, Error(unauthorized, word `bus_refused`) when it does not let
// this process in or read, Error(invalid) for a malformed endpoint, and from next() for an event
// that cannot be decoded: the next call goes on behind it.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ticketing/events/envelope.hpp"

namespace ticketing {

struct BusSecurity;

struct TailOptions {
  /// `tcp://127.0.0.1:7100`, one per process; `security` needs to know whose it is, as in
  /// `tickets=tcp://127.0.0.1:7102`.
  std::vector<std::string> endpoints;
  std::vector<std::string> subjects;  ///< Empty: all.
  std::optional<std::int64_t> from;   ///< First offset, in every log; empty: from now on.
  std::chrono::milliseconds join_timeout{3'000};
  std::shared_ptr<const BusSecurity> security = nullptr;
};

struct TailedEvent {
  std::string log;    ///< The publisher's name.
  Envelope envelope;  ///< With `from_snapshot` as it is.
};

class EventTail {
 public:
  /// Connects and returns once every publisher has confirmed the subscription.
  explicit EventTail(TailOptions options);
  ~EventTail();

  /// The next event, or nullopt after `timeout`.
  std::optional<TailedEvent> next(std::chrono::milliseconds timeout);
  /// True when next() has returned everything up to the heads that the publishers last told of.
  bool caught_up() const;
  /// The logs that the publishers host, by name.
  std::vector<std::string> logs() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketing
