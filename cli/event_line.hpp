#pragma once
// An event as one line for people. Pure: any thread.

#include <string>

#include "ticketing/messaging/tail.hpp"

namespace ticketing::cli {

/// Time, publisher, offset, subject, aggregate, version, and what happened in short.
std::string event_line(const TailedEvent& event);
/// The same for a line that tells the time in its own way.
std::string timeless_event_line(const TailedEvent& event);
/// Publisher, offset, subject and version: what a reader who knows the aggregate needs.
std::string brief_event_line(const TailedEvent& event);
/// What the event says beyond its envelope, in a few words.
std::string summary_of(const Envelope& envelope);

}  // namespace ticketing::cli
