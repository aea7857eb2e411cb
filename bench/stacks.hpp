#pragma once
// Orders on each pair of engines, with one and two instances of the marketplace, and what pgbench
// makes of the same statements on the same server. Starts PostgreSQL and NATS itself.

#include <vector>

#include "report.hpp"

namespace bench {

std::vector<Figure> measure_stacks();

}  // namespace bench
