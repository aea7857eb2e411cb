// Measures what is claimed about speed, with references beside it in the same run, and prints a
// table.
//   ticketing_bench [events] [latency] [orders] [start] [stacks]     all without arguments, but for
//                                                                    stacks, which needs servers

#include <cstdio>
#include <exception>
#include <set>
#include <string>

#include "events.hpp"
#include "orders.hpp"
#include "stacks.hpp"

int main(int argc, char** argv) {
  constexpr int kRounds = 5;
  const std::set<std::string> wanted{argv + 1, argv + argc};
  const auto wants = [&](const char* name) { return wanted.empty() || wanted.contains(name); };
  std::vector<bench::Figure> figures;
  const auto add = [&](const std::vector<bench::Figure>& more) {
    figures.insert(figures.end(), more.begin(), more.end());
  };
  try {
    // Those that fork come first, while this process has one thread.
    if (wants("events")) add(bench::measure_throughput(kRounds));
    if (wants("latency")) add(bench::measure_latency());
    if (wants("orders")) add(bench::measure_orders());
    if (wants("start")) add(bench::measure_start(kRounds));
    if (wanted.contains("stacks")) add(bench::measure_stacks());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ticketing_bench: %s\n", error.what());
    return 1;
  }
  bench::print(figures);
  for (const bench::Figure& figure : figures) {
    if (!figure.reached) return 1;
  }
  return 0;
}
