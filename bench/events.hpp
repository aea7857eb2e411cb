#pragma once
// (a) durable events a second from publish to applied in another process's replica, and
// (b) latency from the publisher's commit to the consumer's, at a steady 500 events a second.

#include <vector>

#include "report.hpp"

namespace bench {

std::vector<Figure> measure_throughput(int rounds);
std::vector<Figure> measure_latency();

}  // namespace bench
