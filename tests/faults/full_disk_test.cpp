// No room for one service's database after the other, under load: writes are refused and reads are
// not, no process dies, it comes back by itself when there is room, and nothing answered is lost.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <system_error>

#include "room.hpp"
#include "rounds.hpp"
#include "services/aftermath.hpp"
#include "support/eventually.hpp"

namespace ticketing::test {
namespace {

struct Victim {
  std::string service;
  std::string read;  ///< What needs its database, but no room in it.
  int status;
};
// The one that minds the time has no API.
const std::vector<Victim> kVictims{{"auth", "/api/users/currentuser", 200},
                                   {"tickets", "/api/tickets", 200},
                                   {"orders", "/api/orders", 200},
                                   {"expiration", "", 0},
                                   {"payments", "/api/payments/none", 404}};

/// A marketplace under load whose services run out of room.
class Squeeze {
 public:
  explicit Squeeze(Room& room) : room_(room), market_(options()) { load_.start(); }

  void run() {
    for (const Victim& victim : kVictims) squeeze(victim);
    expect_all_in_order(market_, load_);
  }

 private:
  MarketplaceOptions options() {
    MarketplaceOptions options = five_with_hold("2s");
    options.adjust = [this](const std::string& service, const Command& command) {
      const auto& words = command.arguments;
      const auto flag = std::find(words.begin(), words.end(), "--data-dir");
      room_.prepare(*std::next(flag) + "/" + service + ".db");
    };
    return options;
  }

  void squeeze(const Victim& victim) {
    const std::string& service = victim.service;
    Process& process = market_.process_of(service);
    const std::string database = market_.database_of(service);
    room_.take(process.pid(), database);
    EXPECT_TRUE(eventually([&] { return !market_.ready(service); }, kRest)) << service;
    expect_others_to_be_ready(service);
    if (!victim.read.empty()) expect_writes_alone_to_be_refused(victim);
    EXPECT_TRUE(process.running()) << service;
    room_.give_back(process.pid(), database);
    EXPECT_TRUE(eventually([&] { return market_.ready(service); }, kRest)) << service;
  }
  void expect_others_to_be_ready(const std::string& service) const {
    for (const std::string& other : kServices) {
      EXPECT_TRUE(other == service || market_.ready(other)) << other << " without " << service;
    }
  }
  void expect_writes_alone_to_be_refused(const Victim& victim) {
    const std::string origin = market_.origin_of(victim.read);
    const std::int64_t before = load_.turned_away(origin);
    EXPECT_TRUE(eventually([&] { return load_.turned_away(origin) > before; }, kRest))
        << victim.service;
    // A probe may still fit where a write did not: it is ready for a moment, now and then.
    EXPECT_TRUE(eventually([&] {
      if (market_.ready(victim.service)) return false;
      const int status = reader_.get(victim.read).status;
      if (market_.ready(victim.service)) return false;
      EXPECT_EQ(status, victim.status) << victim.service;
      return true;
    })) << victim.service;
  }

  Room& room_;
  Marketplace market_;
  Load load_{market_, 8};
  Visitor reader_{load_.visitor(0)};
};

/// Each round with new databases: one that has grown once has room of its own to write in again.
void squeeze_round_by_round(std::unique_ptr<Room> (*make_room)()) {
  const int rounds = rounds_of({1, 5, 20});
  for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
    const std::unique_ptr<Room> room = make_room();
    Squeeze{*room}.run();
  }
}

TEST(FullDisk, a_limit_on_files_refuses_writes_alone_and_loses_nothing) {
  squeeze_round_by_round(&size_limits);
}

// Where no disk may be mounted, the limit above stands for it.
TEST(FullDisk, a_small_disk_refuses_writes_alone_and_loses_nothing) {
  try {
    small_disks();
  } catch (const std::system_error& error) {
    std::printf("  no disk may be mounted here (%s); see the limit on files\n", error.what());
    return;
  }
  squeeze_round_by_round(&small_disks);
}

}  // namespace
}  // namespace ticketing::test
