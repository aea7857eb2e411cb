#pragma once
// DeadLetterRoutes: what the admin listener answers about events that the services of this process
// have set aside, and what it lets an operator do with those that were given up.

#include <memory>
#include <string>
#include <vector>

#include "runtime/unit.hpp"
#include "ticketing/http/router.hpp"
#include "ticketing/messaging/dead_letter.hpp"

namespace ticketing::runtime {

/// Any thread but those that step the databases, for whose commits redrive and skip wait.
class DeadLetterRoutes {
 public:
  /// The units must outlive this.
  explicit DeadLetterRoutes(const std::vector<std::unique_ptr<Unit>>& units);

  /// Throws Error: not_found – no such route, or nothing at that place; invalid – a bad parameter;
  /// unauthorized – sent by a web page; unavailable – the disk is full, too much is queued.
  Response answer(Request& request) const;

 private:
  using Run = Response (DeadLetterRoutes::*)(const Request&) const;
  using Change = void (Engine::*)(std::string log, std::int64_t offset, Engine::LetterDone done);

  void add(std::string method, std::string_view pattern, Run run);
  Response list(const Request& request) const;
  Response show(const Request& request) const;
  Response redrive(const Request& request) const;
  Response skip(const Request& request) const;
  Response change_letter(const Request& request, Change change) const;
  Unit& unit_of(const Request& request) const;

  std::vector<Unit*> units_;  ///< By name.
  Router router_;
  std::vector<Run> runs_;
};

}  // namespace ticketing::runtime
