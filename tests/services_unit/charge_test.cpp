#include "payments/charge.hpp"

#include <gtest/gtest.h>

#include "refusal.hpp"
#include "ticketing/core/json.hpp"

namespace payments {
namespace {

constexpr Timestamp kExpiry{milliseconds{1'000'000}};
constexpr Timestamp kBefore{milliseconds{999'999}};
const ChargeOutcome kPaid{true, "ch_1", {}};
const ChargeOutcome kDeclined{false, {}, "Your card was declined."};

OrderFact order_in(OrderStatus status) {
  OrderFact order;
  order.id = "o1";
  order.status = status;
  order.user_id = "buyer";
  order.expires_at = kExpiry;
  order.ticket = {"t1", "Concert", Money::from_cents(1999), 3};
  return order;
}

Charge charge_in(ChargeStatus status) {
  Charge charge = intend("c1", order_in(OrderStatus::awaiting_payment), "tok_visa");
  charge.status = status;
  if (status != ChargeStatus::created) charge.card_token.reset();
  return charge;
}

constexpr std::array kAll{ChargeStatus::created, ChargeStatus::completed, ChargeStatus::failed,
                          ChargeStatus::refunded};

TEST(Charge, an_intention_charges_the_price_that_was_ordered) {
  const Charge charge = charge_in(ChargeStatus::created);
  EXPECT_EQ(charge.amount.cents(), 1999);
  EXPECT_EQ(charge.user_id, "buyer");
  EXPECT_EQ(charge.status, ChargeStatus::created);
}

TEST(Charge, the_payer_is_never_shown_the_card) {
  EXPECT_EQ(to_json(charge_in(ChargeStatus::created)),
            R"({"id":"c1","orderId":"o1","status":"created","amount":19.99})");
}

TEST(Charge, published_life_begins_with_the_outcome_at_version_0) {
  const Charge completed = *settle(charge_in(ChargeStatus::created), kPaid);
  EXPECT_EQ(completed.status, ChargeStatus::completed);
  EXPECT_EQ(completed.version, 0);
  EXPECT_EQ(completed.stripe_id, "ch_1");
  EXPECT_FALSE(completed.reason);
  const Charge failed = *settle(charge_in(ChargeStatus::created), kDeclined);
  EXPECT_EQ(failed.status, ChargeStatus::failed);
  EXPECT_EQ(failed.version, 0);
  EXPECT_EQ(failed.reason, "Your card was declined.");
  EXPECT_FALSE(failed.stripe_id);
}

TEST(Charge, the_card_is_forgotten_with_the_outcome) {
  EXPECT_FALSE(settle(charge_in(ChargeStatus::created), kPaid)->card_token);
  EXPECT_FALSE(settle(charge_in(ChargeStatus::created), kDeclined)->card_token);
}

TEST(Charge, there_is_one_outcome_only) {
  for (const ChargeStatus status : kAll) {
    const bool open = status == ChargeStatus::created;
    EXPECT_EQ(settle(charge_in(status), kPaid).has_value(), open) << name_of(status);
    EXPECT_EQ(settle(charge_in(status), kDeclined).has_value(), open) << name_of(status);
  }
}

TEST(Charge, only_a_completed_charge_is_refunded_and_once) {
  for (const ChargeStatus status : kAll) {
    EXPECT_EQ(refund(charge_in(status), "re_1").has_value(), status == ChargeStatus::completed)
        << name_of(status);
  }
  const Charge refunded = *refund(*settle(charge_in(ChargeStatus::created), kPaid), "re_1");
  EXPECT_EQ(refunded.version, 1);
  EXPECT_EQ(refunded.stripe_refund_id, "re_1");
  EXPECT_EQ(refunded.stripe_id, "ch_1");
}

/// `word`, with `?` behind it where it may pass; `none` when the order can be paid.
std::string word(const std::optional<Obstacle>& found) {
  return found ? found->refusal.word() + (found->may_pass ? "?" : "") : "none";
}

History live(ChargeStatus status) { return {charge_in(status), 0}; }

TEST(Obstacle, every_order_status_against_every_charge) {
  struct Row {
    OrderStatus status;
    std::array<const char*, 4> words;  ///< No charge, created, completed, refunded.
  };
  const std::array<Row, 4> table{{
      {OrderStatus::created,
       {"order_not_reserved?", "order_not_reserved?", "order_paid", "order_paid"}},
      {OrderStatus::awaiting_payment, {"none", "payment_in_progress?", "order_paid", "order_paid"}},
      {OrderStatus::complete, {"order_paid", "order_paid", "order_paid", "order_paid"}},
      {OrderStatus::cancelled,
       {"order_cancelled", "order_cancelled", "order_cancelled", "order_cancelled"}},
  }};
  const std::array<History, 4> histories{History{}, live(ChargeStatus::created),
                                         live(ChargeStatus::completed),
                                         live(ChargeStatus::refunded)};
  for (const Row& row : table) {
    for (std::size_t i = 0; i < histories.size(); ++i) {
      EXPECT_EQ(word(obstacle(order_in(row.status), histories[i], 1, kBefore)), row.words[i])
          << name_of(row.status) << ' ' << i;
    }
  }
}

TEST(Obstacle, an_order_cannot_be_paid_from_its_expiry_on) {
  const OrderFact order = order_in(OrderStatus::awaiting_payment);
  EXPECT_EQ(word(obstacle(order, {}, 1, kBefore)), "none");
  EXPECT_EQ(word(obstacle(order, {}, 1, kExpiry)), "order_expired");
  EXPECT_EQ(word(obstacle(order_in(OrderStatus::created), {}, 1, kExpiry)), "order_expired");
}

TEST(Obstacle, the_last_decline_ends_an_order_before_that_is_heard) {
  const OrderFact order = order_in(OrderStatus::awaiting_payment);
  EXPECT_EQ(word(obstacle(order, {std::nullopt, 1}, 1, kBefore)), "order_cancelled");
  EXPECT_EQ(word(obstacle(order, {std::nullopt, 2}, 3, kBefore)), "none");
  EXPECT_EQ(word(obstacle(order, {std::nullopt, 3}, 3, kBefore)), "order_cancelled");
}

TEST(Obstacle, refusals_read_as_the_contract_says) {
  const auto text = [](OrderStatus status, Timestamp now) {
    return std::string{obstacle(order_in(status), {}, 1, now)->refusal.what()};
  };
  EXPECT_EQ(text(OrderStatus::cancelled, kBefore), "Cannot pay for a cancelled order");
  EXPECT_EQ(text(OrderStatus::awaiting_payment, kExpiry), "Cannot pay for a cancelled order");
  EXPECT_EQ(text(OrderStatus::complete, kBefore), "Order is already paid");
  EXPECT_EQ(text(OrderStatus::created, kBefore), "Order is not reserved yet");
}

TEST(SandboxProvider, stripes_test_cards_succeed) {
  SandboxProvider provider;
  for (const char* token : {"tok_visa", "tok_visa_debit", "tok_mastercard", "tok_mastercard_debit",
                            "tok_mastercard_prepaid", "tok_amex", "tok_discover", "tok_diners",
                            "tok_jcb", "tok_unionpay"}) {
    EXPECT_TRUE(provider.charge("k", Money::from_cents(100), token).ok) << token;
  }
}

TEST(SandboxProvider, bad_cards_are_declined_with_stripes_words) {
  SandboxProvider provider;
  const std::vector<std::pair<const char*, const char*>> table{
      {"tok_chargeDeclined", "Your card was declined."},
      {"tok_chargeDeclinedInsufficientFunds", "Your card has insufficient funds."},
      {"tok_chargeDeclinedLostCard", "Your card was declined."},
      {"tok_chargeDeclinedStolenCard", "Your card was declined."},
      {"tok_chargeDeclinedFraudulent", "Your card was declined."},
      {"tok_chargeDeclinedExpiredCard", "Your card has expired."},
      {"tok_chargeDeclinedIncorrectCvc", "Your card's security code is incorrect."},
      {"tok_chargeDeclinedProcessingError",
       "An error occurred while processing your card. Try again in a little bit."},
      {"tok_chargeDeclinedVelocityLimitExceeded",
       "Your card was declined for making repeated attempts too frequently or exceeding its amount"
       " limit."},
      {"tok_VISA", "No such token"},
      {"", "No such token"},
  };
  for (const auto& [token, reason] : table) {
    const ChargeOutcome outcome = provider.charge("k", Money::from_cents(100), token);
    EXPECT_FALSE(outcome.ok) << token;
    EXPECT_EQ(outcome.reason, reason) << token;
    EXPECT_EQ(outcome.id, "") << token;
  }
}

TEST(SandboxProvider, repeating_a_key_gives_the_same_ids_and_another_key_others) {
  SandboxProvider one;
  SandboxProvider other;
  const Money amount = Money::from_cents(100);
  EXPECT_EQ(one.charge("a-b", amount, "tok_visa").id, other.charge("a-b", amount, "tok_visa").id);
  EXPECT_NE(one.charge("a-b", amount, "tok_visa").id, one.charge("a-c", amount, "tok_visa").id);
  EXPECT_EQ(one.refund("a-b", "ch", amount), other.refund("a-b", "ch", amount));
  EXPECT_NE(one.refund("a-b", "ch", amount), one.charge("a-b", amount, "tok_visa").id);
}

TEST(SandboxProvider, is_the_only_provider) {
  EXPECT_NE(make_provider("sandbox"), nullptr);
  EXPECT_EQ(services_unit::refusal([] { make_provider("stripe"); }).substr(0, 15),
            "invalid/invalid");
}

}  // namespace
}  // namespace payments
