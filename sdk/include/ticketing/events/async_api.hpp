#pragma once
// Generated reference of events: JSON Schema of one, and an AsyncAPI 3.0 document of who publishes
// what, and who listens.
//
// Pure functions of the events' own definitions: any thread. Throws nothing of its own.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/events/events.hpp"

namespace ticketing {

/// An event type, as a value.
struct EventInfo {
  std::string_view subject;
  std::string_view publisher;
  std::string_view meaning;  ///< When it is published; may be empty.
  RecordInfo data;
};

template <Event E>
constexpr EventInfo event_info() {
  EventInfo info{E::kSubject, E::kPublisher, {}, record_of<E>()};
  if constexpr (requires { E::kMeaning; }) info.meaning = E::kMeaning;
  return info;
}

/// The events of the reference services, all of events.hpp.
std::span<const EventInfo> shared_events();

/// JSON Schema of the event as it travels: its envelope, with its data inside.
std::string event_schema(const EventInfo& event);

/// An event and the services that do something about it.
struct EventFlow {
  EventInfo event;
  std::vector<std::string> listeners;
};

struct DocumentInfo {
  std::string_view title;
  std::string_view version;
  std::string_view description;
  std::string_view server;  ///< Where it is by default: host and port, or a URL of an API.
};

/// One channel for each subject; operations are called `<service>.sends.<subject>` and
/// `<service>.receives.<subject>`, with a dash for the colon.
std::string async_api(const DocumentInfo& info, std::span<const EventFlow> flows);

}  // namespace ticketing
