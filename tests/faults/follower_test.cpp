// Who follows a log: one that dies at any offset and starts again, one that comes late, and one
// that finds another log, or less of it, than it has applied.

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <random>

#include "rounds.hpp"
#include "stream.hpp"
#include "support/eventually.hpp"

namespace ticketing::test {
namespace {

namespace fs = std::filesystem;

TEST(Follower, that_dies_at_any_offset_or_comes_late_hears_everything_once) {
  const int rounds = rounds_of({100, 1'000, 10'000});
  std::mt19937_64 random{fault_seed()};
  const auto up_to = [&](std::int64_t most) {
    return 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most));
  };
  Source source;
  Sink sink{source};
  int died = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::int64_t waiting = source.head() - sink.applied();
    // It dies in the middle of a transaction, or has none left to die in.
    sink.start({"--die-at", std::to_string(up_to(2 * (waiting + 50)))});
    source.publish(up_to(100), up_to(30));
    const auto has_died = [&] { return !sink.process().running(); };
    ASSERT_TRUE(eventually([&] { return has_died() || sink.has_applied_all(); }))
        << sink.process().err();
    if (has_died()) {
      ++died;
      EXPECT_EQ(sink.process().wait(kDeadline), -SIGKILL) << sink.process().err();
    }
    sink.kill();
  }
  std::printf("  %d starts, %d died while applying, %lld events\n", rounds, died,
              static_cast<long long>(source.head()));
  EXPECT_GT(died, rounds / 10);
  EXPECT_LT(died, rounds);
  sink.start();
  ASSERT_TRUE(sink.catches_up()) << sink.process().err();
  sink.expect_all_heard_once();
  Sink late{source};
  late.start();
  ASSERT_TRUE(late.catches_up()) << late.process().err();
  late.expect_all_heard_once();
}

/// A log of 300 events of which all are applied, and a copy of its database from when it had 100.
class ChangedLog : public testing::Test {
 protected:
  ChangedLog() {
    source_.publish(100);
    EXPECT_EQ(source_.stop(), 0);  // All is in one file then.
    fs::copy_file(source_.database(), copy_.file("older"));
    source_.restart();
    source_.publish(200);
    sink_.start();
    EXPECT_TRUE(sink_.catches_up());
    EXPECT_EQ(source_.stop(), 0);
    fs::copy_file(source_.database(), copy_.file("newer"));
  }
  void put(const std::string& name) {
    remove_log();
    fs::copy_file(copy_.file(name), source_.database());
  }
  void remove_log() const {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(source_.database() + suffix);
  }
  /// By one that was there when the log changed, and again after a restart.
  void expect_refused(const std::string& reason) {
    source_.restart();
    sink_.expect_refused(reason);
    EXPECT_EQ(sink_.stop(), 0);
    sink_.start();
    sink_.expect_refused(reason);
  }
  void expect_to_go_on_with_the_right_one() {
    EXPECT_EQ(source_.stop(), 0);
    put("newer");
    source_.restart();
    EXPECT_EQ(sink_.stop(), 0);
    sink_.start();
    source_.publish(50);
    ASSERT_TRUE(sink_.catches_up()) << sink_.process().err();
    sink_.expect_all_heard_once();
  }

  TempFolder copy_;
  Source source_;
  Sink sink_{source_};
};

TEST_F(ChangedLog, that_is_shorter_is_refused_and_not_misread) {
  put("older");
  expect_refused("came back shorter");
  expect_to_go_on_with_the_right_one();
}

TEST_F(ChangedLog, that_is_another_is_refused_and_not_misread) {
  remove_log();
  expect_refused("is another log now");
  source_.publish(500);  // Longer than what was applied.
  sink_.expect_refused("is another log now");
  expect_to_go_on_with_the_right_one();
}

}  // namespace
}  // namespace ticketing::test
