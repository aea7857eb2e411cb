// CONTRACT section 3: every POST honours `Idempotency-Key`.

#include "contract.hpp"

namespace ticketing::test {
namespace {

class IdempotencyKeys : public Contract {
 protected:
  std::size_t tickets_of(const Visitor& seller) const {
    const Response list = visitor().get("/api/tickets?limit=1000&userId=" + seller.id);
    return list_from_json<TicketAnswer>(list.body).size();
  }
};

void expect_same_answer(const Response& first, const Response& again) {
  EXPECT_EQ(first.status, again.status);
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(header(again, "Idempotent-Replayed"), "true");
  EXPECT_NE(header(first, "X-Request-Id"), header(again, "X-Request-Id"));
}

/// A session of its own, of the same user: the first one is kept nowhere.
void expect_another_session(Visitor someone, const Response& first, const Response& again) {
  expect_same_answer(first, again);
  EXPECT_NE(header(first, "Set-Cookie"), header(again, "Set-Cookie"));
  someone.take_token(again);
  EXPECT_NE(someone.get("/api/users/currentuser")
                .body.find(answer_of<UserAnswer>(first, first.status).id),
            std::string::npos);
}

TEST_P(IdempotencyKeys, a_key_makes_repeating_a_sign_up_harmless) {
  Visitor someone = visitor();
  const Headers key{{"Idempotency-Key", fresh_key()}};
  const std::string body = credentials(fresh_email());
  const Response first = someone.post("/api/users/signup", body, key);
  EXPECT_EQ(first.status, 201);
  expect_another_session(someone, first, someone.post("/api/users/signup", body, key));
  const std::string email = answer_of<UserAnswer>(first, 201).email;
  EXPECT_EQ(someone.post("/api/users/signup", credentials(email, "other pass"), key).status, 400);
  expect_bad_fields(someone.post("/api/users/signup", body), {"email"}, "Email in use");
  expect_refusal(someone.post("/api/users/signup", credentials(fresh_email()), key), 400,
                 "Idempotency-Key was used before with another body", "idempotency_key");
}

TEST_P(IdempotencyKeys, a_key_makes_repeating_a_sign_in_harmless) {
  const Visitor known = user();
  Visitor someone = visitor();
  const Headers key{{"Idempotency-Key", fresh_key()}};
  const Response first = someone.post("/api/users/signin", credentials(known.email), key);
  EXPECT_EQ(first.status, 200);
  expect_another_session(someone, first,
                         someone.post("/api/users/signin", credentials(known.email), key));
  EXPECT_EQ(someone.post("/api/users/signin", credentials(known.email, "other pass"), key).status,
            400);
}

TEST_P(IdempotencyKeys, a_key_makes_repeating_a_sign_out_harmless) {
  Visitor someone = user();
  const Headers key{{"Idempotency-Key", fresh_key()}};
  const Response first = someone.post("/api/users/signout", "", key);
  EXPECT_EQ(first.status, 200);
  const Response again = someone.post("/api/users/signout", "", key);
  EXPECT_EQ(again.status, 200);  // Nobody's by now, who had no such key before.
  EXPECT_EQ(again.body, first.body);
}

TEST_P(IdempotencyKeys, a_key_makes_repeating_an_offer_harmless) {
  Visitor seller = user();
  const Headers key{{"Idempotency-Key", fresh_key()}};
  const Response first = seller.post("/api/tickets", offer(), key);
  EXPECT_EQ(first.status, 201);
  expect_same_answer(first, seller.post("/api/tickets", offer(), key));
  EXPECT_EQ(tickets_of(seller), 1U);
  expect_refusal(seller.post("/api/tickets", offer("Opera"), key), 400,
                 "Idempotency-Key was used before with another body", "idempotency_key");
  EXPECT_EQ(tickets_of(seller), 1U);
  Visitor other = user();  // Whose key of that name is another one.
  EXPECT_EQ(other.post("/api/tickets", offer("Opera"), key).status, 201);
}

TEST_P(IdempotencyKeys, a_key_makes_repeating_an_order_harmless) {
  Visitor buyer = user();
  const Headers key{{"Idempotency-Key", fresh_key()}};
  const std::string body = order_for(user().sell().id);
  const Response first = buyer.post("/api/orders", body, key);
  const auto order = answer_of<OrderAnswer>(first, 201);
  expect_same_answer(first, buyer.post("/api/orders", body, key));
  EXPECT_EQ(buyer.post("/api/orders", order_for(user().sell().id), key).status, 400);
  // Also when the order has come to its end meanwhile.
  EXPECT_EQ(buyer.del("/api/orders/" + order.id).status, 204);
  expect_same_answer(first, buyer.post("/api/orders", body, key));
}

TEST_P(IdempotencyKeys, a_key_makes_repeating_a_payment_harmless) {
  Visitor buyer = user();
  const Headers key{{"Idempotency-Key", fresh_key()}};
  const std::string order = buyer.reserve(user().sell().id).id;
  const Response first = buyer.post("/api/payments", payment_for(order), key);
  EXPECT_EQ(first.status, 201);
  expect_same_answer(first, buyer.post("/api/payments", payment_for(order), key));
  EXPECT_EQ(buyer.post("/api/payments", payment_for(order, "tok_amex"), key).status, 400);
}

TEST_P(IdempotencyKeys, a_refusal_is_the_first_answer_of_a_key_too) {
  Visitor buyer = user();
  const std::string ticket = user().sell().id;
  const Headers key{{"Idempotency-Key", fresh_key()}};
  Visitor first_buyer = user();
  const std::string order = first_buyer.reserve(ticket).id;
  const Response refused = buyer.post("/api/orders", order_for(ticket), key);
  expect_refusal(refused, 400, "Ticket is already reserved");
  EXPECT_EQ(first_buyer.del("/api/orders/" + order).status, 204);
  expect_same_answer(refused, buyer.post("/api/orders", order_for(ticket), key));
  EXPECT_EQ(buyer.post("/api/orders", order_for(ticket)).status, 201);
}

TEST_P(IdempotencyKeys, a_key_that_is_none_is_refused) {
  Visitor seller = user();
  for (const std::string& key : {std::string{}, std::string(256, 'k'), std::string{"a b"}}) {
    const Response response = seller.post("/api/tickets", offer(), {{"Idempotency-Key", key}});
    EXPECT_EQ(response.status, 400) << key;
    EXPECT_EQ(complaints_of(response).at(0).code, "idempotency_key");
  }
  const Headers longest{{"Idempotency-Key", fresh_key() + std::string(239, 'k')}};
  EXPECT_EQ(seller.post("/api/tickets", offer(), longest).status, 201);
}

ON_BOTH_LAYOUTS(Contract, IdempotencyKeys);

}  // namespace
}  // namespace ticketing::test
