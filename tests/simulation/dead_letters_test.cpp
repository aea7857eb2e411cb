// Events that a handler gives up, or cannot finish yet, in a world.

#include <gtest/gtest.h>

#include "ticketing/messaging/inbox.hpp"
#include "ticketing/testing/world.hpp"

namespace ticketing::test {
namespace {

using testing::World;

/// Echoes tickets with a version of their own, but gives up those that are called bad, until it is
/// mended; and does not finish those that are called slow before their time.
class Picky {
 public:
  ServiceDefinition definition() {
    return {"orders", [this](Service& service) {
              service.on<TicketCreated>(
                  [this](const TicketFact& ticket, Context& ctx) { take(ticket, ctx); });
              service.on<TicketUpdated>(
                  [this](const TicketFact& ticket, Context& ctx) { take(ticket, ctx); });
            }};
  }
  bool is_mended = false;
  int calls = 0;

 private:
  void take(const TicketFact& ticket, Context& ctx) {
    ++calls;
    OrderCreated order;
    order.id = ticket.id + std::to_string(ticket.version);
    ctx.publish(order);
    if (ticket.title == "bad" && !is_mended) throw Error(ErrorCode::refused, "a bad title");
    if (ticket.title == "slow" && !is_mended) ctx.again_after(std::chrono::seconds{1}, "not yet");
  }
};

class DeadLettersInAWorld : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.add("echo", {picky_.definition()});
    world_.start();
  }
  template <Event E>
  void given(const std::string& id, std::int64_t version, const std::string& title) {
    E event;
    event.id = id;
    event.version = version;
    event.title = title;
    world_.given(event);
  }
  /// A ticket with a bad title, which is mended later, and another.
  void given_a_bad_one() {
    given<TicketCreated>("a", 0, "bad");
    given<TicketUpdated>("a", 1, "good");
    given<TicketCreated>("b", 0, "good");
    world_.rest();
    ASSERT_EQ(echoed(), std::vector<std::string>{"b0"});
    ASSERT_EQ(set_aside(), (std::vector<std::string>{"1 dead", "2 behind"}));
  }
  std::vector<std::string> echoed() const {
    std::vector<std::string> ids;
    for (const Envelope& event : world_.log("orders")) ids.push_back(event.aggregate_id);
    return ids;
  }
  std::vector<std::string> set_aside() const {
    std::vector<std::string> all;
    world_.read("orders", [&](Transaction& tx) {
      for (const DeadLetter& letter : Inbox::list(tx)) {
        all.push_back(std::to_string(letter.offset) + ' ' + letter.state);
      }
    });
    return all;
  }

  Picky picky_;
  World world_;
};

TEST_F(DeadLettersInAWorld, wait_for_a_redrive_and_then_all_is_applied_in_order) {
  given_a_bad_one();
  EXPECT_FALSE(world_.redrive("orders", "tickets", 2)) << "it is behind, not dead";
  EXPECT_TRUE(world_.redrive("orders", "tickets", 1));
  world_.rest();
  EXPECT_EQ(set_aside(), (std::vector<std::string>{"1 dead", "2 behind"})) << "not mended yet";
  picky_.is_mended = true;
  EXPECT_TRUE(world_.redrive("orders", "tickets", 1));
  world_.rest();
  EXPECT_EQ(echoed(), (std::vector<std::string>{"b0", "a0", "a1"}));
  EXPECT_TRUE(set_aside().empty());
}

TEST_F(DeadLettersInAWorld, that_were_redriven_are_so_after_a_power_cut) {
  given_a_bad_one();
  picky_.is_mended = true;
  EXPECT_TRUE(world_.redrive("orders", "tickets", 1));
  world_.lose_power("echo");
  EXPECT_TRUE(world_.start("echo"));
  world_.rest();
  EXPECT_EQ(echoed(), (std::vector<std::string>{"b0", "a0", "a1"}));
}

TEST_F(DeadLettersInAWorld, can_be_skipped) {
  given_a_bad_one();
  EXPECT_TRUE(world_.skip("orders", "tickets", 1));
  EXPECT_FALSE(world_.skip("orders", "tickets", 1));
  world_.rest();
  EXPECT_EQ(echoed(), (std::vector<std::string>{"b0", "a1"}));
}

TEST_F(DeadLettersInAWorld, come_of_poison_until_the_process_is_mended) {
  world_.poison("echo", 1'000);
  given<TicketCreated>("a", 0, "good");
  given<TicketUpdated>("a", 1, "good");
  world_.rest();
  EXPECT_EQ(set_aside(), (std::vector<std::string>{"1 dead", "2 behind"}));
  world_.redrive_all("echo");
  world_.rest();
  EXPECT_EQ(set_aside(), (std::vector<std::string>{"1 dead", "2 behind"})) << "not mended yet";
  world_.poison("echo", 0);
  EXPECT_TRUE(echoed().empty());
  world_.redrive_all("echo");
  world_.rest();
  EXPECT_EQ(echoed(), (std::vector<std::string>{"a0", "a1"}));
}

TEST_F(DeadLettersInAWorld, do_not_come_of_a_handler_that_is_not_finished) {
  given<TicketCreated>("a", 0, "slow");
  given<TicketUpdated>("a", 1, "good");
  world_.run_for(std::chrono::minutes{1});
  EXPECT_GT(picky_.calls, 55);
  EXPECT_LT(picky_.calls, 65);
  EXPECT_EQ(set_aside(), (std::vector<std::string>{"1 retry", "2 behind"}));
  picky_.is_mended = true;
  world_.rest();
  EXPECT_EQ(echoed(), (std::vector<std::string>{"a0", "a1"}));
}

}  // namespace
}  // namespace ticketing::test
