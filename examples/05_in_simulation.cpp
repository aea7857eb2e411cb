// A service of one's own, tested in simulation: one story first, then a hundred storms.
//
// It counts what each buyer has bought, and tells of it. Nothing in it is changed for the test: its
// disk, the network and time are simulated, and a stand-in for the orders service publishes events.

#include <cstdio>

#include "ticketing/testing/storm.hpp"

using namespace ticketing;
using namespace ticketing::testing;

struct BuyerThanked {
  std::string id;
  std::int64_t version = 0;
  static constexpr std::string_view kSubject = "buyer:thanked", kPublisher = "thanks";
  static constexpr std::array kFields{field<&BuyerThanked::id>("id"),
                                      field<&BuyerThanked::version>("version")};
  const std::string& aggregate_id() const { return id; }
  std::int64_t aggregate_version() const { return version; }
};

constexpr std::array<std::string_view, 1> kTables{
    "create table buyers (id text primary key, bought bigint not null)"};

static std::int64_t bought_by(Transaction& tx, const std::string& buyer) {
  const auto row = tx.first<std::int64_t>("select bought from buyers where id = :id", buyer);
  return row ? std::get<0>(*row) : 0;
}

static void on_order_updated(const OrderUpdated& order, Context& ctx) {
  if (order.status != OrderStatus::complete) return;
  const std::int64_t before = bought_by(ctx.tx(), order.user_id);
  ctx.tx().execute("insert or replace into buyers values (:id, :n)", order.user_id, before + 1);
  ctx.publish(BuyerThanked{order.user_id, before});
}

static void define(Service& service) {
  service.migrate(kTables);
  service.on<OrderUpdated>(&on_order_updated);
}

static void buys(World& world, const std::string& buyer, const std::string& order) {
  world.given(OrderCreated{{order, 0, OrderStatus::created, buyer, {}, {}, {}}});
  world.given(OrderUpdated{{order, 1, OrderStatus::complete, buyer, {}, {}, {}}});
}

/// Purchases while everything goes wrong: in the end each has counted, once.
class Purchases final : public Storm {
  void build(World& world, SeededRandom&) override { world.add("shop", {{"thanks", &define}}); }
  std::string act(World& world, SeededRandom& random) override {
    const std::string buyer = "buyer" + std::to_string(random.below(3));
    buys(world, buyer, buyer + "-order" + std::to_string(++bought_[buyer]));
    return buyer + " buys";
  }
  void check(World& world) override {
    for (const auto& [buyer, bought] : bought_) {
      world.read("thanks", [&](Transaction& tx) {
        if (bought_by(tx, buyer) != bought) throw Broken("count", buyer, {buyer});
      });
    }
  }
  std::map<std::string, std::int64_t> bought_;
};

int main() {
  World world;
  world.add("shop", {{"thanks", &define}});
  world.start();
  buys(world, "ann", "order1");
  world.rest();  // All that this leads to has happened.
  for (const Envelope& event : world.log("thanks"))
    std::puts((event.type + ' ' + event.aggregate_id).c_str());
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const auto result = run_storm(std::make_unique<Purchases>, {.seed = seed});
    if (!result.held) return std::puts(result.report.c_str()), 1;
  }
  std::puts("100 storms held");
}
