// The service in a simulated world: one story, then a hundred storms.

#include <cstdio>

#include "reviews.hpp"
#include "ticketing/testing/storm.hpp"

namespace {

using namespace reviews;
using namespace ticketing::testing;

void buys(World& world, const std::string& buyer, const std::string& order) {
  const TicketSnapshot ticket{"concert", "Concert", Money::from_cents(2000), 0};
  world.given(OrderCreated{{order, 0, OrderStatus::created, buyer, {}, ticket, {}}});
  world.given(OrderUpdated{{order, 1, OrderStatus::complete, buyer, {}, ticket, {}}});
}

Request review_by(World& world, const std::string& user, const std::string& order) {
  return request("POST", "/api/reviews",
                 R"({"orderId":")" + order + R"(","stars":5,"text":"Loud."})",
                 {world.bearer(user)});
}

void tell(const char* who, const Response& answer) {
  std::printf("%s: %d %s\n", who, answer.status, answer.body.c_str());
}

void story() {
  World world;
  world.add("reviews", {{"reviews", &define}});
  world.start();
  buys(world, "ann", "order1");  // No rest: what she asks for arrives before the event.
  tell("ann", world.call(review_by(world, "ann", "order1")));
  tell("ann, again", world.call(review_by(world, "ann", "order1")));
  tell("ben", world.call(review_by(world, "ben", "order1")));
  world.kill("reviews");
  world.start("reviews");
  world.rest();
  tell("anyone, after a crash", world.call(request("GET", "/api/reviews/concert")));
}

/// Buyers review what they bought, some twice, while everything goes wrong: in the end each review
/// that was acknowledged is there, and has been told of once.
class Reviews final : public Storm {
  void build(World& world, SeededRandom&) override { world.add("shop", {{"reviews", &define}}); }
  std::string act(World& world, SeededRandom& random) override {
    const std::string order = "order" + std::to_string(random.below(20));
    if (!bought_.contains(order)) buys(world, "ann", order);
    bought_.insert(order);
    world.send(review_by(world, "ann", order), [this, order](std::optional<Response> answer) {
      if (answer && answer->status == 201) acknowledged_.insert(order);
    });
    return "ann reviews " + order;
  }
  void check(World& world) override {
    std::multiset<std::string> told;
    for (const Envelope& event : world.log("reviews")) told.insert(event.aggregate_id);
    for (const std::string& order : bought_) {
      const auto count = told.count(order);
      const bool lost = acknowledged_.contains(order) && count == 0;
      if (lost || count > 1) throw Broken("review", order + " is lost, or told twice", {order});
    }
  }
  std::set<std::string> bought_, acknowledged_;
};

}  // namespace

int main() {
  story();
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const auto result = run_storm(std::make_unique<Reviews>, {.seed = seed});
    if (!result.held) return std::puts(result.report.c_str()), 1;
  }
  std::puts("100 storms held");
}
