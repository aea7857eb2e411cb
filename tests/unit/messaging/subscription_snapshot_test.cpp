// A log whose beginning is a snapshot, as its subscriber sees it; and what the subscriber reports.

#include "subscription_fixture.hpp"

namespace ticketing {
namespace {

using namespace test;
using namespace std::chrono_literals;

class SubscriptionToASnapshot : public SubscriptionFixture {
 protected:
  SubscriptionOptions named(std::string consumer) {
    SubscriptionOptions options;
    options.consumer = std::move(consumer);
    return options;
  }
  void answer_below(std::int64_t horizon, const wire::FetchRequest& request, Offsets offsets,
                    std::int64_t covered_to, std::int64_t head) {
    wire::FetchAnswer answer{request.number, "tickets", "log-1", covered_to, head, {}, {}, horizon};
    for (const std::int64_t offset : offsets) {
      answer.events.push_back({offset, std::to_string(offset)});
    }
    core_->on_fetched(std::move(answer));
  }
};

TEST_F(SubscriptionToASnapshot, batches_say_up_to_where_versions_may_be_missing) {
  for (int i = 0; i < 9; ++i) publish("a");
  start_joined(named("orders"));
  answer_below(7, *step().fetch, {3, 7, 8, 9}, 9, 9);
  const auto batch = step().deliver;
  ASSERT_TRUE(batch);
  EXPECT_EQ(offsets(batch), (Offsets{3, 7, 8, 9}));
  EXPECT_EQ(batch->horizon, 7);
  EXPECT_EQ(core_->horizon(), 7);
  core_->on_applied();
  EXPECT_TRUE(core_->caught_up());
}

TEST_F(SubscriptionToASnapshot, a_gap_that_holds_nothing_any_more_is_closed_by_a_replay) {
  for (int i = 0; i < 9; ++i) publish("a");
  start_joined(named("orders"));
  answer_below(9, *step().fetch, {9}, 9, 9);
  drain();
  core_->request_replay({.after = 2, .before = 6});
  const auto asked = step().fetch;
  ASSERT_TRUE(asked);
  answer_below(9, *asked, {}, 5, 9);
  const auto batch = step().deliver;
  ASSERT_TRUE(batch) << "the replica is to know that nothing will come";
  EXPECT_TRUE(batch->replay);
  EXPECT_TRUE(batch->events.empty());
  EXPECT_EQ(batch->horizon, 9);
}

TEST_F(SubscriptionToASnapshot, without_a_snapshot_an_empty_gap_leads_to_nothing) {
  for (int i = 0; i < 9; ++i) publish("a");
  start_joined(named("orders"));
  answer_below(0, *step().fetch, {9}, 9, 9);
  drain();
  core_->request_replay({.after = 2, .before = 6});
  answer_below(0, *step().fetch, {}, 5, 9);
  EXPECT_FALSE(step().deliver);
}

TEST_F(SubscriptionToASnapshot, the_publisher_is_told_at_once_and_then_now_and_again) {
  SubscriptionOptions options = named("orders");
  options.report_every = 10s;
  start(options);
  EXPECT_FALSE(step().report) << "nobody is there yet";
  hello();
  const auto first = step().report;
  ASSERT_TRUE(first);
  EXPECT_EQ(wire::encode(*first), "v1 report tickets log-1 orders 0");
  publish_and_receive("a");
  drain();
  for (int second = 1; second < 10; ++second) {
    beat();
    EXPECT_FALSE(step(1s).report);
  }
  EXPECT_LE(core_->next_deadline(), now_ + 1s);
  beat();
  const auto later = step(1s).report;
  ASSERT_TRUE(later);
  EXPECT_EQ(later->reader.cursor, 1);
  hello();  // It has restarted, perhaps, and does not know any more.
  EXPECT_TRUE(step().report);
}

TEST_F(SubscriptionToASnapshot, a_report_that_nobody_would_hear_is_not_waited_for) {
  start_joined(named("orders"));
  ASSERT_TRUE(step().report);
  for (int second = 0; second < 30; ++second) {
    step(1s);
    EXPECT_GT(core_->next_deadline(), now_);
  }
  EXPECT_FALSE(core_->joined());
}

TEST_F(SubscriptionToASnapshot, only_what_is_durable_is_reported) {
  start_joined(named("orders"));
  step();
  publish_and_receive("a");
  ASSERT_TRUE(step().deliver);
  hello();
  EXPECT_EQ(step().report->reader.cursor, 0);
  core_->on_applied();
  hello();
  EXPECT_EQ(step().report->reader.cursor, 1);
}

TEST_F(SubscriptionToASnapshot, a_question_names_the_reader) {
  publish("a");
  start_joined(named("orders"));
  const auto asked = step().fetch;
  ASSERT_TRUE(asked && asked->reader);
  EXPECT_EQ(asked->reader->consumer, "orders");
}

TEST_F(SubscriptionToASnapshot, whoever_has_no_name_reads_without_holding_the_log) {
  publish("a");
  start_joined({});
  const auto actions = step();
  EXPECT_FALSE(actions.report);
  ASSERT_TRUE(actions.fetch && actions.fetch->reader);
  EXPECT_EQ(actions.fetch->reader->consumer, "");
}

TEST_F(SubscriptionToASnapshot,
       an_older_publisher_is_asked_and_told_nothing_that_it_does_not_know) {
  publish("a");
  start(named("orders"));
  step();
  wire::Position old = relay_.position();
  old.takes_readers = false;
  core_->on_hello(old);
  const auto actions = step();
  ASSERT_TRUE(actions.fetch);
  EXPECT_FALSE(actions.fetch->reader);
  EXPECT_FALSE(actions.report);
}

}  // namespace
}  // namespace ticketing
