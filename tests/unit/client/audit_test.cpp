#include "ticketing/client/audit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "unit/client/audited_market.hpp"

namespace ticketing {
namespace {

using testing::AuditedMarket;

constexpr AuditQuestion kMoving{};
const AuditQuestion kAtRest{Timestamp::max(), milliseconds{0}, milliseconds{0}};

Audit audit_of(const std::vector<TailedEvent>& events) {
  Audit audit;
  for (const TailedEvent& event : events) audit.add(event.log, event.envelope);
  return audit;
}

const AuditRow& row(const AuditReport& report, Invariant invariant) {
  return report.invariants.at(static_cast<std::size_t>(invariant));
}

/// All breaches, a line each.
std::string found_in(const AuditReport& report) {
  std::string lines;
  for (const AuditRow& row : report.invariants) {
    for (const AuditBreach& breach : row.found) {
      lines += std::string{name_of(row.invariant)} + ' ' + breach.about + ' ' + breach.what + '\n';
    }
  }
  return lines;
}

/// The events of each log in its order, but of one log now and of another then.
std::vector<TailedEvent> interleaved(const std::vector<TailedEvent>& events, unsigned seed) {
  std::map<std::string, std::vector<TailedEvent>> logs;
  for (const TailedEvent& event : events) logs[event.log].push_back(event);
  std::vector<std::string> turns;
  for (const TailedEvent& event : events) turns.push_back(event.log);
  std::shuffle(turns.begin(), turns.end(), std::minstd_rand{seed});
  std::vector<TailedEvent> mixed;
  std::map<std::string, std::size_t> positions;
  for (const std::string& log : turns) mixed.push_back(logs[log][positions[log]++]);
  return mixed;
}

TEST(Audit, a_sound_market_holds_and_everything_in_it_was_checked) {
  AuditedMarket market;
  market.trade();
  const AuditReport report = audit_of(market.events).report(kAtRest);
  EXPECT_EQ(found_in(report), "");
  EXPECT_TRUE(report.held);
  EXPECT_EQ(report.events, std::ssize(market.events));
  EXPECT_EQ(report.owed + report.unexplained, 0);
  const std::vector<std::int64_t> checked{5, 5, 35, 26, 4, 7, 4, 19};
  for (std::size_t i = 0; i < checked.size(); ++i) {
    EXPECT_EQ(report.invariants[i].checked, checked[i]) << kInvariantNames[i];
    EXPECT_EQ(report.invariants[i].in_flow, 0) << kInvariantNames[i];
  }
  EXPECT_EQ(report.charged, Money::from_cents(2500 + 1999));
  EXPECT_EQ(report.refunded, Money::from_cents(1999));
  EXPECT_EQ(report.sold, Money::from_cents(2500));
}

TEST(Audit, logs_may_be_read_in_any_interleaving) {
  AuditedMarket market;
  market.trade();
  const std::string expected = to_json(audit_of(market.events).report(kAtRest));
  for (unsigned seed = 1; seed <= 200; ++seed) {
    const Audit audit = audit_of(interleaved(market.events, seed));
    ASSERT_EQ(to_json(audit.report(kAtRest)), expected) << "seed " << seed;
  }
}

TEST(Audit, what_is_under_way_is_no_breach_wherever_the_logs_are_cut) {
  AuditedMarket market;
  market.trade();
  std::int64_t in_flow = 0;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    Audit audit;
    for (const TailedEvent& event : interleaved(market.events, seed)) {
      audit.add(event.log, event.envelope);
      const AuditReport report = audit.report(kMoving);
      ASSERT_EQ(found_in(report), "") << "seed " << seed;
      in_flow += report.owed + report.unexplained;
    }
  }
  EXPECT_GT(in_flow, 0);
}

TEST(Audit, as_events_are_committed_nothing_is_unexplained) {
  AuditedMarket market;
  market.trade();
  Audit audit;
  for (const TailedEvent& event : market.events) {
    audit.add(event.log, event.envelope);
    const AuditQuestion now{event.envelope.time, milliseconds{0}, {}};
    ASSERT_EQ(found_in(audit.report(now)), "") << event.envelope.id;
    ASSERT_EQ(found_in(audit.report_on_last(now)), "") << event.envelope.id;
  }
}

TEST(Audit, the_last_event_alone_tells_of_its_own_breach) {
  AuditedMarket market;
  market.trade();
  market.list("t9");
  market.order("o9", "t9");
  market.pay("o9", "p9");
  Audit audit = audit_of(market.events);
  const AuditQuestion now{market.now, milliseconds{0}, {}};
  EXPECT_EQ(found_in(audit.report_on_last(now)), "I7 o9 was charged before it held its ticket\n");
  market.list("t10");
  audit.add("tickets", market.last().envelope);
  EXPECT_TRUE(audit.report_on_last(now).held);
  EXPECT_FALSE(audit.report(now).held);
}

TEST(Audit, what_is_owed_is_a_breach_when_it_takes_too_long) {
  AuditedMarket market;
  market.list("t1");
  market.hold("o1", "t1");
  market.pay("o1", "p1");
  market.cancel("o1", market.request());
  const Audit audit = audit_of(market.events);
  const Timestamp since = market.last().envelope.time;
  const auto asked = [&](milliseconds after) {
    return audit.report({since + after, milliseconds{0}, milliseconds{500}});
  };
  EXPECT_EQ(found_in(asked(milliseconds{499})), "");
  EXPECT_EQ(asked(milliseconds{499}).owed, 2);
  EXPECT_EQ(found_in(asked(milliseconds{500})),
            "I6 o1 is cancelled, and still holds its ticket\n"
            "I7 o1 is cancelled, and keeps charge p1\n");
}

TEST(Audit, an_order_may_wait_for_its_buyer_but_not_beyond_its_time) {
  AuditedMarket market;
  market.list("t1");
  market.hold("o1", "t1");
  const Audit audit = audit_of(market.events);
  const Timestamp end = market.orders["o1"].expires_at;
  const auto asked = [&](Timestamp now) {
    return audit.report({now, milliseconds{0}, milliseconds{0}});
  };
  EXPECT_TRUE(asked(end - milliseconds{1}).held);
  EXPECT_EQ(row(asked(end - milliseconds{1}), Invariant::order_life).in_flow, 1);
  EXPECT_EQ(found_in(asked(end)),
            "I8 o1 its time was over at 1970-01-01T00:15:00.001Z, and nobody said so\n");
}

TEST(Audit, many_breaches_are_counted_and_some_are_kept) {
  AuditedMarket market;
  for (int i = 0; i < 30; ++i) market.pay("none" + std::to_string(i), "p" + std::to_string(i));
  const AuditRow charges = row(audit_of(market.events).report(kAtRest), Invariant::charges);
  EXPECT_EQ(charges.breaches, 30);
  EXPECT_EQ(charges.found.size(), AuditRow::kFoundMax);
}

TEST(Audit, an_event_that_cannot_be_read_is_a_breach) {
  Audit audit;
  audit.add_unreadable("offset is missing");
  EXPECT_EQ(found_in(audit.report(kMoving)),
            "I3 a log holds an event that cannot be read: offset is missing\n");
}

// ---- what is shown ----

TicketAnswer shown(const TicketFact& fact) {
  return {fact.id, fact.title, fact.price, fact.user_id, fact.version, fact.order_id};
}

class ShownTicket : public ::testing::Test {
 protected:
  ShownTicket() {
    market_.list("t1");
    market_.edit("t1", 2500);
    audit_ = audit_of(market_.events);
    answer_ = shown(market_.tickets["t1"]);
  }
  std::string found() {
    audit_.add_shown(answer_, Timestamp{});
    return found_in(audit_.report(kAtRest));
  }
  AuditedMarket market_;
  Audit audit_;
  TicketAnswer answer_;
};

TEST_F(ShownTicket, holds_when_it_is_what_the_log_says) {
  EXPECT_EQ(audit_.tickets_not_shown(), std::vector<std::string>{"t1"});
  EXPECT_EQ(found(), "");
  EXPECT_TRUE(audit_.tickets_not_shown().empty());
}

TEST_F(ShownTicket, is_not_older_than_its_log) {
  answer_.version = 0;
  EXPECT_EQ(found(), "I5 t1 is shown at version 0; its log is at 1\n");
}

TEST_F(ShownTicket, is_not_other_than_its_log_says) {
  answer_.price = Money::from_cents(1);
  EXPECT_EQ(found(), "I5 t1 is shown otherwise than its log says at version 1\n");
}

TEST_F(ShownTicket, may_be_ahead_until_its_log_is_read) {
  market_.edit("t1", 3000);
  answer_ = shown(market_.tickets["t1"]);
  EXPECT_EQ(found(), "I5 t1 is shown at version 2, of which its log does not tell\n");
  EXPECT_EQ(audit_.report(kMoving).unexplained, 1);
  EXPECT_TRUE(audit_.report(kMoving).held);
  audit_.add("tickets", market_.last().envelope);
  EXPECT_EQ(found_in(audit_.report(kAtRest)), "");
}

TEST_F(ShownTicket, that_was_ahead_is_compared_when_its_log_is_read) {
  market_.edit("t1", 3000);
  answer_ = shown(market_.tickets["t1"]);
  answer_.order_id = "o1";
  audit_.add_shown(answer_, Timestamp{});
  audit_.add("tickets", market_.last().envelope);
  EXPECT_EQ(found_in(audit_.report(kAtRest)),
            "I5 t1 is shown otherwise than its log says at version 2\n");
}

TEST_F(ShownTicket, is_missed) {
  audit_.add_absent("t1");
  EXPECT_EQ(found_in(audit_.report(kAtRest)), "I5 t1 is in the log, and nowhere else\n");
}

/// What is left of `events` where each log is a snapshot up to a place that chance chooses.
std::vector<TailedEvent> compacted(const std::vector<TailedEvent>& events, unsigned seed) {
  std::minstd_rand random{seed};
  std::map<std::string, std::int64_t> horizons;
  for (const TailedEvent& event : events) horizons[event.log] = event.envelope.offset;
  for (auto& [log, horizon] : horizons)
    horizon = static_cast<std::int64_t>(
        random() % 2 == 0 ? horizon : random() % (static_cast<unsigned long>(horizon) + 1));
  std::map<std::string, std::int64_t> newest;
  const auto key = [](const TailedEvent& event) {
    return event.log + event.envelope.aggregate_id + event.envelope.type;
  };
  for (const TailedEvent& event : events) {
    if (event.envelope.offset <= horizons[event.log]) newest[key(event)] = event.envelope.offset;
  }
  std::vector<TailedEvent> left;
  for (TailedEvent event : events) {
    event.envelope.from_snapshot = event.envelope.offset <= horizons[event.log];
    if (event.envelope.from_snapshot && newest[key(event)] != event.envelope.offset) continue;
    left.push_back(std::move(event));
  }
  return left;
}

TEST(Audit, a_snapshot_is_no_gap_and_the_books_still_balance) {
  AuditedMarket market;
  market.trade();
  const AuditReport whole = audit_of(market.events).report(kAtRest);
  std::int64_t gone = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    const auto left = compacted(market.events, seed);
    gone += std::ssize(market.events) - std::ssize(left);
    const AuditReport report = audit_of(interleaved(left, seed)).report(kAtRest);
    ASSERT_EQ(found_in(report), "") << "seed " << seed;
    ASSERT_EQ(report.charged, whole.charged);
    ASSERT_EQ(report.refunded, whole.refunded);
    ASSERT_EQ(report.sold, whole.sold);
  }
  EXPECT_GT(gone, 0);
}

TEST(Audit, above_a_snapshot_a_gap_is_a_breach) {
  AuditedMarket market;
  market.trade();
  auto left = compacted(market.events, 1);
  const auto above = std::find_if(left.rbegin(), left.rend(), [&](const TailedEvent& event) {
    return !event.envelope.from_snapshot && event.envelope.version > 0 &&
           event.log != left.back().log;
  });
  ASSERT_NE(above, left.rend());
  const std::string log = above->log;
  left.erase(std::next(above).base());
  EXPECT_FALSE(audit_of(left).report(kAtRest).held) << log;
}

}  // namespace
}  // namespace ticketing
