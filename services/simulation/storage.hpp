#pragma once
// What a reader writes down: every event that it hears.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "ticketing/events/envelope.hpp"
#include "ticketing/storage/transaction.hpp"

namespace simulation {

std::span<const std::string_view> reader_migrations();
void write_down(ticketing::Transaction& tx, const ticketing::Envelope& event);

struct Heard {
  std::int64_t events = 0;    ///< Each counted as often as it was heard.
  std::int64_t distinct = 0;  ///< Each counted once.
};
/// By log.
std::map<std::string, Heard> heard(ticketing::Transaction& tx);

}  // namespace simulation
