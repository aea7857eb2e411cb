#pragma once
// An event as one line for people. Pure: any thread.

#include <array>
#include <string>
#include <string_view>

#include "ticketing/core/record.hpp"
#include "ticketing/messaging/tail.hpp"

namespace ticketing::cli {

/// How an event is printed.
enum class EventFormat {
  lines,        ///< For people: event_line().
  cloudevents,  ///< As it was published: CloudEvents 1.0 in JSON, structured, one a line.
};
inline constexpr std::array<std::string_view, 2> kEventFormatNames{"lines", "cloudevents"};
constexpr NameTable name_table(EventFormat) { return kEventFormatNames; }

/// Time, publisher, offset, subject, aggregate, version, and what happened in short.
std::string event_line(const TailedEvent& event);
/// The same for a line that tells the time in its own way.
std::string timeless_event_line(const TailedEvent& event);
/// Publisher, offset, subject and version: what a reader who knows the aggregate needs.
std::string brief_event_line(const TailedEvent& event);
/// What the event says beyond its envelope, in a few words.
std::string summary_of(const Envelope& envelope);

}  // namespace ticketing::cli
