// The generated reference: made of the five services themselves, without a server.

#include <gtest/gtest.h>

#include <algorithm>

#include "fake_world.hpp"
#include "reference/reference.hpp"

namespace ticketing::cli {
namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class Schema : public ::testing::Test {
 protected:
  std::string printed(const std::vector<std::string>& words) {
    EXPECT_EQ(fake.run(words), 0) << fake.err();
    EXPECT_EQ(fake.err(), "");
    return fake.out();
  }
  FakeWorld fake;
};

TEST_F(Schema, every_route_is_described_and_every_description_has_its_route) {
  const std::string document = printed({"schema", "openapi", "--json"});
  EXPECT_TRUE(document.starts_with(R"({"openapi":"3.1.0",)"));
  for (const auto& route : reference::route_docs()) {
    EXPECT_TRUE(holds(document, "\"operationId\":\"" + std::string{route.id} + '"')) << route.id;
  }
}

TEST_F(Schema, every_code_of_the_services_belongs_to_a_route) {
  const auto routes = reference::route_docs();
  for (const auto& refusal : reference::refusal_docs()) {
    EXPECT_TRUE(std::any_of(routes.begin(), routes.end(), [&](const RouteDoc& route) {
      const auto& codes = route.refusals;
      return std::find(codes.begin(), codes.end(), refusal.code) != codes.end();
    })) << refusal.code;
  }
}

TEST_F(Schema, events_say_who_listens_as_the_services_define_it) {
  const std::string document = printed({"schema", "asyncapi", "--json"});
  for (const std::string name :
       {"tickets.receives.order-created", "expiration.receives.order-created",
        "payments.receives.order-cancelled", "expiration.receives.user-updated",
        "orders.sends.order-updated"}) {
    EXPECT_TRUE(holds(document, '"' + name + "\":")) << name;
  }
  EXPECT_FALSE(holds(document, "receives.payment-refunded"));
  EXPECT_FALSE(holds(document, "auth.receives."));
}

TEST_F(Schema, one_event_or_all_of_them) {
  const std::string one = printed({"schema", "events", "ticket:created", "--json"});
  EXPECT_TRUE(holds(one, R"("title":"ticket:created")"));
  const std::string all = printed({"schema", "events", "--json"});
  EXPECT_TRUE(holds(all, "\"ticket:created\":" + one.substr(0, one.size() - 1)));
  EXPECT_TRUE(holds(all, R"("payment:refunded":{"$schema":)"));
}

TEST_F(Schema, a_subject_that_there_is_not_is_wrong_usage) {
  EXPECT_EQ(fake.run({"schema", "events", "ticket:stolen"}), 2);
  EXPECT_TRUE(holds(fake.err(), "there is no event 'ticket:stolen'"));
}

}  // namespace
}  // namespace ticketing::cli
