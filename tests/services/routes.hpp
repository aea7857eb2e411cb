#pragma once
// All routes of the five services, from their own definitions: what a test does to each route, it
// does to a new one as well, or fails for want of it.

#include <string>
#include <vector>

#include "ticketing/auth/middleware.hpp"

namespace ticketing::test {

struct Route {
  std::string method;
  std::string pattern;  ///< As `/api/tickets/:id`.
  Access access;
  bool has_body;

  std::string name() const { return method + " " + pattern; }
  bool changes() const { return method != "GET"; }
  /// The path with `id` where the pattern wants one.
  std::string path(const std::string& id = "none") const;
};

std::vector<Route> all_routes();

}  // namespace ticketing::test
