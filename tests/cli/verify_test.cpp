// verify: what it asks of the services, prints and exits with. What it finds is the audit's test.

#include <gtest/gtest.h>

#include "fake_world.hpp"
#include "ticketing/client/audit.hpp"
#include "ticketing/core/json.hpp"
#include "unit/client/audited_market.hpp"
#include "unit/client/scripted_server.hpp"

namespace ticketing::cli {
namespace {

using testing::AuditedMarket;
using testing::ScriptedServer;

/// The tickets service, which shows what the market last published.
class Verify : public ::testing::Test {
 protected:
  Verify() : server_([this](const Request& request) { return answer(request); }) {
    fake_.variables["TICKETING_SERVER"] = server_.origin();
    market_.trade();
    // Judged by a clock that starts in 1970: everything has been over for long.
    fake_.clock.advance(AuditedMarket::kHold * 2);
  }

  int verify(std::vector<std::string> more = {}) {
    for (const TailedEvent& event : market_.events) fake_.events.push(event);
    more.insert(more.begin(), "verify");
    return fake_.run(more);
  }
  AuditReport report() const { return from_json<AuditReport>(fake_.out()); }

  AuditedMarket market_;
  FakeWorld fake_;

 private:
  Response answer(const Request& request) {
    std::string listed;
    for (const auto& [id, ticket] : market_.tickets) {
      const TicketAnswer answer{ticket.id,      ticket.title,   ticket.price,
                                ticket.user_id, ticket.version, ticket.order_id};
      if (request.path == "/api/tickets/" + id) return Response::json(200, to_json(answer));
      if (!ticket.order_id) listed += (listed.empty() ? "" : ",") + to_json(answer);
    }
    if (request.path == "/api/tickets") return Response::json(200, '[' + listed + ']');
    return error_response(Error{ErrorCode::not_found, "Not Found"});
  }

  ScriptedServer server_;
};

TEST_F(Verify, a_sound_market_holds) {
  EXPECT_EQ(verify(), 0);
  EXPECT_EQ(fake_.err(), "");
  EXPECT_EQ(fake_.out(),
            "invariant  checked  unit     inFlow  breaches  rule\n"
            "I1               5  orders        0         0  at most one active order of a ticket\n"
            "I2               5  orders        0         0  charged less refunded is what the "
            "complete orders cost\n"
            "I3              35  events        0         0  logs without a gap, versions one by "
            "one\n"
            "I4              26  changes       0         0  an event takes effect once\n"
            "I5               7  copies        0         0  what is copied or shown is what the "
            "log says\n"
            "I6               7  holds         0         0  a held ticket is not edited, and freed "
            "by its order alone\n"
            "I7               4  charges       0         0  one charge of an order, none without, "
            "none kept in vain\n"
            "I8              19  steps         0         0  legal steps, no early expiry; what is "
            "final stays so\n"
            "35 events; charged 44.99, refunded 19.99, sold for 25; 0 steps owed\n");
  EXPECT_EQ(fake_.followed.from, 1);
  EXPECT_TRUE(fake_.followed.subjects.empty());
}

TEST_F(Verify, a_breach_fails_and_is_told) {
  market_.pay("o2", "p9");
  EXPECT_EQ(verify(), 1);
  EXPECT_TRUE(fake_.out().ends_with("I7  o2: was charged twice, by p2 and p9\n")) << fake_.out();
  EXPECT_EQ(fake_.err(), "ticketctl: broken: I2, I7\n") << fake_.out();
}

TEST_F(Verify, more_breaches_than_fit_are_counted) {
  for (int i = 0; i < 25; ++i) market_.pay("none" + std::to_string(i), "q" + std::to_string(i));
  EXPECT_EQ(verify(), 1);
  EXPECT_TRUE(fake_.out().ends_with("I7  and 5 more\n")) << fake_.out();
}

TEST_F(Verify, json_is_the_whole_report) {
  EXPECT_EQ(verify({"--json"}), 0);
  EXPECT_TRUE(report().held);
  EXPECT_EQ(report().events, 35);
  EXPECT_EQ(report().invariants.size(), kInvariantNames.size());
  market_.tickets["t1"].title = "Something else";
  EXPECT_EQ(verify({"--json"}), 1);
  EXPECT_FALSE(report().held);
}

TEST_F(Verify, a_ticket_that_is_not_shown_is_a_breach) {
  market_.tickets.erase("t2");
  EXPECT_EQ(verify(), 1);
  EXPECT_TRUE(fake_.out().ends_with("I5  t2: is in the log, and nowhere else\n")) << fake_.out();
}

TEST_F(Verify, what_is_owed_is_in_flow_unless_it_was_waited_for) {
  market_.list("t9");
  market_.hold("o9", "t9");
  market_.cancel("o9", market_.request());
  EXPECT_EQ(verify({"--json"}), 0);
  EXPECT_EQ(report().owed, 1) << fake_.out();
  const auto before = fake_.clock.monotonic();
  EXPECT_EQ(verify({"--json", "--wait", "30s"}), 1);
  EXPECT_GE(fake_.clock.monotonic() - before, std::chrono::seconds{30});
}

TEST_F(Verify, a_system_at_rest_is_not_waited_for) {
  const auto before = fake_.clock.monotonic();
  EXPECT_EQ(verify({"--wait", "30s"}), 0);
  EXPECT_EQ(fake_.clock.monotonic(), before);
}

TEST_F(Verify, an_event_without_its_cause_is_given_time) {
  market_.list("t9");
  market_.order("o9", "t9");
  market_.events.pop_back();
  market_.reserve("o9", "x");
  const auto before = fake_.clock.monotonic();
  EXPECT_EQ(verify(), 1);
  EXPECT_GE(fake_.clock.monotonic() - before, std::chrono::seconds{5});
  EXPECT_TRUE(fake_.out().ends_with("I6  o9: a ticket is held for no order\n")) << fake_.out();
}

TEST_F(Verify, every_log_is_needed) {
  fake_.logs = {"auth", "tickets", "expiration", "payments"};
  EXPECT_EQ(verify(), 6);
  EXPECT_EQ(fake_.err(),
            "ticketctl: nobody publishes the log of orders there; start ticketd or pass --peer\n");
  EXPECT_EQ(fake_.out(), "");
}

TEST_F(Verify, a_server_that_is_down_is_unavailable) {
  EXPECT_EQ(verify({"--server", "http://127.0.0.1:1"}), 6);
  EXPECT_EQ(fake_.out(), "");
}

TEST_F(Verify, progress_is_for_a_terminal_that_waits) {
  fake_.is_terminal = true;
  EXPECT_EQ(verify({"--wait", "30s"}), 0);
  EXPECT_EQ(fake_.err(), "");
  market_.list("t9");
  market_.order("o9", "t9");
  EXPECT_EQ(verify({"--wait", "30s"}), 1);
  EXPECT_TRUE(fake_.err().starts_with("\r37 events\x1b[K\r")) << fake_.err();
  EXPECT_NE(fake_.err().find("\r\x1b[K\x1b[31mticketctl:"), std::string::npos) << fake_.err();
}

/// Hands out one event that cannot be read, and may never come to the logs' ends.
class TroubledEvents : public EventSource {
 public:
  TroubledEvents(SteppedClock& clock, bool ends) : clock_(clock), ends_(ends) {}
  std::optional<TailedEvent> next(milliseconds timeout) override {
    if (!std::exchange(told_, true)) throw Error{ErrorCode::invalid, "offset is missing"};
    clock_.advance(timeout);
    return std::nullopt;
  }
  bool caught_up() const override { return told_ && ends_; }
  std::vector<std::string> logs() const override {
    return {"auth", "tickets", "orders", "expiration", "payments"};
  }

 private:
  SteppedClock& clock_;
  bool ends_;
  bool told_ = false;
};

class VerifyTrouble : public Verify {
 protected:
  int verify(bool ends) {
    market_.tickets.clear();
    World world = fake_.view();
    world.follow = [&](const TailOptions&) {
      return std::make_unique<TroubledEvents>(fake_.clock, ends);
    };
    return run({"verify", "--timeout", "10s"}, world);
  }
};

TEST_F(VerifyTrouble, an_event_that_cannot_be_read_is_a_breach) {
  EXPECT_EQ(verify(true), 1);
  EXPECT_TRUE(
      fake_.out().ends_with("I3  a log: holds an event that cannot be read: offset is missing\n"));
}

TEST_F(VerifyTrouble, logs_without_an_end_in_sight_are_unavailable) {
  EXPECT_EQ(verify(false), 6);
  EXPECT_EQ(fake_.err(), "ticketctl: the logs' ends were not reached within 10s\n");
  EXPECT_EQ(fake_.out(), "");
}

}  // namespace
}  // namespace ticketing::cli
