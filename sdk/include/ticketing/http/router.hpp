#pragma once
// Router: finds the route for a method and a path. Patterns are literal segments and `:name`.
//
// Built before serving, then only read: any thread may call find().

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/http/message.hpp"

namespace ticketing {

class Router {
 public:
  /// Registers `route` under the number that find() yields.
  /// Requires: the pair of method and pattern is new.
  void add(std::string method, std::string_view pattern, std::size_t route);

  struct Match {
    std::size_t route = 0;
    std::string_view pattern;  ///< For metrics: bounded, unlike paths.
  };
  /// Fills `request.params`. HEAD finds GET routes. nullopt: not found (route or method).
  std::optional<Match> find(Request& request) const;

 private:
  struct Entry {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;
    std::size_t route;
  };
  std::vector<Entry> entries_;
};

}  // namespace ticketing
