#pragma once
// World: all of the outside that a verb touches, handed in so that a test can hold it: streams,
// environment, password prompt, clock and the events' source. Borrowed for one run of the program.

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "event_source.hpp"
#include "ticketing/core/time.hpp"

namespace ticketing::cli {

/// An environment variable's value; nullopt when it is not set.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;

struct World {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  Variables variable;
  /// Shows the prompt and reads a line without echo. Only called when `in_is_terminal`.
  std::function<std::string(std::string_view prompt)> ask_secret;
  std::function<std::unique_ptr<EventSource>(const TailOptions& options)> follow;
  const Clock& clock = system_clock();
};

}  // namespace ticketing::cli
