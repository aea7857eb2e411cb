// Compaction: what goes, what stays, and that nobody ends up elsewhere for it.

#include "messaging/compaction.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "messaging/fetch_answer.hpp"
#include "sample_events.hpp"
#include "support/error_of.hpp"

namespace ticketing {
namespace {

using namespace test;
using compaction::Limit;
using Offsets = std::vector<std::int64_t>;

constexpr Limit kAll{INT64_MAX, Timestamp::max()};

class Compaction : public ::testing::Test {
 protected:
  void SetUp() override {
    db_.write([this](Transaction& tx) { log_.emplace("tickets", tx, system_random(), kStart); });
  }
  void publish(std::string_view subject, const std::string& aggregate, Timestamp at = kStart) {
    const std::int64_t version = versions_.try_emplace(aggregate, -1).first->second += 1;
    db_.write([&](Transaction& tx) {
      log_->append(tx, std::vector{staged(subject, aggregate, version)}, sample_causality(), at);
    });
  }
  compaction::Slice advance(const Limit& limit = kAll, std::int64_t events_max = 1'000) {
    return db_.write([&](Transaction& tx) { return compaction::advance(tx, limit, events_max); });
  }
  bool can_advance(const Limit& limit = kAll) {
    return db_.read([&](Transaction& tx) { return compaction::can_advance(tx, limit); });
  }
  LogPage read(const LogQuery& query = {}) {
    return db_.read([&](Transaction& tx) { return EventLog::read(tx, query); });
  }
  Offsets left() {
    Offsets all;
    for (const LogEntry& entry : read().entries) all.push_back(entry.offset);
    return all;
  }
  wire::Frames ask(const wire::FetchRequest& request) {
    const HostedLogs logs{{"tickets",
                           {.name = "tickets",
                            .id = log_->id(),
                            .head = 0,
                            .read = [this](const LogQuery& query) { return read(query); },
                            .on_reader =
                                [this](const wire::Reader& reader) {
                                  heard_.push_back(reader.consumer + std::to_string(reader.cursor));
                                }}}};
    return answer_fetch(logs, wire::encode(request), null_logger());
  }

  ScratchDatabase db_{{sdk_migrations()}};
  std::optional<EventLog> log_;
  std::map<std::string, std::int64_t> versions_;
  std::vector<std::string> heard_;
};

TEST_F(Compaction, keeps_the_newest_event_of_each_aggregate_and_subject_up_to_the_horizon) {
  for (const char* aggregate : {"x", "y"}) publish("created", aggregate);
  for (int i = 0; i < 3; ++i) publish("updated", "x");
  publish("updated", "y");
  EXPECT_EQ(advance({4, Timestamp::max()}).removed, 1);
  EXPECT_EQ(left(), (Offsets{1, 2, 4, 5, 6})) << "above the horizon everything stays";
  EXPECT_EQ(read().horizon, 4);
  EXPECT_EQ(advance().removed, 1);
  EXPECT_EQ(left(), (Offsets{1, 2, 5, 6}));
  EXPECT_EQ(read().head, 6);
  EXPECT_FALSE(can_advance());
  EXPECT_EQ(advance().read, 0);
}

TEST_F(Compaction, the_next_offset_is_that_of_a_log_that_was_never_shortened) {
  for (int i = 0; i < 5; ++i) publish("updated", "x");
  advance();
  publish("updated", "x");
  EXPECT_EQ(left(), (Offsets{5, 6}));
}

TEST_F(Compaction, spares_what_is_young_and_all_that_follows_it) {
  publish("updated", "x");
  publish("updated", "x");
  publish("updated", "x", kStart + milliseconds{10});
  publish("updated", "x");  // By a clock that was set back.
  const Limit limit{INT64_MAX, kStart};
  ASSERT_TRUE(can_advance(limit));
  EXPECT_EQ(advance(limit).horizon, 2);
  EXPECT_EQ(left(), (Offsets{2, 3, 4}));
  EXPECT_FALSE(can_advance(limit));
}

TEST_F(Compaction, a_slice_that_is_undone_leaves_nothing_and_the_next_goes_on) {
  for (int i = 0; i < 6; ++i) publish("updated", i % 2 == 0 ? "x" : "y");
  EXPECT_THROW(db_.write([&](Transaction& tx) {
    compaction::advance(tx, kAll, 4);
    throw 1;
  }),
               int);
  EXPECT_EQ(left(), (Offsets{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read().horizon, 0);
  EXPECT_EQ(advance(kAll, 4).horizon, 4);
  db_.reopen();
  EXPECT_EQ(advance(kAll, 4).horizon, 6);
  EXPECT_EQ(left(), (Offsets{5, 6}));
}

TEST_F(Compaction, counts_what_is_left_and_knows_how_old_it_is) {
  publish("updated", "x");
  publish("updated", "x", kStart + milliseconds{10});
  EXPECT_EQ(db_.read([](Transaction& tx) { return compaction::oldest(tx, {}); }), kStart);
  advance();
  EXPECT_EQ(db_.read([](Transaction& tx) { return compaction::removed(tx); }), 1);
  EXPECT_EQ(db_.read([](Transaction& tx) { return compaction::oldest(tx, {}); }),
            kStart + milliseconds{10});
}

// ---- whoever reads ----

/// What a replica of those subjects comes to, and from how many events.
struct Copy {
  std::map<std::string, std::int64_t> versions;
  std::size_t events = 0;

  void take(const LogPage& page) {
    for (const LogEntry& entry : page.entries) {
      const Envelope event = decode_envelope(entry.envelope);
      std::int64_t& version = versions.try_emplace(event.aggregate_id, -1).first->second;
      if (entry.offset > page.horizon) {
        EXPECT_EQ(event.version, version + 1) << "a gap above the horizon, at " << entry.offset;
      }
      EXPECT_GT(event.version, version);
      version = event.version;
      ++events;
    }
  }
};

/// Subjects of an aggregate as they follow each other; whoever wants the versions wants all.
TEST_F(Compaction, a_reader_ends_where_one_of_the_whole_log_ends_whenever_slices_come_between) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::minstd_rand random{seed};
    const auto one_of = [&](std::size_t count) { return random() % count; };
    for (int i = 0; i < 40; ++i) {
      const std::string aggregate{static_cast<char>('a' + one_of(6))};
      publish(versions_.contains(aggregate) ? (one_of(2) == 0 ? "updated" : "moved") : "created",
              aggregate);
    }
    Copy copy;
    for (std::int64_t after = 0; after < read().head;) {
      if (one_of(2) == 0) {
        advance({static_cast<std::int64_t>(one_of(45 * seed)), Timestamp::max()}, 10);
      }
      const LogPage page = read({.after = after, .count_max = 1 + one_of(7)});
      copy.take(page);
      after = page.covered_to;
    }
    ASSERT_EQ(copy.versions, versions_) << "seed " << seed;
  }
  EXPECT_GT(read().horizon, 0);
}

TEST_F(Compaction, a_reader_of_one_subject_still_meets_every_aggregate) {
  for (const char* aggregate : {"x", "y", "z"}) publish("created", aggregate);
  for (int i = 0; i < 9; ++i) publish("updated", "x");
  advance();
  EXPECT_EQ(read({.subjects = {"created"}}).entries.size(), 3U);
}

TEST_F(Compaction, an_answer_tells_the_horizon_to_who_can_read_a_snapshot) {
  for (int i = 0; i < 4; ++i) publish("updated", "x");
  advance({3, Timestamp::max()});
  wire::FetchRequest request{.number = 7, .log = "tickets", .log_id = log_->id(), .query = {}};
  request.reader = wire::Reader{"orders", 2};
  const wire::FetchAnswer answer = wire::decode_fetch_answer(ask(request));
  EXPECT_EQ(answer.horizon, 3);
  EXPECT_EQ(answer.events.size(), 2U);
  EXPECT_EQ(heard_, std::vector<std::string>{"orders2"});
}

TEST_F(Compaction, an_older_reader_is_refused_below_the_horizon_and_served_above_it) {
  for (int i = 0; i < 4; ++i) publish("updated", "x");
  advance({3, Timestamp::max()});
  wire::FetchRequest request{.number = 7, .log = "tickets", .log_id = log_->id(), .query = {}};
  request.query.after = 2;
  EXPECT_EQ(wire::decode_fetch_answer(ask(request)).error.substr(0, 7), "refused");
  request.query.after = 3;
  const wire::Frames frames = ask(request);
  EXPECT_EQ(frames.front(), "v1 events 7 tickets " + log_->id() + " 4 4 4");
}

TEST_F(Compaction, a_report_is_heard_and_not_answered) {
  const auto tell = [&](const std::string& line) {
    const HostedLogs logs{{"tickets",
                           {.name = "tickets",
                            .id = "id",
                            .head = 0,
                            .read = {},
                            .on_reader = [this](const wire::Reader& reader) {
                              heard_.push_back(reader.consumer + std::to_string(reader.cursor));
                            }}}};
    EXPECT_TRUE(answer_fetch(logs, line, null_logger()).empty());
  };
  tell("v1 report tickets id orders 12");
  tell("v1 report tickets another-id orders 99");
  tell("v1 report nobody id orders 99");
  tell("v1 report tickets id orders x");
  EXPECT_EQ(heard_, std::vector<std::string>{"orders12"});
}

// ---- whom the log is kept for ----

TEST_F(Compaction, consumers_are_noted_and_forgotten) {
  db_.write([](Transaction& tx) {
    compaction::note(tx, {"orders", 3, kStart});
    compaction::note(tx, {"payments", 4, kStart});
    compaction::note(tx, {"orders", 5, kStart + milliseconds{1}});
    compaction::forget(tx, "payments");
  });
  const auto known = db_.read([](Transaction& tx) { return compaction::consumers(tx); });
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known[0].name, "orders");
  EXPECT_EQ(known[0].cursor, 5);
  EXPECT_EQ(known[0].seen_at, kStart + milliseconds{1});
}

}  // namespace
}  // namespace ticketing
