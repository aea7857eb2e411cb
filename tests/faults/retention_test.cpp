// A log that is kept small while it is written to: what it takes on the disk, and what whoever
// comes late makes of what is left.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "rounds.hpp"
#include "stream.hpp"
#include "support/eventually.hpp"

namespace ticketing::test {
namespace {

constexpr std::int64_t kEventsOfAUser = 10;
constexpr std::int64_t kAtOnce = 1'000;
constexpr std::int64_t kBehindMax = 5'000;
constexpr std::int64_t kLong = 1'000'000;
constexpr std::int64_t kTimesLive = 3;
constexpr std::int64_t kUnderWayMax = 8 << 20;
constexpr double kEventsPerSecond = 60'000;
constexpr std::chrono::seconds kPatience{600};
/// The log looks every tenth of a second whether it may be shortened.
constexpr std::chrono::milliseconds kLookedAtFor{1'000};

// Sanitizers have a pace of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr bool kMeasures = false;
#else
constexpr bool kMeasures = true;
#endif

std::int64_t bytes_of(const std::string& path) {
  std::error_code gone;
  const auto size = std::filesystem::file_size(path, gone);
  return gone ? 0 : static_cast<std::int64_t>(size);
}

std::int64_t folder_bytes(const std::string& path) {
  std::int64_t all = 0;
  for (const auto& entry : std::filesystem::directory_iterator{path}) {
    all += bytes_of(entry.path().string());
  }
  return all;
}

/// What cannot be done without: the newest event of each user and subject.
std::int64_t live_bytes(const Source& source) {
  return Databases{{{"auth", source.database()}}}.number(
      "select sum(length(envelope) + length(subject) + length(aggregate_id) + 16)"
      " from auth.ticketing_log");
}

struct Peak {
  std::int64_t database = 0;
  std::int64_t folder = 0;

  void look(const Source& source) {
    database = std::max(database, bytes_of(source.database()));
    folder = std::max(folder, folder_bytes(source.data_dir()));
  }
};

double mib(std::int64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

class Retention : public ::testing::Test {
 protected:
  /// Changes go on, `early` follows, and the log is shortened behind it.
  /// What a consumer has not applied must stay, so that it must not fall far behind.
  Peak publish(std::int64_t events, Sink& early) {
    Peak peak;
    for (std::int64_t done = 0; done < events; done += kAtOnce) {
      source_.change(events / kEventsOfAUser, kAtOnce);
      peak.look(source_);
      if (done % kBehindMax == 0 && !early.catches_up()) throw std::runtime_error("it lags");
    }
    return peak;
  }
  bool is_short(Peak& peak) {
    return eventually(
        [&] {
          peak.look(source_);
          return source_.horizon() == source_.head();
        },
        kPatience);
  }
  std::int64_t left() const {
    return Databases{{{"auth", source_.database()}}}.number(
        "select count(*) from auth.ticketing_log");
  }

  Source source_{{"--log-retention", "1ms"}};
};

TEST_F(Retention, a_late_joiner_from_a_snapshot_equals_one_that_was_there_all_along) {
  const std::int64_t events = rounds_of({50'000, kLong, kLong});
  Sink early{source_};
  early.start();
  ASSERT_TRUE(early.catches_up());
  Peak peak = publish(events, early);
  ASSERT_TRUE(early.catches_up(kPatience)) << early.process().err();
  ASSERT_TRUE(is_short(peak)) << source_.process().err();
  EXPECT_EQ(left(), 2 * events / kEventsOfAUser);
  Sink late{source_};
  const auto start = SteadyClock::now();
  late.start();
  ASSERT_TRUE(late.catches_up(kPatience)) << late.process().err();
  const std::chrono::duration<double> took = SteadyClock::now() - start;
  EXPECT_EQ(late.replicas(), early.replicas());
  EXPECT_EQ(static_cast<std::int64_t>(late.replicas().size()), events / kEventsOfAUser);

  const std::int64_t live = live_bytes(source_);
  const double per_second = static_cast<double>(left()) / took.count();
  std::printf(
      "  %lld events; live %.1f MiB, at most %.1f MiB in the database, %.1f in the folder\n",
      static_cast<long long>(events), mib(live), mib(peak.database), mib(peak.folder));
  std::printf(
      "  the late joiner was ready after %.2f s, with %lld events: %.0f/s, %.0f/s of the log's\n",
      took.count(), static_cast<long long>(left()), per_second,
      static_cast<double>(source_.head()) / took.count());
  // A short form is mostly what is under way; without shortening the database has 33 MiB.
  const bool is_long = events >= kLong;
  EXPECT_LE(peak.database, kTimesLive * live + (is_long ? 0 : kUnderWayMax));
  if (is_long) {
    EXPECT_LE(peak.folder, kTimesLive * live);
  }
  if (kMeasures && is_long) {
    EXPECT_GE(per_second, kEventsPerSecond);
  }
}

TEST_F(Retention, a_consumer_that_is_away_holds_the_log_and_misses_nothing) {
  Sink sink{source_};
  sink.start();
  source_.publish(1'000);
  ASSERT_TRUE(sink.catches_up());
  ASSERT_TRUE(eventually([&] { return source_.horizon() == source_.head(); }));
  EXPECT_EQ(sink.stop(), 0);
  const std::int64_t known = source_.head();
  source_.change(10, 2'000);
  source_.kill();
  source_.restart();
  source_.publish(2'000);
  EXPECT_FALSE(eventually([&] { return source_.horizon() > known; }, kLookedAtFor))
      << "shortened under a consumer that was away";
  EXPECT_GE(left(), 4'000);
  sink.start();
  ASSERT_TRUE(sink.catches_up());
  EXPECT_TRUE(eventually([&] { return source_.horizon() == source_.head(); }));
  EXPECT_EQ(sink.stop(), 0);
}

}  // namespace
}  // namespace ticketing::test
