// Generated reference: schema events, schema asyncapi, schema openapi. Needs no server.

#include <algorithm>

#include "invocation.hpp"
#include "reference/reference.hpp"
#include "ticketing/core/json.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

/// Data is for programs here in either form: in lines, and with --json in one.
void print(const std::string& json, Invocation& invocation) {
  invocation.output().line(invocation.output().json() ? json : indented_json(json));
}

std::string schema_of(const std::string& subject) {
  const auto events = shared_events();
  const auto event = std::find_if(events.begin(), events.end(),
                                  [&](const EventInfo& one) { return one.subject == subject; });
  if (event == events.end()) throw usage_error("there is no event '" + subject + "'");
  return event_schema(*event);
}

}  // namespace

void print_event_schemas(const Arguments& arguments, Invocation& invocation) {
  const auto subject = arguments.optional_text("SUBJECT");
  print(subject ? schema_of(*subject) : reference::event_schemas(), invocation);
}

void print_async_api(const Arguments&, Invocation& invocation) {
  print(reference::events_document(TICKETCTL_VERSION), invocation);
}

void print_open_api(const Arguments&, Invocation& invocation) {
  print(reference::http_document(TICKETCTL_VERSION), invocation);
}

}  // namespace ticketing::cli
