#pragma once
// Who is let in: the answer to a handshake that libzmq asks about over ZAP (RFC 27).
//
// Pure functions, fed by Gate. A peer that is let in is known by its name in the allow-list from
// then on: libzmq shows it with each of its messages.

#include <optional>
#include <string>

#include "ticketing/messaging/bus_security.hpp"
#include "ticketing/messaging/wire.hpp"

namespace ticketing::zap {

/// What a socket calls itself, so that each has a rule of its own.
inline constexpr std::string_view kLive = "live";        ///< All events: for who may read all.
inline constexpr std::string_view kLimited = "limited";  ///< Heads of the logs, and no event.
inline constexpr std::string_view kFetch = "fetch";      ///< Looks at subjects itself.

struct Request {
  std::string id;
  std::string domain;
  std::string address;  ///< The peer's, without port.
  std::string mechanism;
  std::string public_key;  ///< In Z85; empty unless the mechanism is CURVE.
};
/// nullopt for what is no request.
std::optional<Request> decode(const wire::Frames& frames);

/// Why somebody is kept out; also the metric's label.
inline constexpr std::string_view kUnknownKey = "unknown_key";
inline constexpr std::string_view kNotAllowed = "not_allowed";

struct Verdict {
  const AllowedPeer* peer = nullptr;  ///< nullptr: unknown.
  std::string_view refusal;           ///< Empty: let in.
};
Verdict judge(const Request& request, const AllowList& allowed);
wire::Frames encode(const Request& request, const Verdict& verdict);

/// Why `reader` must not have what the request `line` asks for; nullopt: it may, or the line is no
/// request.
std::optional<wire::Frames> refuse_fetch(const AllowedPeer& reader, const std::string& line);

/// For whose consumer `peer` speaks in the report or request `line` though it has not that name:
/// a log is kept and shortened by what is said there. Empty: for none but its own.
std::string foreign_consumer(const AllowedPeer& peer, const std::string& line);

}  // namespace ticketing::zap
