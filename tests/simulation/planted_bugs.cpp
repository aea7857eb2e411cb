// Turns the planted mistakes on one by one, and lets the simulator find each. The seed that finds
// it must hold without it.
//
//     planted_bugs MISTAKE...     at most TICKETING_SIM_SEEDS seeds each, 5,000 by default

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "simulation/marketplace.hpp"
#include "simulation/planted.hpp"

namespace {

using namespace ticketing;

std::uint64_t seeds_max() {
  const char* const given = std::getenv("TICKETING_SIM_SEEDS");
  return given == nullptr ? 5'000 : std::strtoull(given, nullptr, 10);
}

testing::StormResult storm(std::uint64_t seed, std::string_view mistake) {
  planted::mistake = mistake;
  testing::StormOptions options;
  options.seed = seed;
  options.shrinks_max = 0;
  return testing::run_storm(&simulation::make_marketplace, options);
}

bool tell(std::string_view mistake, std::uint64_t seed, const std::string& what) {
  const bool holds_without = storm(seed, "").held;
  std::printf("| %s | %llu | %s | %s |\n", std::string{mistake}.c_str(),
              static_cast<unsigned long long>(seed), what.c_str(), holds_without ? "yes" : "NO");
  return holds_without;
}

/// An assertion of the SDK's own may be the one to find it, which ends the process.
bool aborts(std::uint64_t seed, std::string_view mistake) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(STDERR_FILENO);
    storm(seed, mistake);
    std::_Exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

bool find(std::string_view mistake) {
  for (std::uint64_t seed = 1; seed <= seeds_max(); ++seed) {
    if (aborts(seed, mistake)) return tell(mistake, seed, "assertion");
    const auto result = storm(seed, mistake);
    if (!result.held) return tell(mistake, seed, result.report);
  }
  std::printf("| %s | not found | | |\n", std::string{mistake}.c_str());
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  std::printf("| mistake | found by seed | what broke | holds without it |\n|---|---|---|---|\n");
  int passed = 0;
  int failed = 0;
  for (int i = 1; i < argc; ++i) {
    find(argv[i]) ? ++passed : ++failed;
    std::fflush(stdout);
  }
  std::printf("%d of %d mistakes were found\n", passed, passed + failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
