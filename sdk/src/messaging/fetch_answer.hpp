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
/// `bytes_max` is for all events together; a single one may be larger.
wire::Frames answer_fetch(const HostedLogs& logs, const std::string& line, Logger& logger,
                          Speaker speaker = Speaker::itself,
                          std::size_t bytes_max = LogQuery{}.bytes_max);

}  // namespace ticketing
