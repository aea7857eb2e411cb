#pragma once
// (c) orders a second over HTTP, every answer synced, against a whole ticketd with all events
// flowing; (d) start of ticketd to its first answer, and its resident memory at rest.

#include <vector>

#include "report.hpp"

namespace bench {

std::vector<Figure> measure_orders();
std::vector<Figure> measure_start(int rounds);

}  // namespace bench
