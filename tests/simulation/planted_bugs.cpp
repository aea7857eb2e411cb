// Turns the planted mistakes on one by one, and lets the simulator find each. The seed that finds
// it must hold without it.
//
//     planted_bugs [nats:]MISTAKE...   at most TICKETING_SIM_SEEDS seeds each, 5,000 by default

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>

#include "simulation/marketplace.hpp"
#include "simulation/planted.hpp"
#include "ticketing/nats_testing/simulated_nats.hpp"

namespace {

using namespace ticketing;

std::uint64_t seeds_max() {
  const char* const given = std::getenv("TICKETING_SIM_SEEDS");
  return given == nullptr ? 5'000 : std::strtoull(given, nullptr, 10);
}

constexpr std::string_view kOverNats = "nats:";

/// Plays a storm with the mistake that `planted` names, if `is_planted`.
testing::StormResult storm(std::uint64_t seed, std::string_view planted, bool is_planted) {
  testing::StormOptions options;
  if (planted.starts_with(kOverNats)) {
    planted.remove_prefix(kOverNats.size());
    options.transport = testing::simulated_nats();
  }
  planted::mistake = is_planted ? planted : "";
  options.seed = seed;
  options.shrinks_max = 0;
  return testing::run_storm(&simulation::make_marketplace, options);
}

bool tell(std::string_view mistake, std::uint64_t seed, const std::string& what) {
  const bool holds_without = storm(seed, mistake, false).held;
  std::printf("| %s | %llu | %s | %s |\n", std::string{mistake}.c_str(),
              static_cast<unsigned long long>(seed), what.c_str(), holds_without ? "yes" : "NO");
  return holds_without;
}

/// What the child that looks for a mistake has come to.
struct Search {
  std::uint64_t seed;
  bool found;
  char what[256];
};

/// In a child: an assertion of the SDK's own may be the one to find it, which ends the process.
void look(std::string_view mistake, Search& search) {
  for (search.seed = 1; search.seed <= seeds_max() && !search.found; ++search.seed) {
    const auto result = storm(search.seed, mistake, true);
    if (result.held) continue;
    result.report.copy(search.what, sizeof search.what - 1);
    search.found = true;
    return;
  }
}

bool find(std::string_view mistake) {
  void* const shared =
      ::mmap(nullptr, sizeof(Search), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto& search = *new (shared) Search{};
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(STDERR_FILENO);
    look(mistake, search);
    std::_Exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  const bool aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
  if (search.found || aborted) {
    return tell(mistake, search.seed, aborted ? "an assertion" : search.what);
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
