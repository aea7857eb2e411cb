// A disk that fails to sync, under load: the process stops with 70 and one line, does not try
// again, and after a restart all that was answered is there, and nothing is half there.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "rounds.hpp"
#include "services/aftermath.hpp"
#include "support/eventually.hpp"

namespace ticketing::test {
namespace {

constexpr int kStopped = 70;
constexpr std::int64_t kWritesBetween = 60;

/// A marketplace of which each service's own write-ahead log can be made to fail.
class FailedSync : public testing::Test {
 protected:
  static MarketplaceOptions with_library(const TempFolder& folder) {
    MarketplaceOptions options = five_with_hold("2s");
    options.adjust = [&folder](const std::string& service, Command& command) {
      command.variables = {{"LD_PRELOAD", TICKETING_FAILING_SYNC},
                           {"ASAN_OPTIONS", "verify_asan_link_order=0"},
                           {"TICKETING_FAULT_SUFFIX", "/" + service + ".db-wal"},
                           {"TICKETING_FAULT_TRIGGER", folder.file(service)}};
    };
    return options;
  }
  void expect_to_stop(const std::string& service) {
    std::ofstream{triggers_.file(service)}.flush();
    Process& process = market_.process_of(service);
    EXPECT_EQ(process.wait(kDeadline), kStopped) << service << ": " << process.err();
    const std::string said = process.err();
    const std::size_t at = said.find("fatal: ");
    ASSERT_NE(at, std::string::npos) << said;
    EXPECT_NE(said.find("the disk failed to sync"), std::string::npos) << said;
    EXPECT_EQ(said.find('\n', at), said.size() - 1) << "it went on: " << said;
    // One sync failed. A second would be a try to make it good.
    EXPECT_EQ(std::filesystem::file_size(triggers_.file(service)), 1U);
    std::filesystem::remove(triggers_.file(service));
  }

  TempFolder triggers_;
  Marketplace market_{with_library(triggers_)};
};

TEST_F(FailedSync, stops_the_process_at_once_and_loses_nothing_that_was_answered) {
  Load load{market_, 8};
  load.start();
  const int rounds = rounds_of({1, 10, 50});
  for (int round = 0; round < rounds; ++round) {
    for (const std::string& service : kServices) {
      const std::int64_t goal = load.answered() + kWritesBetween;
      ASSERT_TRUE(eventually([&] { return load.answered() >= goal; })) << market_.logs();
      expect_to_stop(service);
      market_.start(service);
    }
  }
  expect_all_in_order(market_, load);
}

}  // namespace
}  // namespace ticketing::test
