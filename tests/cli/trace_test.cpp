// trace: what belongs to an id, and how it hangs together; what the verb prints and exits with.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "fake_world.hpp"
#include "ticketing/core/json.hpp"
#include "trace_tree.hpp"
#include "unit/client/audited_market.hpp"

namespace ticketing::cli {
namespace {

using testing::AuditedMarket;
using Lines = std::vector<std::string>;

/// A market whose events carry their request's id as the correlation, as real ones do.
class TracedMarket : public AuditedMarket {
 public:
  std::vector<TailedEvent> told() {
    std::map<std::string, std::string> correlations;
    for (TailedEvent& event : events) {
      Envelope& envelope = event.envelope;
      const auto caused = correlations.find(*envelope.causation_id);
      envelope.correlation_id = caused == correlations.end() ? *envelope.causation_id  // A request.
                                                             : caused->second;
      correlations[envelope.id] = envelope.correlation_id;
    }
    return events;
  }
  void expire_because_of(const std::string& order, const std::string& why) {
    now = std::max(now, orders[order].expires_at);
    publish(ExpirationComplete{order}, why);
  }

  /// Listed (r1), ordered (r2), paid for (r3), cancelled meanwhile (r4) and so refunded.
  void sell_and_refund() {
    list("t1");
    hold("o1", "t1");
    const std::string ordered = "log-orders-1";
    pay("o1", "p1");
    cancel("o1", request());
    const std::string cancelled = cause();
    free("t1", cancelled);
    publish(PaymentRefunded{"p1", 1, "o1", Money::from_cents(1999), "re_1"}, cancelled);
    expire_because_of("o1", ordered);
  }
};

std::string line_of(const TraceNode& node) {
  const Envelope& event = node.event.envelope;
  std::string line = std::string(2 * node.depth + 2, ' ') + node.event.log + " #" +
                     std::to_string(event.offset) + ' ' + event.type;
  if (node.since_cause) line += " +" + std::to_string(node.since_cause->count());
  return line;
}

Lines lines_of(const std::vector<TraceTree>& trees) {
  Lines lines;
  for (const TraceTree& tree : trees) {
    lines.push_back(std::string{name_of(tree.cause)} + ' ' + tree.cause_id);
    for (const TraceNode& node : tree.nodes) lines.push_back(line_of(node));
  }
  return lines;
}

/// What the verb does, without its sockets.
std::vector<TraceTree> traced(const std::vector<TailedEvent>& events, const std::string& id) {
  TraceScope scope{id};
  for (const TailedEvent& event : events) scope.learn(event.envelope);
  std::vector<TailedEvent> kept;
  std::copy_if(events.begin(), events.end(), std::back_inserter(kept),
               [&](const TailedEvent& event) { return scope.holds(event.envelope); });
  return trees_of(std::move(kept));
}

/// The requests whose trees belong to `id`.
Lines causes(const std::vector<TailedEvent>& events, const std::string& id) {
  Lines ids;
  for (const TraceTree& tree : traced(events, id)) ids.push_back(tree.cause_id);
  return ids;
}

/// An event of a service that nobody here knows.
TailedEvent strange(std::int64_t offset, const std::string& cause, const std::string& correlation,
                    const std::string& data = "{}") {
  Envelope envelope;
  envelope.id = "log-x-" + std::to_string(offset);
  envelope.source = "/ticketing/seats";
  envelope.type = "seat:moved";
  envelope.aggregate_id = "s" + std::to_string(offset);
  envelope.log_id = "log-x";
  envelope.offset = offset;
  envelope.time = Timestamp{milliseconds{offset}};
  if (!cause.empty()) envelope.causation_id = cause;
  envelope.correlation_id = correlation;
  envelope.data.text = data;
  return {"seats", std::move(envelope)};
}

// ---- the tree ----

TEST(TraceTree, a_sale_with_payment_and_refund_hangs_together) {
  TracedMarket market;
  market.sell_and_refund();
  EXPECT_EQ(lines_of(traced(market.told(), "o1")),
            (Lines{
                "request r2",
                "  orders #1 order:created",
                "    tickets #2 ticket:updated +1",
                "      orders #2 order:updated +1",
                "    expiration #1 expiration:complete +900000",
                "request r3",
                "  payments #1 payment:created",
                "request r4",
                "  orders #3 order:cancelled",
                "    tickets #3 ticket:updated +1",
                "    payments #2 payment:refunded +2",
            }));
}

TEST(TraceTree, an_id_brings_all_that_its_requests_have_led_to) {
  TracedMarket market;
  market.sell_and_refund();  // r1 lists, r2 orders, r3 pays, r4 cancels.
  market.list("t2");         // r5
  market.hold("o2", "t2");   // r6
  const auto events = market.told();
  EXPECT_EQ(causes(events, "o1"), (Lines{"r2", "r3", "r4"}));
  EXPECT_EQ(causes(events, "t1"), (Lines{"r1", "r2", "r4"}));
  EXPECT_EQ(causes(events, "p1"), (Lines{"r3", "r4"}));
  EXPECT_EQ(causes(events, "seller"), (Lines{"r1", "r2", "r4", "r5", "r6"}));
  EXPECT_EQ(causes(events, "buyer"), (Lines{"r2", "r4", "r6"}));
  EXPECT_EQ(causes(events, "r3"), Lines{"r3"});
  EXPECT_EQ(causes(events, "log-tickets-2"), Lines{"r2"});
  EXPECT_EQ(causes(events, "Concert"), Lines{});
  EXPECT_EQ(causes(events, ""), Lines{});
}

TEST(TraceTree, the_order_in_which_logs_are_read_does_not_matter) {
  TracedMarket market;
  market.trade();
  auto events = market.told();
  const Lines lines = lines_of(traced(events, "t1"));
  ASSERT_GT(lines.size(), 12U);
  std::mt19937 random{7};
  for (int i = 0; i < 50; ++i) {
    std::shuffle(events.begin(), events.end(), random);
    ASSERT_EQ(lines_of(traced(events, "t1")), lines);
  }
}

TEST(TraceTree, what_happened_in_one_millisecond_stands_by_publisher_and_offset) {
  TracedMarket market;
  market.sell_and_refund();
  auto events = market.told();
  for (TailedEvent& event : events) event.envelope.time = Timestamp{};
  EXPECT_EQ(lines_of(traced(events, "r4")), (Lines{
                                                "request r4",
                                                "  orders #3 order:cancelled",
                                                "    payments #2 payment:refunded +0",
                                                "    tickets #3 ticket:updated +0",
                                            }));
}

TEST(TraceTree, an_event_whose_cause_is_missing_is_kept_and_says_so) {
  TracedMarket market;
  market.sell_and_refund();
  auto events = market.told();
  events.erase(events.begin() + 1);  // order:created
  EXPECT_EQ(lines_of(traced(events, "r2")), (Lines{
                                                "unread log-orders-1",
                                                "  tickets #2 ticket:updated",
                                                "    orders #2 order:updated +1",
                                                "  expiration #1 expiration:complete",
                                            }));
}

TEST(TraceTree, an_event_that_names_no_cause_is_a_root) {
  EXPECT_EQ(lines_of(trees_of({strange(1, "", "c"), strange(2, "log-x-1", "c")})),
            (Lines{"untold ", "  seats #1 seat:moved", "    seats #2 seat:moved +1"}));
}

TEST(TraceTree, clocks_that_differ_give_a_negative_time) {
  TailedEvent effect = strange(1, "log-x-2", "c");
  EXPECT_EQ(lines_of(trees_of({effect, strange(2, "c", "c")})),
            (Lines{"request c", "  seats #2 seat:moved", "    seats #1 seat:moved +-1"}));
}

TEST(TraceTree, unknown_events_belong_to_what_their_data_names) {
  const std::vector<TailedEvent> events{
      strange(1, "c1", "c1", R"({"orderId":"o1","row":3})"),
      strange(2, "c2", "c2", R"({"ticketId":"o1"})"),
      strange(3, "c3", "c3", R"({"ticket":{"id":"o1"}})"),
      strange(4, "c4", "c4", R"({"userId":"o1"})"),
      strange(5, "c5", "c5", R"({"id":"o1"})"),
      strange(6, "c6", "c6", R"({"note":"o1"})"),
      strange(7, "c7", "c7", R"({"orderId":7,"userId":"o1"})"),
      strange(8, "c8", "c8", "[1]"),
  };
  EXPECT_EQ(causes(events, "o1"), (Lines{"c1", "c2", "c3", "c4", "c5"}));
  EXPECT_EQ(causes(events, "s8"), Lines{"c8"});
}

// ---- logs that somebody has tampered with ----

TEST(TraceTree, circles_are_cut_at_their_earliest_event) {
  EXPECT_EQ(lines_of(trees_of({strange(3, "log-x-2", "c"), strange(2, "log-x-1", "c"),
                               strange(1, "log-x-3", "c"), strange(4, "log-x-4", "c")})),
            (Lines{"circle log-x-3", "  seats #1 seat:moved", "    seats #2 seat:moved +1",
                   "      seats #3 seat:moved +1", "circle log-x-4", "  seats #4 seat:moved"}));
}

TEST(TraceTree, a_request_that_is_named_like_an_event_is_a_request) {
  const std::vector<TailedEvent> events{strange(1, "log-x-2", "log-x-2"),
                                        strange(2, "log-x-1", "log-x-2")};
  EXPECT_EQ(lines_of(trees_of(events)),
            (Lines{"request log-x-2", "  seats #1 seat:moved", "    seats #2 seat:moved +1"}));
}

TEST(TraceTree, an_id_that_two_events_have_got_shows_both) {
  const std::vector<TailedEvent> events{strange(1, "c", "c"), strange(1, "c", "c"),
                                        strange(2, "log-x-1", "c")};
  EXPECT_EQ(lines_of(trees_of(events)),
            (Lines{"request c", "  seats #1 seat:moved", "    seats #2 seat:moved +1",
                   "  seats #1 seat:moved"}));
}

TEST(TraceTree, a_chain_may_be_as_long_as_it_likes) {
  constexpr std::int64_t kLength = 200'000;
  std::vector<TailedEvent> events{strange(1, "c", "c")};
  for (std::int64_t i = 2; i <= kLength; ++i) {
    events.push_back(strange(i, "log-x-" + std::to_string(i - 1), "c"));
  }
  const auto trees = trees_of(std::move(events));
  ASSERT_EQ(trees.size(), 1U);
  ASSERT_EQ(trees[0].nodes.size(), static_cast<std::size_t>(kLength));
  EXPECT_EQ(trees[0].nodes.back().depth, static_cast<std::size_t>(kLength - 1));
}

// ---- the verb ----

/// Publishers whose logs can be read as often as one likes.
class Trace : public ::testing::Test {
 protected:
  Trace() { market_.sell_and_refund(); }

  int trace(const std::string& id, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"trace", id});
    World world = fake_.view();
    world.follow = [this](const TailOptions& options) { return follow(options); };
    return run(more, world);
  }
  virtual std::unique_ptr<EventSource> follow(const TailOptions& options) {
    fake_.followed = options;
    for (const TailedEvent& event : market_.told()) fake_.events.push(event);
    return std::make_unique<PlayedEvents>(fake_.events, fake_.clock, fake_.logs);
  }

  TracedMarket market_;
  FakeWorld fake_;
};

TEST_F(Trace, prints_each_event_under_its_cause) {
  market_.events[1].envelope.traceparent =
      "00-e1b1a4ba04de917483cfff638ef966fd-f4fd8c48c38a5e25-01";
  EXPECT_EQ(trace("o1"), 0);
  EXPECT_EQ(fake_.err(), "");
  EXPECT_EQ(
      fake_.out(),
      "request r2, trace e1b1a4ba04de917483cfff638ef966fd\n"
      "└─ 1970-01-01T00:00:00.001Z  orders          #1  order:created        o1  v0  created, "
      "Concert, 19.99\n"
      "   ├─ +1 ms                  tickets         #2  ticket:updated       t1  v1  Concert, "
      "19.99, held by order o1\n"
      "   │  └─ +1 ms               orders          #2  order:updated        o1  v1  "
      "awaiting:payment, Concert, 19.99\n"
      "   └─ +900000 ms             expiration      #1  expiration:complete  o1  v0  order o1\n"
      "request r3\n"
      "└─ 1970-01-01T00:00:00.004Z  payments        #1  payment:created      p1  v0  19.99 for "
      "order o1\n"
      "request r4\n"
      "└─ 1970-01-01T00:00:00.005Z  orders          #3  order:cancelled      o1  v2  cancelled "
      "(user), Concert, 19.99\n"
      "   ├─ +1 ms                  tickets         #3  ticket:updated       t1  v2  Concert, "
      "19.99, free\n"
      "   └─ +2 ms                  payments        #2  payment:refunded     p1  v1  19.99 back "
      "for order o1\n");
  EXPECT_EQ(fake_.followed.from, 1);
  EXPECT_TRUE(fake_.followed.subjects.empty());
  EXPECT_EQ(fake_.clock.monotonic(), std::chrono::nanoseconds{0});
}

struct Listed {
  std::string id;
  std::optional<std::string> causation_id;
  std::string correlation_id;
  std::string cause;
  std::int64_t depth = 0;
  std::optional<std::int64_t> after_ms;
  std::string publisher;
  std::int64_t offset = 0;
  std::string subject;
  std::string aggregate_id;
  std::int64_t version = 0;
  Timestamp time;
  PaymentRefunded data;
  static constexpr std::array kFields{
      field<&Listed::id>("id"),
      field<&Listed::causation_id>("causationId"),
      field<&Listed::correlation_id>("correlationId"),
      field<&Listed::cause>("cause"),
      field<&Listed::depth>("depth"),
      field<&Listed::after_ms>("afterMs"),
      field<&Listed::publisher>("publisher"),
      field<&Listed::offset>("offset"),
      field<&Listed::subject>("subject"),
      field<&Listed::aggregate_id>("aggregateId"),
      field<&Listed::version>("version"),
      field<&Listed::time>("time"),
      field<&Listed::data>("data"),
  };
};

TEST_F(Trace, json_is_a_list_with_depths_and_causes) {
  std::erase_if(market_.events, [](const TailedEvent& event) { return event.log != "payments"; });
  market_.events[1].envelope.causation_id = market_.events[0].envelope.id;
  EXPECT_EQ(trace("p1", {"--json"}), 0);
  std::string out = fake_.out();
  // The payment's own fields are not the refund's: only the second is read whole.
  const auto second = out.find(R"({"id":"log-payments-2")");
  ASSERT_NE(second, std::string::npos) << out;
  EXPECT_TRUE(out.starts_with(R"([{"id":"log-payments-1","causationId":"r3","correlationId":"r3",)"
                              R"("cause":"request","depth":0,"time":"1970-01-01T00:00:00.004Z",)"
                              R"("publisher":"payments","offset":1,)"))
      << out;
  const auto refund = list_from_json<Listed>('[' + out.substr(second)).at(0);
  EXPECT_EQ(refund.causation_id, "log-payments-1");
  EXPECT_EQ(refund.correlation_id, "r3");
  EXPECT_EQ(refund.cause, "event");
  EXPECT_EQ(refund.depth, 1);
  EXPECT_EQ(refund.after_ms, 3);
  EXPECT_EQ(refund.subject, "payment:refunded");
  EXPECT_EQ(refund.aggregate_id, "p1");
  EXPECT_EQ(refund.version, 1);
  EXPECT_EQ(refund.data.stripe_refund_id, "re_1");
}

TEST_F(Trace, an_id_that_no_event_has_to_do_with_is_not_found) {
  EXPECT_EQ(trace("nobody"), 3);
  EXPECT_EQ(fake_.out(), "");
  EXPECT_EQ(fake_.err(),
            "ticketctl: no event has to do with nobody; check the id with: ticketctl list, "
            "ticketctl orders\n");
}

TEST_F(Trace, every_log_is_needed) {
  fake_.logs = {"auth", "tickets", "orders", "payments"};
  EXPECT_EQ(trace("o1"), 6);
  EXPECT_EQ(fake_.err(),
            "ticketctl: nobody publishes the log of expiration there; start ticketd or pass "
            "--peer\n");
  EXPECT_EQ(fake_.out(), "");
}

TEST_F(Trace, a_cause_that_is_in_no_log_is_given_time_and_then_told) {
  auto events = market_.told();
  events.erase(events.begin() + 1);
  World world = fake_.view();
  world.follow = [&](const TailOptions&) {
    for (const TailedEvent& event : events) fake_.events.push(event);
    return std::make_unique<PlayedEvents>(fake_.events, fake_.clock, fake_.logs);
  };
  EXPECT_EQ(run({"trace", "o1"}, world), 0);
  EXPECT_GE(fake_.clock.monotonic(), std::chrono::seconds{5});
  EXPECT_NE(fake_.out().find("caused by log-orders-1, not in any log that was read\n├─ 1970"),
            std::string::npos)
      << fake_.out();
}

/// Hands out `late` a while after the end of all others.
class LateEvents : public PlayedEvents {
 public:
  LateEvents(FakeWorld& fake, const TailedEvent& late)
      : PlayedEvents(fake.events, fake.clock, fake.logs), fake_(fake), late_(late) {}
  std::optional<TailedEvent> next(milliseconds timeout) override {
    if (late_ && fake_.clock.monotonic() >= std::chrono::seconds{1}) {
      return std::exchange(late_, std::nullopt);
    }
    return PlayedEvents::next(timeout);
  }

 private:
  FakeWorld& fake_;
  std::optional<TailedEvent> late_;
};

class TraceInMotion : public Trace {
 protected:
  std::unique_ptr<EventSource> follow(const TailOptions&) override {
    const auto events = market_.told();
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (i != 1) fake_.events.push(events[i]);
    }
    return std::make_unique<LateEvents>(fake_, events[1]);
  }
};

TEST_F(TraceInMotion, an_effect_that_was_read_before_its_cause_waits_for_it) {
  EXPECT_EQ(trace("o1"), 0);
  EXPECT_LT(fake_.clock.monotonic(), std::chrono::seconds{2});
  EXPECT_TRUE(fake_.out().starts_with("request r2\n└─ 1970-01-01T00:00:00.001Z  orders "))
      << fake_.out();
  EXPECT_EQ(fake_.out().find("not in any log"), std::string::npos);
}

/// The first of its events cannot be read, and it may never come to an end.
class TroubledLogs : public PlayedEvents {
 public:
  TroubledLogs(FakeWorld& fake, bool ends)
      : PlayedEvents(fake.events, fake.clock, fake.logs), ends_(ends) {}
  std::optional<TailedEvent> next(milliseconds timeout) override {
    if (!std::exchange(told_, true)) throw Error{ErrorCode::invalid, "offset is missing"};
    return PlayedEvents::next(timeout);
  }
  bool caught_up() const override { return ends_ && PlayedEvents::caught_up(); }

 private:
  bool ends_;
  bool told_ = false;
};

class TraceTrouble : public Trace {
 protected:
  std::unique_ptr<EventSource> follow(const TailOptions&) override {
    for (const TailedEvent& event : market_.told()) fake_.events.push(event);
    return std::make_unique<TroubledLogs>(fake_, ends_);
  }
  bool ends_ = true;
};

TEST_F(TraceTrouble, an_event_that_cannot_be_read_is_told_once_and_the_rest_shown) {
  EXPECT_EQ(trace("r3"), 0);
  EXPECT_EQ(fake_.err(), "an event cannot be read: offset is missing\n");
  EXPECT_EQ(lines_in(fake_.out()), 2U);
}

TEST_F(TraceTrouble, logs_without_an_end_in_sight_are_unavailable) {
  ends_ = false;
  EXPECT_EQ(trace("r3", {"--timeout", "10s"}), 6);
  EXPECT_TRUE(fake_.err().ends_with("ticketctl: the logs' ends were not reached within 10s\n"));
  EXPECT_EQ(fake_.out(), "");
}

}  // namespace
}  // namespace ticketing::cli
