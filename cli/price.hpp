#pragma once
// A price as people type it.

#include <string>

#include "arguments.hpp"
#include "ticketing/core/money.hpp"

namespace ticketing::cli {

/// Dollars with at most two decimals. Whether it is too low or too high is the server's to say.
inline Money parse_price(const std::string& text) {
  if (const auto price = Money::parse(text)) return *price;
  throw usage_error("'" + text + "' is not a price; write dollars, as in 20 or 19.99");
}

}  // namespace ticketing::cli
