// CONTRACT section 3, the rows of /api/payments, and what a payment does to its order.

#include "contract.hpp"

namespace ticketing::test {
namespace {

class Payments : public Contract {
 protected:
  OrderAnswer reserved(Visitor& buyer, const std::string& price = "20") {
    return buyer.reserve(user().sell("Concert", price).id);
  }
  static bool comes_to(Visitor& buyer, const std::string& order, OrderStatus status) {
    return eventually([&] { return buyer.get_order(order).status == status; });
  }
};

TEST_P(Payments, a_payment_completes_its_order) {
  Visitor buyer = user();
  const OrderAnswer order = reserved(buyer, "19.99");
  const Response response = buyer.post("/api/payments", payment_for(order.id));
  const auto payment = answer_of<PaymentAnswer>(response, 201);
  EXPECT_EQ(response.body, R"({"id":")" + payment.id + "\"}");
  EXPECT_TRUE(comes_to(buyer, order.id, OrderStatus::complete));
  const ChargeAnswer charge = buyer.charge(payment.id);
  EXPECT_EQ(charge.id, payment.id);
  EXPECT_EQ(charge.order_id, order.id);
  EXPECT_EQ(charge.status, "completed");
  EXPECT_EQ(charge.amount.cents(), 1999);
  EXPECT_NE(charge.stripe_id.value_or(""), "");
  EXPECT_EQ(charge.stripe_refund_id, std::nullopt);
  EXPECT_EQ(buyer.ticket(order.ticket.id).order_id, order.id);
}

TEST_P(Payments, an_order_may_be_paid_the_moment_it_is_made) {
  Visitor seller = user();
  Visitor buyer = user();
  for (int i = 0; i < 20; ++i) {
    const std::string order = buyer.order(seller.sell().id).id;
    EXPECT_EQ(buyer.post("/api/payments", payment_for(order)).status, 201);
  }
}

TEST_P(Payments, paying_refuses_a_bad_body) {
  Visitor buyer = user();
  const auto pay = [&](const std::string& body) { return buyer.post("/api/payments", body); };
  expect_bad_fields(pay("{}"), {"token", "orderId"}, "Token is required");
  expect_bad_fields(pay(R"({"orderId":"x"})"), {"token"}, "Token is required");
  expect_bad_fields(pay(R"({"token":"tok_visa"})"), {"orderId"});
  expect_bad_fields(pay(payment_for("x", "")), {"token"});
  expect_bad_fields(pay(payment_for("x", std::string(256, 'x'))), {"token"});
  expect_bad_fields(pay(payment_for(std::string(65, 'x'))), {"orderId"});
  expect_bad_fields(pay(R"({"token":7,"orderId":[]})"), {"token", "orderId"});
}

TEST_P(Payments, every_route_needs_a_session_before_anything_else) {
  Visitor nobody = visitor();
  expect_not_authorized(nobody.post("/api/payments", "not even JSON"));
  expect_not_authorized(nobody.get("/api/payments/unknown"));
}

TEST_P(Payments, what_names_nothing_is_not_found) {
  Visitor buyer = user();
  expect_not_found(buyer.post("/api/payments", payment_for("unknown")));
  expect_not_found(buyer.get("/api/payments/unknown"));
  expect_not_found(buyer.get("/api/payments"));
}

TEST_P(Payments, only_its_buyer_pays_for_an_order_and_sees_the_charge) {
  Visitor buyer = user();
  Visitor other = user();
  const OrderAnswer order = reserved(buyer);
  expect_not_authorized(other.post("/api/payments", payment_for(order.id)));
  const std::string payment = buyer.pay(order.id);
  expect_not_authorized(other.get("/api/payments/" + payment));
  EXPECT_TRUE(comes_to(buyer, order.id, OrderStatus::complete));
  // Ownership comes before the state.
  expect_not_authorized(other.post("/api/payments", payment_for(order.id)));
}

TEST_P(Payments, a_cancelled_order_cannot_be_paid_for) {
  Visitor buyer = user();
  const OrderAnswer order = reserved(buyer);
  EXPECT_EQ(buyer.del("/api/orders/" + order.id).status, 204);
  // Whoever pays before the payments service has heard of it has the money back.
  const Response response = buyer.post("/api/payments", payment_for(order.id));
  if (response.status == 201) {
    const std::string payment = answer_of<PaymentAnswer>(response, 201).id;
    EXPECT_TRUE(eventually([&] { return buyer.charge(payment).status == "refunded"; }));
  }
  const auto refused = [&] { return buyer.post("/api/payments", payment_for(order.id)); };
  EXPECT_TRUE(eventually([&] { return refused().status == 400; }));
  expect_refusal(refused(), 400, "Cannot pay for a cancelled order", "order_cancelled");
  EXPECT_EQ(buyer.get_order(order.id).status, OrderStatus::cancelled);
}

TEST_P(Payments, a_paid_order_is_not_charged_again) {
  Visitor buyer = user();
  const OrderAnswer order = reserved(buyer);
  buyer.pay(order.id);
  for (int i = 0; i < 3; ++i) {
    expect_refusal(buyer.post("/api/payments", payment_for(order.id)), 400, "Order is already paid",
                   "order_paid");
  }
}

TEST_P(Payments, a_declined_card_is_refused_in_its_words_and_cancels_the_order) {
  const std::vector<std::pair<std::string, std::string>> cards{
      {"tok_chargeDeclined", "Your card was declined."},
      {"tok_chargeDeclinedInsufficientFunds", "Your card has insufficient funds."},
      {"tok_chargeDeclinedExpiredCard", "Your card has expired."},
      {"tok_nobody_knows", "No such token"},
  };
  for (const auto& [card, reason] : cards) {
    Visitor buyer = user();
    const OrderAnswer order = reserved(buyer);
    expect_refusal(buyer.post("/api/payments", payment_for(order.id, card)), 400, reason,
                   "card_declined");
    EXPECT_TRUE(comes_to(buyer, order.id, OrderStatus::cancelled));
    EXPECT_EQ(buyer.get_order(order.id).reason, CancelReason::payment_failed);
    EXPECT_TRUE(eventually([&] { return !buyer.ticket(order.ticket.id).order_id; }));
    expect_refusal(buyer.post("/api/payments", payment_for(order.id)), 400,
                   "Cannot pay for a cancelled order");
  }
}

TEST_P(Payments, other_test_cards_succeed) {
  Visitor buyer = user();
  for (const std::string card : {"tok_mastercard", "tok_amex"}) {
    buyer.pay(reserved(buyer).id, card);
  }
}

ON_BOTH_LAYOUTS(Contract, Payments);

TEST(PaymentAttempts, an_order_survives_as_many_declined_cards_as_it_was_told_to) {
  MarketplaceOptions options;
  options.payment_attempts = 3;
  const Marketplace market{options};
  Visitor seller{market};
  Visitor buyer{market};
  const OrderAnswer order = buyer.sign_up().reserve(seller.sign_up().sell().id);
  const auto decline = [&] {
    return buyer.post("/api/payments", payment_for(order.id, "tok_chargeDeclined")).status;
  };
  EXPECT_EQ(decline(), 400);
  EXPECT_EQ(decline(), 400);
  buyer.pay(order.id);
  EXPECT_TRUE(
      eventually([&] { return buyer.get_order(order.id).status == OrderStatus::complete; }));
}

}  // namespace
}  // namespace ticketing::test
