#include "ticketing/messaging/replica.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>

#include "sample_events.hpp"
#include "support/error_of.hpp"

namespace ticketing {
namespace {

using namespace test;

/// Version v of an aggregate stands at offset 10 (v + 1).
constexpr std::int64_t offset_of(std::int64_t version) { return 10 * (version + 1); }

class ReplicaTest : public ::testing::Test {
 protected:
  ReplicaResult apply(std::int64_t version, const std::string& id = "x") {
    return db_.write([&](Transaction& tx) {
      return store_.apply(tx, sample_envelope("ticket:updated", id, version, offset_of(version)));
    });
  }
  std::int64_t version(const std::string& id = "x") {
    return db_.read([&](Transaction& tx) { return store_.version_of(tx, id); });
  }
  std::optional<std::string> data(const std::string& id = "x") {
    return db_.read([&](Transaction& tx) { return store_.find(tx, id); });
  }
  std::int64_t parked() {
    return db_.read([&](Transaction& tx) { return store_.parked(tx); });
  }
  std::vector<Gap> gaps() {
    return db_.read([&](Transaction& tx) { return store_.gaps(tx); });
  }

  ScratchDatabase db_{{sdk_migrations()}};
  ReplicaStore store_{"ticket", 3};
};

/// The first three steps of the schema are those of databases whose replicas have a row id.
TEST(ReplicaOfAnOlderSchema, is_kept) {
  const TempFolder folder;
  DatabaseOptions options;
  options.url = "sqlite:" + folder.file("test.db");
  Migrations steps = sdk_migrations();
  const Migrations old{steps.component, steps.steps.first(3)};
  const auto apply = [](Database& database, std::int64_t version, const std::string& id) {
    Verdict verdict{};
    database.write_and_step([&](Transaction& tx) {
      const auto event = sample_envelope("ticket:updated", id, version, offset_of(version));
      verdict = ReplicaStore{"ticket"}.apply(tx, event).verdict;
    });
    return verdict;
  };
  for (const char* id : {"y", "x"}) apply(*Database::open(options, {&old, 1}), 0, id);
  const auto database = Database::open(options, {&steps, 1});
  EXPECT_EQ(apply(*database, 0, "x"), Verdict::duplicate);
  EXPECT_EQ(apply(*database, 1, "x"), Verdict::applied);
  EXPECT_EQ(apply(*database, 1, "y"), Verdict::applied);
  EXPECT_EQ(apply(*database, 2, "z"), Verdict::parked);
}

TEST_F(ReplicaTest, an_unknown_aggregate_has_no_version) {
  EXPECT_EQ(version(), -1);
  EXPECT_EQ(data(), std::nullopt);
}

TEST_F(ReplicaTest, versions_in_order_are_applied) {
  for (std::int64_t v = 0; v < 3; ++v) EXPECT_EQ(apply(v).verdict, Verdict::applied);
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(data(), R"({"version":2})");
}

TEST_F(ReplicaTest, a_duplicate_changes_nothing) {
  apply(0);
  apply(1);
  for (const std::int64_t v : {1, 0}) {
    EXPECT_EQ(apply(v).verdict, Verdict::duplicate);
    EXPECT_EQ(data(), R"({"version":1})");
  }
}

TEST_F(ReplicaTest, a_newer_one_waits_and_the_gap_is_told) {
  apply(0);
  const ReplicaResult result = apply(3);
  EXPECT_EQ(result.verdict, Verdict::parked);
  ASSERT_TRUE(result.gap);
  EXPECT_EQ(result.gap->after, offset_of(0));
  EXPECT_EQ(result.gap->before, offset_of(3));
  EXPECT_EQ(version(), 0);
  EXPECT_EQ(parked(), 1);
}

TEST_F(ReplicaTest, the_gap_before_an_unknown_aggregate_starts_at_the_logs_start) {
  const ReplicaResult result = apply(1);
  ASSERT_TRUE(result.gap);
  EXPECT_EQ(result.gap->after, 0);
  EXPECT_EQ(result.gap->before, offset_of(1));
}

TEST_F(ReplicaTest, the_missing_one_brings_those_that_waited) {
  apply(0);
  apply(2);
  apply(3);
  const ReplicaResult result = apply(1);
  EXPECT_EQ(result.verdict, Verdict::healed);
  EXPECT_FALSE(result.gap);
  EXPECT_EQ(version(), 3);
  EXPECT_EQ(parked(), 0);
}

TEST_F(ReplicaTest, a_second_gap_goes_on_waiting) {
  for (const std::int64_t v : {0, 2, 4}) apply(v);
  EXPECT_EQ(apply(1).verdict, Verdict::healed);
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(parked(), 1);
  EXPECT_EQ(apply(3).verdict, Verdict::healed);
  EXPECT_EQ(version(), 4);
}

TEST_F(ReplicaTest, what_waits_is_bounded_and_a_refused_one_leaves_nothing) {
  for (const std::int64_t v : {2, 3, 4}) apply(v);
  EXPECT_ERROR(ErrorCode::unavailable, apply(5));
  EXPECT_EQ(parked(), 3);
  apply(0);
  EXPECT_EQ(apply(1).verdict, Verdict::healed);
  EXPECT_EQ(apply(5).verdict, Verdict::applied);
}

TEST_F(ReplicaTest, a_repetition_of_one_that_waits_needs_no_room) {
  for (const std::int64_t v : {2, 3, 4}) apply(v);
  EXPECT_EQ(apply(3).verdict, Verdict::parked);
  EXPECT_EQ(parked(), 3);
}

TEST_F(ReplicaTest, aggregates_and_kinds_are_apart) {
  const ReplicaStore orders{"order"};
  apply(0, "x");
  apply(1, "y");
  db_.write([&](Transaction& tx) {
    orders.apply(tx, sample_envelope("order:created", "x", 0, 1));
    EXPECT_EQ(orders.parked(tx), 0);
  });
  EXPECT_EQ(version("x"), 0);
  EXPECT_EQ(version("y"), -1);
}

TEST_F(ReplicaTest, the_gaps_of_all_that_waits_can_be_asked_for_after_a_restart) {
  EXPECT_TRUE(gaps().empty());
  apply(0, "x");
  apply(2, "x");
  apply(3, "x");
  apply(1, "y");
  db_.reopen();
  auto all = gaps();
  ASSERT_EQ(all.size(), 2u);
  std::sort(all.begin(), all.end(), [](const Gap& a, const Gap& b) { return a.after < b.after; });
  EXPECT_EQ(all[0].after, 0);
  EXPECT_EQ(all[0].before, offset_of(1));
  EXPECT_EQ(all[1].after, offset_of(0));
  EXPECT_EQ(all[1].before, offset_of(2));
}

TEST_F(ReplicaTest, every_order_of_arrival_ends_in_the_same_place) {
  store_ = ReplicaStore{"ticket"};
  std::array<std::int64_t, 5> order{};
  std::iota(order.begin(), order.end(), 0);
  std::minstd_rand random{1};
  int run = 0;
  do {
    const std::string id = std::to_string(++run);
    std::int64_t highest = -1;
    db_.write([&](Transaction& tx) {
      for (const std::int64_t v : order) {
        // Each comes once more at some time or other, and an older one in between.
        for (const std::int64_t again : {v, order[random() % 5], v}) {
          if (std::find(order.begin(), std::find(order.begin(), order.end(), v) + 1, again) ==
              std::find(order.begin(), order.end(), v) + 1) {
            continue;  // Not sent yet.
          }
          store_.apply(tx, sample_envelope("ticket:updated", id, again, offset_of(again)));
          const std::int64_t now = store_.version_of(tx, id);
          EXPECT_GE(now, highest);
          highest = now;
        }
      }
    });
    ASSERT_EQ(version(id), 4);
    ASSERT_EQ(data(id), R"({"version":4})");
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(run, 120);
  EXPECT_EQ(parked(), 0);
}

TEST_F(ReplicaTest, the_typed_view_reads_the_newest) {
  const Replica<TicketFact> tickets{"ticket"};
  Envelope envelope = sample_envelope("ticket:created", "x", 0, 1);
  envelope.data.text = R"({"id":"x","version":0,"title":"Show","price":19.99,"userId":"u"})";
  db_.write([&](Transaction& tx) {
    EXPECT_FALSE(tickets.find(tx, "x"));
    tickets.store().apply(tx, envelope);
    const auto ticket = tickets.find(tx, "x");
    ASSERT_TRUE(ticket);
    EXPECT_EQ(ticket->price, Money::from_cents(1999));
  });
}

class ReplicaOfASnapshot : public ReplicaTest {
 protected:
  ReplicaResult apply_kept(std::int64_t version) {
    return db_.write([&](Transaction& tx) {
      Envelope envelope = sample_envelope("ticket:updated", "x", version, offset_of(version));
      envelope.from_snapshot = true;
      return store_.apply(tx, envelope);
    });
  }
  void heal(std::int64_t horizon) {
    db_.write([&](Transaction& tx) { store_.heal(tx, horizon); });
  }
};

TEST_F(ReplicaOfASnapshot, what_is_kept_is_the_next_version_and_after_it_all_follow_one_by_one) {
  EXPECT_EQ(apply_kept(4).verdict, Verdict::applied);
  EXPECT_EQ(apply_kept(9).verdict, Verdict::applied);
  EXPECT_EQ(version(), 9);
  EXPECT_EQ(apply(11).verdict, Verdict::parked);
  EXPECT_EQ(apply(10).verdict, Verdict::healed);
  EXPECT_EQ(version(), 11);
}

TEST_F(ReplicaOfASnapshot, never_goes_back) {
  apply_kept(9);
  EXPECT_EQ(apply_kept(4).verdict, Verdict::duplicate);
  EXPECT_EQ(apply_kept(9).verdict, Verdict::duplicate);
  EXPECT_EQ(version(), 9);
}

TEST_F(ReplicaOfASnapshot, takes_along_what_was_parked) {
  apply(5);
  apply(7);
  EXPECT_EQ(apply_kept(6).verdict, Verdict::healed);
  EXPECT_EQ(version(), 7);
  EXPECT_EQ(parked(), 0);
}

TEST_F(ReplicaOfASnapshot, what_was_parked_below_the_horizon_waits_no_longer) {
  apply(0);
  apply(3);
  apply(4);
  apply(6);
  heal(offset_of(3) - 1);
  EXPECT_EQ(version(), 0) << "what it waits for may still come";
  heal(offset_of(3));
  EXPECT_EQ(version(), 4) << "and what follows it without a gap";
  EXPECT_EQ(parked(), 1);
  EXPECT_EQ(gaps().at(0).after, offset_of(4));
}

}  // namespace
}  // namespace ticketing
