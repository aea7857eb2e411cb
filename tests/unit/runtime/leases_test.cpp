#include "runtime/leases.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "support/error_of.hpp"
#include "support/scratch_database.hpp"
#include "ticketing/messaging/event_log.hpp"

namespace ticketing::runtime {
namespace {

using Names = std::set<std::string>;
using std::chrono::milliseconds;

class LeasesTest : public testing::Test {
 protected:
  Names renew(Leases& leases) {
    const auto standing =
        db_.write([&](Transaction& tx) { return leases.renew(tx, names_, true, now_); });
    all_in_hands_ = standing.all_in_hands;
    return standing.held;
  }
  /// What each of `all` holds after `turns` of all.
  std::vector<Names> renew_all(const std::vector<Leases*>& all, int turns = 1) {
    std::vector<Names> held(all.size());
    for (int turn = 0; turn < turns; ++turn) {
      for (std::size_t i = 0; i < all.size(); ++i) held[i] = renew(*all[i]);
      now_ += Leases::kBeat;
    }
    return held;
  }
  bool holds(const Leases& leases, const std::string& name) {
    const auto error =
        test::error_of([&] { db_.write([&](Transaction& tx) { leases.require(tx, name); }); });
    EXPECT_EQ(error ? error->word() : kLeaseLost, kLeaseLost);
    return !error;
  }
  /// Whether each lease has one holder, and who says so is believed.
  void expect_each_held_once(const std::vector<Leases*>& all, const std::vector<Names>& held) {
    for (const std::string& name : names_) {
      int holders = 0;
      for (std::size_t i = 0; i < all.size(); ++i) {
        const bool says_so = held[i].contains(name);
        EXPECT_EQ(holds(*all[i], name), says_so) << name;
        if (says_so) ++holders;
      }
      EXPECT_EQ(holders, 1) << name;
    }
  }

  test::ScratchDatabase db_{{sdk_migrations()}};
  Names names_{"relay", "upkeep", "log a", "log b", "log c", "log d", "log e", "log f"};
  Leases::Time now_{std::chrono::hours{1}};
  bool all_in_hands_ = false;  ///< As the last renewal had it.
  Leases first_{"first", "alike"};
  Leases second_{"second", "alike"};
  Leases third_{"third", "alike"};
};

TEST_F(LeasesTest, one_alone_holds_all_at_once) {
  EXPECT_EQ(renew(first_), names_);
  expect_each_held_once({&first_}, {names_});
}

TEST_F(LeasesTest, nobody_holds_what_nobody_has_taken) { EXPECT_FALSE(holds(first_, "relay")); }

TEST_F(LeasesTest, those_who_come_share_the_work_and_each_lease_has_one_holder) {
  renew(first_);
  const std::vector<Leases*> all{&first_, &second_, &third_};
  const std::vector<Names> held = renew_all(all, 3);
  for (const Names& names : held) EXPECT_FALSE(names.empty());
  expect_each_held_once(all, held);
}

TEST_F(LeasesTest, whoever_gives_a_lease_up_does_so_before_another_has_it) {
  renew(first_);
  const Names given = renew(second_);
  EXPECT_EQ(given, Names{});  // The first does not know of it yet.
  const Names kept = renew(first_);
  EXPECT_LT(kept.size(), names_.size());
  for (const std::string& name : names_) EXPECT_EQ(holds(first_, name), kept.contains(name));
}

TEST_F(LeasesTest, what_the_dead_held_is_taken_once_they_have_been_silent_for_long_enough) {
  renew_all({&first_, &second_}, 3);
  const Leases::Time died = now_;
  Names held;
  while (held != names_) {
    held = renew(second_);
    now_ += Leases::kBeat;
    ASSERT_LT(now_ - died, std::chrono::seconds{4});
  }
  EXPECT_GE(now_ - died, Leases::kDeadAfter);
}

TEST_F(LeasesTest, whoever_only_slept_finds_that_another_has_taken_over) {
  const std::vector<Names> before = renew_all({&first_, &second_}, 3);
  ASSERT_FALSE(before[0].empty());
  const std::string& lost = *before[0].begin();
  while (!renew(second_).contains(lost)) now_ += Leases::kBeat;
  EXPECT_FALSE(holds(first_, lost));
  const std::vector<Names> after = renew_all({&first_, &second_}, 3);
  expect_each_held_once({&first_, &second_}, after);
  EXPECT_EQ(after, before);
}

TEST_F(LeasesTest, when_one_dies_no_lease_moves_but_its_own) {
  const std::vector<Names> before = renew_all({&first_, &second_, &third_}, 3);
  const std::vector<Names> after = renew_all({&first_, &second_}, 8);
  for (std::size_t i = 0; i < after.size(); ++i) {
    for (const std::string& name : before[i]) EXPECT_TRUE(after[i].contains(name)) << name;
  }
  expect_each_held_once({&first_, &second_}, after);
}

TEST_F(LeasesTest, whoever_leaves_is_not_waited_for) {
  renew_all({&first_, &second_}, 3);
  db_.write([&](Transaction& tx) { first_.leave(tx); });
  EXPECT_EQ(renew(second_), names_);
}

TEST_F(LeasesTest, a_restart_waits_for_what_went_before_it_to_be_dead) {
  renew(first_);
  Leases again{"again", "alike"};
  Names held;
  const Leases::Time started = now_;
  while (held != names_) {
    held = renew(again);
    EXPECT_EQ(all_in_hands_, held == names_);  // It has been, but is it still?
    now_ += Leases::kBeat;
    ASSERT_LT(now_ - started, std::chrono::seconds{4});
  }
}

TEST_F(LeasesTest, whoever_joins_knows_the_work_in_hands_once_the_others_have_moved) {
  renew(first_);
  renew(second_);
  EXPECT_FALSE(all_in_hands_);
  renew(first_);
  renew(second_);
  EXPECT_TRUE(all_in_hands_);
}

TEST_F(LeasesTest, whoever_has_other_secrets_joins_when_the_others_have_gone) {
  renew(first_);
  Leases stranger{"stranger", "other"};
  const auto error = test::error_of([&] { renew(stranger); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->word(), kOtherSecrets);
  EXPECT_EQ(renew(first_), names_);
  db_.write([&](Transaction& tx) { first_.leave(tx); });
  EXPECT_EQ(renew(stranger), names_);
}

TEST_F(LeasesTest, what_the_others_hold_is_in_hands_once_they_have_caught_up) {
  const auto renew_behind = [&] {
    db_.write([&](Transaction& tx) { first_.renew(tx, names_, false, now_); });
  };
  renew_behind();
  renew(second_);
  renew_behind();
  renew(second_);
  EXPECT_FALSE(all_in_hands_);
  renew(first_);
  renew(second_);
  EXPECT_TRUE(all_in_hands_);
}

TEST_F(LeasesTest, an_instance_that_does_not_know_a_part_is_not_due_to_hold_it) {
  const Names older{"relay", "upkeep"};
  const auto renew_older = [&](Leases& leases) {
    return db_.write([&](Transaction& tx) { return leases.renew(tx, older, true, now_).held; });
  };
  renew_older(first_);
  renew_older(third_);
  for (int turn = 0; turn < 3; ++turn) {
    renew(second_);
    renew_older(first_);
    renew_older(third_);
  }
  const Names held = renew(second_);
  for (const std::string& name : names_) {
    EXPECT_TRUE(older.contains(name) || held.contains(name)) << name;
  }
  EXPECT_TRUE(all_in_hands_);
}

TEST_F(LeasesTest, nobody_is_taken_for_dead_by_one_who_did_not_look) {
  const std::vector<Names> before = renew_all({&first_, &second_}, 3);
  now_ += 10 * Leases::kDeadAfter;  // The database was away, for both.
  EXPECT_EQ(renew(first_), before[0]);
  EXPECT_EQ(renew(second_), before[1]);
}

TEST_F(LeasesTest, the_dead_leave_no_rows) {
  for (int i = 0; i < 5; ++i) {
    Leases passing{"passing " + std::to_string(i), "alike"};
    renew(passing);
  }
  renew_all({&first_}, 6);
  EXPECT_EQ(db_.count("SELECT count(*) FROM ticketing_instances"), 1);
}

}  // namespace
}  // namespace ticketing::runtime
