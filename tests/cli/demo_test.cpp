#include <gtest/gtest.h>

#include "fake_marketplace.hpp"
#include "fake_world.hpp"

namespace ticketing::cli {
namespace {

class DemoVerb : public ::testing::Test {
 protected:
  bool printed(const std::string& text) const { return fake.out().find(text) != std::string::npos; }

  FakeWorld fake;
  FakeMarketplace market{fake};
};

TEST_F(DemoVerb, the_whole_flow_is_told_with_its_events) {
  EXPECT_EQ(fake.run({"demo"}), 0) << fake.err();
  for (const char* line : {"    auth            #1  user:created         v0\n",
                           "    tickets         #3  ticket:created       v0\n",
                           "    orders          #4  order:created        v0\n",
                           "    tickets         #5  ticket:updated       v1\n",
                           "    orders          #6  order:updated        v1\n",
                           "    payments        #7  payment:created      v1\n",
                           "    orders          #8  order:updated        v2\n"}) {
    EXPECT_TRUE(printed(line)) << line << fake.out();
  }
  EXPECT_TRUE(
      printed("stage        publisher  offset  version  id\n"
              "ticket       tickets         3        0  t1\n"
              "order        orders          4        0  o1\n"
              "reservation  tickets         5        1  t1\n"
              "payment      payments        7        1  p1\n"
              "completion   orders          8        2  o1\n"))
      << fake.out();
}

TEST_F(DemoVerb, the_summary_is_in_the_flows_order_whatever_the_order_of_arrival) {
  market.late_payment = true;
  EXPECT_EQ(fake.run({"demo"}), 0) << fake.err();
  EXPECT_TRUE(
      printed("payment      payments        8        1  p1\n"
              "completion   orders          7        2  o1\n"))
      << fake.out();
}

TEST_F(DemoVerb, programs_get_the_summary_alone) {
  EXPECT_EQ(fake.run({"demo", "--json"}), 0);
  EXPECT_TRUE(fake.out().starts_with(R"([{"stage":"ticket","publisher":"tickets","offset":3,)"));
  EXPECT_EQ(lines_in(fake.out()), 1U);
}

TEST_F(DemoVerb, it_leaves_the_profile_alone) {
  EXPECT_EQ(fake.run({"demo"}), 0);
  EXPECT_FALSE(std::filesystem::exists(fake.home()));
}

TEST_F(DemoVerb, other_peoples_events_pass_by_unseen) {
  TicketCreated other;
  other.id = "someone-elses";
  fake.events.push(played(900, other));
  OrderCancelled cancelled;
  cancelled.id = "someone-elses-order";
  cancelled.reason = CancelReason::expired;
  fake.events.push(played(901, cancelled));
  EXPECT_EQ(fake.run({"demo"}), 0) << fake.err();
  EXPECT_FALSE(printed("#900"));
  EXPECT_FALSE(printed("#901"));
}

TEST_F(DemoVerb, a_flow_that_does_not_come_to_rest_fails_in_time) {
  market.reserves = false;
  EXPECT_EQ(fake.run({"demo", "--timeout", "3s"}), 1);
  EXPECT_EQ(fake.err(),
            "ticketctl: the flow did not come to rest: no ticket:updated of t1 within 3s; look at "
            "the services' logs\n");
  EXPECT_EQ(fake.clock.monotonic(), std::chrono::seconds{3});
}

TEST_F(DemoVerb, a_flow_that_ends_otherwise_fails_at_once) {
  market.declines = true;
  EXPECT_EQ(fake.run({"demo"}), 1);
  EXPECT_EQ(
      fake.err(),
      "ticketctl: the order was cancelled: cancelled (payment_failed), Demo concert, 19.99\n");
  EXPECT_EQ(fake.clock.monotonic(), std::chrono::seconds{0});
}

}  // namespace
}  // namespace ticketing::cli
