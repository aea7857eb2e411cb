// A consumer that is ten times slower than what is published: the publisher's memory stays bounded,
// and the consumer hears everything, once.

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "rounds.hpp"
#include "stream.hpp"
#include "support/eventually.hpp"

namespace ticketing::test {
namespace {

constexpr std::int64_t kGrowthMaxKib = 64 << 10;
constexpr std::int64_t kWarmUp = 2'000;
constexpr std::int64_t kAtOnce = 1'000;  ///< So that no slow disk makes the publisher slow.
/// So many times as much is published until the consumer is far behind, at most: on a busy machine
/// the publisher is slower, and the consumer, which mostly pauses, is not.
constexpr std::int64_t kTimesMax = 4;

// Sanitizers have memory and a pace of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMeasures = false;
#else
constexpr bool kMeasures = true;
#endif

/// A line of /proc/PID/status, in KiB.
std::int64_t memory_kib(pid_t process, const std::string& name) {
  std::ifstream status{"/proc/" + std::to_string(process) + "/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1));
  }
  throw std::runtime_error("no " + name);
}

/// VmHWM starts anew at VmRSS.
void forget_peak(pid_t process) {
  std::ofstream clear{"/proc/" + std::to_string(process) + "/clear_refs"};
  clear << "5" << std::flush;
  ASSERT_TRUE(clear.good());
}

TEST(SlowConsumer, costs_the_publisher_no_memory_and_misses_nothing) {
  const std::int64_t events = rounds_of({50'000, 1'000'000, 1'000'000});
  Source source;
  Sink sink{source};
  sink.start({"--pause-every", "40"});
  source.publish(kWarmUp, kAtOnce);
  ASSERT_TRUE(sink.catches_up()) << sink.process().err();
  const pid_t publisher = source.process().pid();
  forget_peak(publisher);
  const std::int64_t before = memory_kib(publisher, "VmRSS");
  const auto start = SteadyClock::now();
  const auto behind = [&] { return source.head() - sink.applied(); };
  std::int64_t count = 0;
  for (; count < events || (kMeasures && behind() <= events * 8 / 10); count += kAtOnce) {
    ASSERT_LT(count, kTimesMax * events) << "it was not slow";
    source.publish(kAtOnce, kAtOnce);
  }
  const std::chrono::duration<double> published = SteadyClock::now() - start;
  const std::int64_t behind_most = behind();
  ASSERT_TRUE(sink.catches_up(std::chrono::seconds{1'200})) << sink.process().err();
  const std::chrono::duration<double> applied = SteadyClock::now() - start;
  const std::int64_t growth = memory_kib(publisher, "VmHWM") - before;
  std::printf("  %lld events published in %.1f s, applied in %.1f s (%.1f times slower)\n",
              static_cast<long long>(count), published.count(), applied.count(),
              applied / published);
  std::printf("  at the end %lld behind; the publisher grew by %lld KiB\n",
              static_cast<long long>(behind_most), static_cast<long long>(growth));
  if (kMeasures) {
    EXPECT_LT(growth, kGrowthMaxKib);
  }
  sink.expect_all_heard_once();
  EXPECT_EQ(source.stop(), 0);
  EXPECT_EQ(sink.stop(), 0);
}

}  // namespace
}  // namespace ticketing::test
