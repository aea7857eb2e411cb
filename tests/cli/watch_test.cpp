// --watch: the events that a verb causes, until its flow comes to rest.

#include <gtest/gtest.h>

#include "fake_marketplace.hpp"
#include "fake_world.hpp"

namespace ticketing::cli {
namespace {

class Watched : public ::testing::Test {
 protected:
  void SetUp() override {
    fake.variables["TICKETING_PASSWORD"] = "s3cret-pass";
    ASSERT_EQ(fake.run({"signin", "a@b.c"}), 0) << fake.err();
    while (fake.events.pop()) continue;
  }
  int run(std::vector<std::string> words) {
    words.insert(words.end(), {"--watch", "--timeout", "3s"});
    return fake.run(words);
  }
  /// The subjects of the events that were printed.
  std::vector<std::string> subjects() const {
    std::vector<std::string> found;
    std::istringstream out{fake.out()};
    for (std::string line; std::getline(out, line);) {
      std::istringstream words{line};
      std::string time, publisher, offset, subject;
      words >> time >> publisher >> offset >> subject;
      if (offset.starts_with('#')) found.push_back(subject);
    }
    return found;
  }
  using Subjects = std::vector<std::string>;

  FakeWorld fake;
  FakeMarketplace market{fake};
};

TEST_F(Watched, each_verb_that_changes_something_shows_what_it_causes) {
  EXPECT_EQ(run({"signup", "a@b.c"}), 0) << fake.err();
  EXPECT_EQ(subjects(), Subjects{"user:created"});
  EXPECT_EQ(run({"sell", "Concert", "20"}), 0) << fake.err();
  EXPECT_EQ(subjects(), Subjects{"ticket:created"});
  EXPECT_EQ(run({"order", "t1"}), 0) << fake.err();
  EXPECT_EQ(subjects(), (Subjects{"order:created", "ticket:updated", "order:updated"}));
  EXPECT_EQ(run({"pay", "o1", "--token", "tok_visa"}), 0) << fake.err();
  EXPECT_EQ(subjects(), (Subjects{"payment:created", "order:updated"}));
  EXPECT_EQ(run({"signout"}), 0) << fake.err();
  EXPECT_EQ(subjects(), Subjects{"user:updated"});
  EXPECT_EQ(fake.clock.monotonic(), std::chrono::seconds{0});  // Nothing was waited for in vain.
}

TEST_F(Watched, a_cancelled_order_frees_its_ticket_and_again_causes_nothing) {
  ASSERT_EQ(run({"order", "t1"}), 0) << fake.err();
  EXPECT_EQ(run({"cancel", "o1"}), 0) << fake.err();
  EXPECT_EQ(subjects(), (Subjects{"order:cancelled", "ticket:updated"}));
  EXPECT_EQ(run({"cancel", "o1"}), 0) << fake.err();
  EXPECT_EQ(subjects(), Subjects{});
}

TEST_F(Watched, the_answer_comes_first_and_in_json_each_event_is_a_line) {
  EXPECT_EQ(run({"sell", "Concert", "20", "--json"}), 0);
  EXPECT_TRUE(fake.out().starts_with(R"({"id":"t1",)")) << fake.out();
  EXPECT_NE(fake.out().find("\n{\"specversion\":\"1.0\""), std::string::npos) << fake.out();
  EXPECT_EQ(lines_in(fake.out()), 2U);
}

TEST_F(Watched, other_peoples_events_pass_by_unseen) {
  TicketCreated other;
  other.id = "someone-elses";
  fake.events.push(played(900, other));
  EXPECT_EQ(run({"sell", "Concert", "20"}), 0);
  EXPECT_EQ(subjects(), Subjects{"ticket:created"});
  EXPECT_EQ(fake.out().find("#900"), std::string::npos);
}

TEST_F(Watched, a_flow_that_does_not_come_to_rest_in_time_says_what_is_owed) {
  market.frees = false;
  ASSERT_EQ(run({"order", "t1"}), 0) << fake.err();
  EXPECT_EQ(run({"cancel", "o1"}), 6);
  const std::string request{*market.last_request().header("X-Request-Id")};
  EXPECT_EQ(fake.err(),
            "ticketctl: the flow did not come to rest within 3s: ticket t1 is not free; see "
            "ticketctl trace " +
                request + "\n");
  EXPECT_EQ(subjects(), Subjects{"order:cancelled"});
  EXPECT_EQ(fake.clock.monotonic(), std::chrono::seconds{3});
}

TEST_F(Watched, a_terminal_is_told_what_is_waited_for) {
  market.reserves = false;
  fake.is_terminal = true;
  EXPECT_EQ(run({"order", "t1"}), 6);
  EXPECT_NE(fake.err().find("\rorder o1 is not reserved\x1b[K"), std::string::npos) << fake.err();
}

TEST_F(Watched, a_declined_card_is_refused_with_all_that_is_undone) {
  ASSERT_EQ(run({"order", "t1"}), 0) << fake.err();
  market.refuses_card = true;
  EXPECT_EQ(run({"pay", "o1", "--token", "tok_chargeDeclined"}), 5);
  EXPECT_EQ(subjects(), (Subjects{"payment:failed", "order:cancelled", "ticket:updated"}));
  EXPECT_EQ(fake.clock.monotonic(), std::chrono::seconds{0});
}

TEST_F(Watched, an_order_that_ends_cancelled_is_refused) {
  ASSERT_EQ(run({"order", "t1"}), 0) << fake.err();
  market.declines = true;
  EXPECT_EQ(run({"pay", "o1", "--token", "tok_visa"}), 5);
  EXPECT_EQ(subjects(),
            (Subjects{"payment:created", "order:cancelled", "ticket:updated", "payment:refunded"}));
  EXPECT_EQ(fake.err(),
            "ticketctl: the order was cancelled (payment_failed); look at how it stands with: "
            "ticketctl show ID\n");
}

TEST_F(Watched, without_the_publishers_nothing_is_changed) {
  fake.logs = {"auth", "orders", "payments"};
  const std::size_t before = market.requests();
  EXPECT_EQ(run({"order", "t1"}), 6);
  EXPECT_EQ(fake.err(),
            "ticketctl: nobody publishes the log of tickets there; start ticketd or pass --peer\n");
  EXPECT_EQ(market.requests(), before);
}

TEST_F(Watched, nobody_is_followed_unless_it_is_asked_for) {
  fake.logs.clear();
  EXPECT_EQ(fake.run({"sell", "Concert", "20"}), 0) << fake.err();
  EXPECT_FALSE(market.last_request().header("X-Request-Id"));
}

}  // namespace
}  // namespace ticketing::cli
