#pragma once
// An event as a NATS message: CloudEvents in binary mode, the attributes as headers and the data as
// body, and one header of ours with the position, as over ZeroMQ.
//
// What comes out at the other end is byte for byte the envelope that went in: it is stored and
// hashed there. An envelope that would not be, because somebody else wrote it, goes in CloudEvents'
// structured mode, as one body. Pure functions: any thread. Throws Error(invalid) for a message
// that is not an event of this system.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/messaging/wire.hpp"

namespace ticketing::nats_driver {

inline constexpr const char* kPositionHeader = "ticketing-position";

/// Of hellos and beats: changes when another process speaks for a log, or the same one anew.
inline constexpr const char* kPublisherHeader = "ticketing-publisher";

using Headers = std::vector<std::pair<std::string, std::string>>;

struct EventMessage {
  Headers headers;
  std::string body;
  std::string id;  ///< Of the event; empty when it cannot be read.
};

/// `position` is the line of the live message.
EventMessage to_message(std::string position, std::string_view subject, std::string envelope);

struct CarriedEvent {
  wire::Position position;
  std::string subject;
  std::string envelope;
};
/// nullopt when there is no such header.
using GetHeader = std::function<std::optional<std::string_view>(const char* name)>;

CarriedEvent from_message(const GetHeader& header, std::string_view body);
/// Of the newest message of a stream: all that a publisher wants of it.
wire::Position position_of(const GetHeader& header);

}  // namespace ticketing::nats_driver
