// Orders whose time is soon over: never too early, and what races it comes to a good end.

#include "races.hpp"

namespace ticketing::test {
namespace {

class Expiry : public Races {
 protected:
  Expiry() : Races("2s") {}

  static bool passes(Timestamp time) {
    return eventually([&] { return system_clock().now() >= time; });
  }
  /// Until the end of the order's time was published, and the orders service has heard of it.
  bool timer_of_is_over(const std::string& order) const {
    return eventually([&] {
      const Databases stored{market_};
      return stored.number(
                 "select count(*) from expiration.ticketing_log e join orders.ticketing_cursors c"
                 " on c.log = 'expiration' and c.log_offset >= e.log_offset"
                 " where e.aggregate_id = '" +
                 order + "'") == 1;
    });
  }
};

TEST_P(Expiry, an_order_that_is_not_paid_is_cancelled_at_its_time_and_never_earlier) {
  Visitor buyer = user();
  Visitor seller = user();
  std::vector<OrderAnswer> orders;
  for (int i = 0; i < 10; ++i) orders.push_back(buyer.order(seller.sell().id));
  for (const OrderAnswer& order : orders) {
    ASSERT_TRUE(becomes_final(buyer, order.id));
    EXPECT_GE(system_clock().now(), order.expires_at);
    EXPECT_EQ(buyer.get_order(order.id).reason, CancelReason::expired);
    EXPECT_TRUE(eventually([&] { return !buyer.ticket(order.ticket.id).order_id; }));
    expect_refusal(buyer.post("/api/payments", payment_for(order.id)), 400,
                   "Cannot pay for a cancelled order");
  }
  const Databases stored{market_};
  EXPECT_EQ(lines(stored.rows(
                "select aggregate_id from orders.ticketing_log where subject = 'order:cancelled'"
                " and json_extract(envelope, '$.data.reason') = 'expired' and"
                " json_extract(envelope, '$.time') < json_extract(envelope, '$.data.expiresAt')")),
            "");
}

TEST_P(Expiry, a_payment_that_races_it_completes_the_order_or_is_given_back) {
  constexpr std::size_t kBuyers = 16;
  Visitor seller = user();
  std::vector<Visitor> buyers = users(kBuyers);
  std::map<std::string, int> outcomes;
  for (int wave = 0; wave < 2; ++wave) {
    std::vector<OrderAnswer> orders;
    std::vector<int> statuses(kBuyers);
    for (Visitor& buyer : buyers) orders.push_back(buyer.order(seller.sell().id));
    at_once(kBuyers, [&](std::size_t i) {
      const milliseconds early{15 - static_cast<int>(i)};
      EXPECT_TRUE(passes(orders[i].expires_at - early));
      statuses[i] = buyers[i].post("/api/payments", payment_for(orders[i].id)).status;
    });
    for (std::size_t i = 0; i < kBuyers; ++i) {
      EXPECT_TRUE(statuses[i] == 201 || statuses[i] == 400) << statuses[i];
      ASSERT_TRUE(becomes_final(buyers[i], orders[i].id));
      const OrderStatus end = buyers[i].get_order(orders[i].id).status;
      EXPECT_TRUE(statuses[i] == 201 || end == OrderStatus::cancelled);
      expect_charge_to_match(orders[i].id, end);
      ++outcomes[std::string{name_of(end)} + ", payment " + std::to_string(statuses[i])];
    }
  }
  print(outcomes);
}

TEST_P(Expiry, the_timer_of_a_cancelled_order_does_not_touch_the_next_buyers_hold) {
  Visitor seller = user();
  Visitor first = user();
  Visitor next = user();
  const std::string sold = seller.sell().id;
  const std::string held = seller.sell().id;
  std::vector<OrderAnswer> given_up;
  for (const std::string& ticket : {sold, held}) {
    given_up.push_back(first.reserve(ticket));
    EXPECT_EQ(first.del("/api/orders/" + given_up.back().id).status, 204);
  }
  const OrderAnswer paid = next.reserve(sold);
  next.pay(paid.id);
  ASSERT_TRUE(passes(given_up[1].expires_at - milliseconds{300}));
  const OrderAnswer waiting = next.reserve(held);
  for (const OrderAnswer& order : given_up) ASSERT_TRUE(timer_of_is_over(order.id));
  EXPECT_EQ(next.get_order(waiting.id).status, OrderStatus::awaiting_payment);
  EXPECT_EQ(next.ticket(held).order_id, waiting.id);
  EXPECT_EQ(next.get_order(paid.id).status, OrderStatus::complete);
  EXPECT_EQ(next.ticket(sold).order_id, paid.id);
  next.pay(waiting.id);
  ASSERT_TRUE(timer_of_is_over(paid.id));
  ASSERT_TRUE(timer_of_is_over(waiting.id));
  for (const OrderAnswer& order : {paid, waiting}) {
    EXPECT_EQ(next.get_order(order.id).status, OrderStatus::complete);
    EXPECT_EQ(next.ticket(order.ticket.id).order_id, order.id);
  }
}

ON_BOTH_LAYOUTS(Races, Expiry);

}  // namespace
}  // namespace ticketing::test
