#pragma once
// Generated reference of the five services: their HTTP API and their events, as documents.
//
// Pure, but that it makes the services anew, without a database, to ask them for their routes and
// handlers. Throws Error(invalid) when a route stands in the services and not in routes.cpp, or the
// other way round.

#include <string>
#include <string_view>
#include <vector>

#include "ticketing/runtime/open_api.hpp"

namespace reference {

/// OpenAPI 3.1 of all routes. `version` is the program's.
std::string http_document(std::string_view version);
/// AsyncAPI 3.0 of all events, with who listens to them.
std::string events_document(std::string_view version);
/// JSON Schema of each event, as members of one object, by subject.
std::string event_schemas();

/// What the routes' functions do not tell about themselves.
std::vector<ticketing::RouteDoc> route_docs();
/// The codes that the services refuse with, beyond the SDK's own.
std::vector<ticketing::RefusalDoc> refusal_docs();

}  // namespace reference
