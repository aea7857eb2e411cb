#pragma once
// What a publisher answers to a request for a stretch of a log it hosts. Whatever is asked, the
// answer is bounded. Any thread that may read the logs.

#include <map>
#include <string>

#include "ticketing/messaging/bus.hpp"
#include "ticketing/messaging/wire.hpp"

namespace ticketing {

/// By name.
using HostedLogs = std::map<std::string, HostedLog>;

/// Whether what a line says of a consumer counts.
enum class Speaker { itself, another };

/// The answer to the line; never throws for what it says. Empty for a report, which wants none.
wire::Frames answer_fetch(const HostedLogs& logs, const std::string& line, Logger& logger,
                          Speaker speaker = Speaker::itself);

}  // namespace ticketing
