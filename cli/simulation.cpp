// Simulation: sim run.

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iomanip>
#include <ostream>
#include <sstream>

#include "invocation.hpp"
#include "simulation/marketplace.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/nats_testing/simulated_nats.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

constexpr std::int64_t kProgressEvery = 25;

struct SimulationOptions {
  std::int64_t seed;
  std::int64_t seeds;
  std::size_t steps;
  bool faults;
  bool trace;
  bool over_nats;
};

bool is_over_nats(const std::string& transport) {
  if (transport != "nats" && transport != "zmq") {
    throw usage_error("--transport is zmq or nats, not \"" + transport + '"');
  }
  return transport == "nats";
}

SimulationOptions parse_simulation(const Arguments& arguments) {
  if (arguments.is_set("trace") && arguments.is_set("json")) {
    throw usage_error("--trace is for people: leave --json out");
  }
  return {*arguments.number("seed", 0),
          *arguments.number("seeds", 1),
          static_cast<std::size_t>(*arguments.number("steps", 1)),
          !arguments.is_set("no-faults"),
          arguments.is_set("trace"),
          is_over_nats(arguments.text("transport"))};
}

/// One seed, for programs.
struct SeedLine {
  std::int64_t seed = 0;
  bool held = true;
  std::string rule;
  std::string trace_hash;
  std::int64_t happened = 0;
  static constexpr std::array kFields{
      field<&SeedLine::seed>("seed"), field<&SeedLine::held>("held"),
      field<&SeedLine::rule>("rule"), field<&SeedLine::trace_hash>("traceHash"),
      field<&SeedLine::happened>("happened")};
};

struct Tally {
  std::int64_t seeds = 0;
  std::uint64_t happened = 0;
  std::chrono::nanoseconds simulated{0};
};

/// What to say if a failed assertion ends the process. A signal handler can only read it.
std::array<char, 32> seed_under_way{};

void note_seed(std::int64_t seed) {
  std::snprintf(seed_under_way.data(), seed_under_way.size(), "at seed %lld\n",
                static_cast<long long>(seed));
}

void tell_seed(int) {
  const std::size_t length = std::strlen(seed_under_way.data());
  static_cast<void>(!::write(STDERR_FILENO, seed_under_way.data(), length));
}

testing::StormResult storm(const SimulationOptions& options, std::int64_t seed) {
  testing::StormOptions storm;
  storm.seed = static_cast<std::uint64_t>(seed);
  storm.steps = options.steps;
  storm.faults = options.faults;
  storm.keeps_trace = options.trace;
  if (options.over_nats) storm.transport = testing::simulated_nats();
  return testing::run_storm(&simulation::make_marketplace, storm);
}

std::string hex(std::uint64_t number) {
  std::ostringstream text;
  text << std::hex << std::setw(16) << std::setfill('0') << number;
  return text.str();
}

void print(const testing::StormResult& result, std::int64_t seed, Output& output) {
  for (const std::string& line : result.trace) output.line(line);
  if (output.json()) {
    output.line(to_json(SeedLine{seed, result.held, result.rule, hex(result.trace_hash),
                                 static_cast<std::int64_t>(result.steps)}));
  } else if (!result.held) {
    output.line(result.report);
  }
}

void tell_progress(const Tally& tally, std::int64_t of, World& world) {
  if (!world.err_is_terminal || tally.seeds % kProgressEvery != 0) return;
  world.err << '\r' << tally.seeds << " of " << of << " seeds" << (tally.seeds == of ? "\n" : "")
            << std::flush;
}

std::string summary(const Tally& tally, std::chrono::duration<double> took) {
  const double hours = std::chrono::duration<double, std::ratio<3600>>(tally.simulated).count();
  std::ostringstream text;
  text << tally.seeds << (tally.seeds == 1 ? " seed" : " seeds") << " held: " << std::fixed
       << std::setprecision(1) << static_cast<double>(tally.seeds) / took.count() << " seeds/s, "
       << hours / took.count() << " simulated hours/s, " << tally.happened << " things happened";
  return text.str();
}

void run_seed(const SimulationOptions& options, std::int64_t seed, Tally& tally, Output& output) {
  note_seed(seed);
  const auto result = storm(options, seed);
  print(result, seed, output);
  ++tally.seeds;
  tally.happened += result.steps;
  tally.simulated += result.simulated;
  if (result.held) return;
  throw Error{ErrorCode::invalid,
              "seed " + std::to_string(seed) + (options.over_nats ? " over NATS" : "") +
                  " breaks " + result.rule,
              "broken"};
}

void simulate(const SimulationOptions& options, Invocation& invocation) {
  const Clock& clock = invocation.world().clock;
  const auto started = clock.monotonic();
  Tally tally;
  std::signal(SIGABRT, &tell_seed);
  while (tally.seeds < options.seeds) {
    run_seed(options, options.seed + tally.seeds, tally, invocation.output());
    tell_progress(tally, options.seeds, invocation.world());
  }
  if (!invocation.output().json()) {
    invocation.output().line(summary(tally, clock.monotonic() - started));
  }
}

}  // namespace

void run_simulation(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_simulation, &simulate>(arguments, invocation);
}

}  // namespace ticketing::cli
