// ticketing-sim: the marketplace under storms, seed by seed. `ticketctl sim` runs it.

#include <unistd.h>
#include <chrono>
#include <csignal>
#include <cstdio>

#include "simulation/marketplace.hpp"

namespace {

using namespace ticketing;

const std::vector<Option> kOptions{
    {"seed", OptionKind::number, "1", "the first seed"},
    {"seeds", OptionKind::number, "1", "how many, one after another"},
    {"steps", OptionKind::number, "40", "actions of people in each"},
    {"faults", OptionKind::text, "on", "on or off"},
    {"trace", OptionKind::flag, "false", "print what happened"},
    {"hashes", OptionKind::flag, "false", "print each seed's trace hash"},
};

std::int64_t seed_under_way = 0;

/// A failed assertion ends the process: the seed is told all the same.
void on_abort(int) {
  char line[64];
  const int length =
      std::snprintf(line, sizeof line, "at seed %lld\n", static_cast<long long>(seed_under_way));
  static_cast<void>(!::write(STDERR_FILENO, line, static_cast<std::size_t>(length)));
}

struct Tally {
  std::uint64_t seeds = 0;
  std::uint64_t steps = 0;
  std::chrono::nanoseconds simulated{0};
};

testing::StormOptions options_for(const Settings& settings, std::int64_t seed) {
  testing::StormOptions options;
  options.seed = static_cast<std::uint64_t>(seed);
  options.steps = static_cast<std::size_t>(settings.number("steps"));
  options.faults = settings.text("faults") != "off";
  options.keeps_trace = settings.flag("trace");
  return options;
}

bool run(const Settings& settings, std::int64_t seed, Tally& tally) {
  seed_under_way = seed;
  const auto result =
      testing::run_storm(&simulation::make_marketplace, options_for(settings, seed));
  ++tally.seeds;
  tally.steps += result.steps;
  tally.simulated += result.simulated;
  for (const std::string& line : result.trace) {
    if (settings.flag("trace")) std::printf("%s\n", line.c_str());
  }
  if (settings.flag("hashes")) {
    std::printf("%lld %016llx\n", static_cast<long long>(seed),
                static_cast<unsigned long long>(result.trace_hash));
  }
  if (!result.held) std::printf("%s\n", result.report.c_str());
  return result.held;
}

void print(const Tally& tally, std::chrono::duration<double> took) {
  const double hours = std::chrono::duration<double, std::ratio<3600>>(tally.simulated).count();
  std::printf("%llu seeds held: %.0f seeds/s, %.2f simulated hours/s, %llu things happened\n",
              static_cast<unsigned long long>(tally.seeds),
              static_cast<double>(tally.seeds) / took.count(), hours / took.count(),
              static_cast<unsigned long long>(tally.steps));
}

int simulate(const Settings& settings) {
  const auto started = std::chrono::steady_clock::now();
  const std::int64_t first = settings.number("seed");
  const std::int64_t count = settings.number("seeds");
  const bool tells_progress = ::isatty(STDERR_FILENO) == 1;
  Tally tally;
  std::signal(SIGABRT, on_abort);
  for (std::int64_t seed = first; seed < first + count; ++seed) {
    if (!run(settings, seed, tally)) return 1;
    if (tells_progress && tally.seeds % 50 == 0) {
      std::fprintf(stderr, "\r%llu of %lld seeds", static_cast<unsigned long long>(tally.seeds),
                   static_cast<long long>(count));
    }
  }
  if (tells_progress) std::fputs("\r", stderr);
  print(tally, std::chrono::steady_clock::now() - started);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Settings settings = Settings::parse(kOptions, argc, argv, environ);
    if (settings.wants_help()) {
      std::fputs(
          help_text("ticketing-sim", "plays the marketplace through storms", kOptions).c_str(),
          stdout);
      return 0;
    }
    return simulate(settings);
  } catch (const Error& error) {
    std::fprintf(stderr, "ticketing-sim: %s\n", error.what());
    return policy_of(error.code()).exit_status;
  }
}
