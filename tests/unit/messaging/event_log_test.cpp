#include "ticketing/messaging/event_log.hpp"

#include <gtest/gtest.h>

#include "sample_events.hpp"
#include "support/error_of.hpp"

namespace ticketing {
namespace {

using namespace test;

class EventLogTest : public ::testing::Test {
 protected:
  void SetUp() override { open_log(); }
  void open_log() {
    db_.write([this](Transaction& tx) { log_.emplace("tickets", tx, system_random(), kStart); });
  }
  std::vector<LogEntry> append(const std::vector<StagedEvent>& events) {
    return db_.write(
        [&](Transaction& tx) { return log_->append(tx, events, sample_causality(), kStart); });
  }
  LogPage read(const LogQuery& query) {
    return db_.read([&](Transaction& tx) { return EventLog::read(tx, query); });
  }
  static std::vector<std::int64_t> offsets(const LogPage& page) {
    std::vector<std::int64_t> all;
    for (const LogEntry& entry : page.entries) all.push_back(entry.offset);
    return all;
  }

  ScratchDatabase db_{{sdk_migrations()}};
  std::optional<EventLog> log_;
};

using Offsets = std::vector<std::int64_t>;

TEST_F(EventLogTest, offsets_are_dense_from_one) {
  append({staged("a", "x", 0), staged("b", "y", 0)});
  const auto entries = append({staged("a", "x", 1)});
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].offset, 3);
  EXPECT_EQ(entries[0].subject, "a");
  EXPECT_EQ(offsets(read({})), (Offsets{1, 2, 3}));
}

TEST_F(EventLogTest, a_job_that_is_rolled_back_leaves_no_gap) {
  append({staged("a", "x", 0)});
  EXPECT_THROW(db_.write([&](Transaction& tx) {
    log_->append(tx, std::vector{staged("a", "x", 1)}, sample_causality(), kStart);
    throw 1;
  }),
               int);
  EXPECT_EQ(append({staged("a", "x", 1)}).at(0).offset, 2);
  EXPECT_EQ(offsets(read({})), (Offsets{1, 2}));
}

TEST_F(EventLogTest, a_job_that_is_rolled_back_between_two_others_leaves_no_gap) {
  for (const bool fails : {false, true, false}) {
    db_->submit(
        [&, fails](Transaction& tx) {
          log_->append(tx, std::vector{staged("a", "x", 0)}, sample_causality(), kStart);
          if (fails) throw 1;
        },
        [](std::exception_ptr) {});
  }
  db_->step();
  EXPECT_EQ(offsets(read({})), (Offsets{1, 2}));
}

TEST_F(EventLogTest, an_entry_is_a_complete_envelope) {
  const auto entries = append({staged("a", "x", 4, R"({"n":1})")});
  const Envelope envelope = decode_envelope(entries.at(0).envelope);
  EXPECT_EQ(envelope.type, "a");
  EXPECT_EQ(envelope.source, "/ticketing/tickets");
  EXPECT_EQ(envelope.aggregate_id, "x");
  EXPECT_EQ(envelope.version, 4);
  EXPECT_EQ(envelope.offset, 1);
  EXPECT_EQ(envelope.log_id, log_->id());
  EXPECT_EQ(envelope.id, log_->id() + "-1");
  EXPECT_EQ(envelope.time, kStart);
  EXPECT_EQ(envelope.correlation_id, "buyer");
  EXPECT_EQ(envelope.causation_id, "request");
  EXPECT_EQ(envelope.data.text, R"({"n":1})");
  EXPECT_EQ(read({}).entries.at(0).envelope, entries.at(0).envelope);
}

TEST_F(EventLogTest, its_id_survives_a_restart_and_differs_between_databases) {
  const std::string before = log_->id();
  db_.reopen();
  open_log();
  EXPECT_EQ(log_->id(), before);
  ScratchDatabase other{{sdk_migrations()}};
  other.write([&](Transaction& tx) {
    EXPECT_NE(EventLog("tickets", tx, system_random(), kStart).id(), before);
  });
}

TEST_F(EventLogTest, an_empty_log_covers_what_was_asked_for) {
  const LogPage page = read({.after = 0, .subjects = {}});
  EXPECT_TRUE(page.entries.empty());
  EXPECT_EQ(page.head, 0);
  EXPECT_EQ(page.covered_to, 0);
  EXPECT_TRUE(append({}).empty());
}

TEST_F(EventLogTest, a_filter_picks_subjects_and_still_covers_everything) {
  append({staged("a", "x", 0), staged("b", "y", 0), staged("a", "x", 1), staged("c", "z", 0)});
  const LogPage page = read({.after = 0, .subjects = {"a", "d"}});
  EXPECT_EQ(offsets(page), (Offsets{1, 3}));
  EXPECT_EQ(page.covered_to, 4);
  EXPECT_EQ(page.head, 4);
}

TEST_F(EventLogTest, a_range_is_exclusive_below_and_inclusive_above) {
  append({staged("a", "x", 0), staged("a", "x", 1), staged("a", "x", 2), staged("a", "x", 3)});
  const LogPage page = read({.after = 1, .until = 3, .subjects = {}});
  EXPECT_EQ(offsets(page), (Offsets{2, 3}));
  EXPECT_EQ(page.covered_to, 3);
  EXPECT_EQ(page.head, 4);
}

TEST_F(EventLogTest, past_the_end_there_is_nothing_and_nothing_is_covered_twice) {
  append({staged("a", "x", 0)});
  const LogPage page = read({.after = 5, .subjects = {}});
  EXPECT_TRUE(page.entries.empty());
  EXPECT_EQ(page.covered_to, 5);
  EXPECT_EQ(page.head, 1);
}

TEST_F(EventLogTest, pages_end_after_count_max_and_the_next_goes_on_there) {
  std::vector<StagedEvent> events;
  for (int i = 0; i < 25; ++i) events.push_back(staged(i % 3 == 0 ? "a" : "b", "x", i));
  append(events);
  for (const std::vector<std::string>& subjects : {std::vector<std::string>{}, {"a"}, {"none"}}) {
    Offsets found;
    std::int64_t after = 0;
    for (int pages = 0; after < 25; ++pages) {
      ASSERT_LT(pages, 26) << "no progress";
      const LogPage page = read({.after = after, .count_max = 2, .subjects = subjects});
      EXPECT_LE(page.entries.size(), 2u);
      for (const std::int64_t offset : offsets(page)) found.push_back(offset);
      ASSERT_GT(page.covered_to, after);
      after = page.covered_to;
    }
    EXPECT_EQ(found, offsets(read({.after = 0, .subjects = subjects})));
  }
}

TEST_F(EventLogTest, a_rare_subject_is_found_however_far_it_is) {
  std::vector<StagedEvent> events;
  for (int i = 0; i < 100; ++i) events.push_back(staged(i % 99 == 0 ? "rare" : "b", "x", i));
  append(events);
  Offsets found;
  for (std::int64_t after = 0; after < 100;) {
    const LogPage page = read({.after = after, .count_max = 2, .subjects = {"rare"}});
    for (const std::int64_t offset : offsets(page)) found.push_back(offset);
    ASSERT_GT(page.covered_to, after);
    after = page.covered_to;
  }
  EXPECT_EQ(found, (Offsets{1, 100}));
}

TEST_F(EventLogTest, a_page_is_bounded_in_bytes_but_never_empty) {
  const std::string big = "\"" + std::string(1'000, 'x') + "\"";
  append({staged("a", "x", 0, big), staged("a", "x", 1, big), staged("a", "x", 2, big)});
  EXPECT_EQ(offsets(read({.after = 0, .bytes_max = 10, .subjects = {}})), (Offsets{1}));
  const LogPage two = read({.after = 0, .bytes_max = 2'000, .subjects = {}});
  EXPECT_EQ(offsets(two), (Offsets{1, 2}));
  EXPECT_EQ(two.covered_to, 2);
}

TEST_F(EventLogTest, an_event_that_is_too_large_is_refused_and_leaves_nothing) {
  const std::string huge = "\"" + std::string(kEventDataBytesMax, 'x') + "\"";
  EXPECT_ERROR(ErrorCode::invalid, append({staged("a", "x", 0), staged("a", "x", 1, huge)}));
  EXPECT_EQ(read({}).head, 0);
}

}  // namespace
}  // namespace ticketing
