#pragma once
// The parts of an OpenAPI document that speak of one route.

#include <string>
#include <string_view>
#include <vector>

#include "ticketing/runtime/open_api.hpp"

namespace ticketing::runtime {

/// A pattern as OpenAPI writes it, `/api/tickets/{id}`, and the names in it.
struct PathDoc {
  std::string text;
  std::vector<std::string> names;
};
PathDoc path_of(std::string_view pattern);

std::string parameters(const Service::RouteEntry& route, const RouteDoc& doc);
/// Requires: the route takes a body.
std::string request_body(const Service::RouteEntry& route);
/// Where anyone may call, credentials are taken all the same: they may change the answer.
std::string_view security(const Service::RouteEntry& route);
std::string responses(const Service::RouteEntry& route, const RouteDoc& doc,
                      const std::vector<RefusalDoc>& refusals);
/// What any route may answer; the responses above refer to it.
std::string common_responses();

}  // namespace ticketing::runtime
