#include "ticketing/events/events.hpp"

#include <gtest/gtest.h>

#include "ticketing/events/envelope.hpp"

namespace ticketing {
namespace {

static_assert(Event<UserCreated> && Event<UserUpdated>);
static_assert(Event<TicketCreated> && Event<TicketUpdated>);
static_assert(Event<OrderCreated> && Event<OrderUpdated> && Event<OrderCancelled>);
static_assert(Event<ExpirationComplete>);
static_assert(Event<PaymentCreated> && Event<PaymentFailed> && Event<PaymentRefunded>);
static_assert(!Event<OrderFact> && !Event<TicketSnapshot>);

// Reads `json`, which must come out again to the letter, by itself and inside an envelope.
template <Event E>
E round_trip(const std::string& json) {
  E event = from_json<E>(json);
  EXPECT_EQ(to_json(event), json);
  Envelope envelope;
  envelope.id = envelope.log_id = envelope.correlation_id = "x";
  envelope.source = "/services/" + std::string(E::kPublisher);
  envelope.type = E::kSubject;
  envelope.aggregate_id = event.aggregate_id();
  envelope.version = event.aggregate_version();
  envelope.offset = 7;
  envelope.data.text = json;
  EXPECT_EQ(to_json(data_of<E>(decode_envelope(encode(envelope)))), json);
  return event;
}

TEST(Events, users_survive_a_round_trip) {
  const auto created = round_trip<UserCreated>(R"({"id":"u1","version":0,"email":"a@b.c"})");
  EXPECT_FALSE(created.tokens_valid_from);
  const auto updated = round_trip<UserUpdated>(
      R"({"id":"u1","version":1,"email":"a@b.c","tokensValidFrom":"2026-01-31T09:05:00.123Z"})");
  EXPECT_TRUE(updated.tokens_valid_from);
  EXPECT_EQ(updated.aggregate_id(), "u1");
  EXPECT_EQ(updated.aggregate_version(), 1);
}

TEST(Events, tickets_survive_a_round_trip) {
  const auto created = round_trip<TicketCreated>(
      R"({"id":"t1","version":0,"title":"Ring","price":19.99,"userId":"u1"})");
  EXPECT_EQ(created.price, Money::from_cents(1999));
  EXPECT_FALSE(created.order_id);
  const auto updated = round_trip<TicketUpdated>(
      R"({"id":"t1","version":1,"title":"Ring","price":20,"userId":"u1","orderId":"o1"})");
  EXPECT_EQ(updated.order_id, "o1");
}

TEST(Events, orders_survive_a_round_trip) {
  const std::string ticket = R"("ticket":{"id":"t1","title":"Ring","price":20.5,"version":3})";
  const std::string middle = R"(,"userId":"u1","expiresAt":"2026-01-31T09:05:00.000Z",)" + ticket;
  const auto created =
      round_trip<OrderCreated>(R"({"id":"o1","version":0,"status":"created")" + middle + "}");
  EXPECT_EQ(created.ticket.version, 3);
  const auto updated = round_trip<OrderUpdated>(
      R"({"id":"o1","version":1,"status":"awaiting:payment")" + middle + "}");
  EXPECT_EQ(updated.status, OrderStatus::awaiting_payment);
  const auto cancelled =
      round_trip<OrderCancelled>(R"({"id":"o1","version":2,"status":"cancelled")" + middle +
                                 R"(,"reason":"ticket_unavailable"})");
  EXPECT_EQ(cancelled.reason, CancelReason::ticket_unavailable);
}

TEST(Events, expirations_survive_a_round_trip) {
  const auto event = round_trip<ExpirationComplete>(R"({"orderId":"o1"})");
  EXPECT_EQ(event.aggregate_id(), "o1");
  EXPECT_EQ(event.aggregate_version(), 0);
}

TEST(Events, payments_survive_a_round_trip) {
  const std::string start = R"({"id":"p1","version":1,"orderId":"o1","amount":0.5,)";
  EXPECT_EQ(round_trip<PaymentCreated>(start + R"("stripeId":"ch_1"})").stripe_id, "ch_1");
  EXPECT_EQ(round_trip<PaymentFailed>(start + R"("reason":"declined"})").reason, "declined");
  EXPECT_EQ(round_trip<PaymentRefunded>(start + R"("stripeRefundId":"re_1"})").stripe_refund_id,
            "re_1");
}

TEST(Events, a_reader_ignores_fields_that_it_does_not_know) {
  const auto event = from_json<TicketCreated>(
      R"({"later":{"x":[1]},"id":"t1","version":0,"title":"Ring","price":1,"userId":"u1"})");
  EXPECT_EQ(event.id, "t1");
}

TEST(Events, a_bad_field_of_the_snapshot_is_named_by_its_path) {
  try {
    from_json<OrderCreated>(R"({"id":"o1","version":0,"status":"paid","userId":"u1",)"
                            R"("expiresAt":"2026-01-31T09:05:00.000Z",)"
                            R"("ticket":{"title":"Ring","price":1,"version":0}})");
    FAIL();
  } catch (const Error& error) {
    ASSERT_EQ(error.fields().size(), 2U);
    EXPECT_EQ(error.fields()[0].field, "status");
    EXPECT_EQ(error.fields()[0].message,
              "status must be created, awaiting:payment, complete or cancelled");
    EXPECT_EQ(error.fields()[1].field, "ticket.id");
    EXPECT_EQ(error.fields()[1].code, "required");
  }
}

TEST(OrderStatus, only_the_legal_transitions_are_possible) {
  using enum OrderStatus;
  struct Row {
    OrderStatus from;
    bool to_created, to_awaiting_payment, to_complete, to_cancelled;
  };
  const Row rows[] = {
      {created, false, true, false, true},
      {awaiting_payment, false, false, true, true},
      {complete, false, false, false, false},
      {cancelled, false, false, false, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(may_become(row.from, created), row.to_created);
    EXPECT_EQ(may_become(row.from, awaiting_payment), row.to_awaiting_payment);
    EXPECT_EQ(may_become(row.from, complete), row.to_complete);
    EXPECT_EQ(may_become(row.from, cancelled), row.to_cancelled);
  }
}

TEST(OrderStatus, a_final_one_is_one_that_nothing_follows) {
  for (std::size_t from = 0; from < kOrderStatusNames.size(); ++from) {
    bool any = false;
    for (std::size_t to = 0; to < kOrderStatusNames.size(); ++to) {
      any = any || may_become(static_cast<OrderStatus>(from), static_cast<OrderStatus>(to));
    }
    EXPECT_EQ(is_final(static_cast<OrderStatus>(from)), !any);
  }
}

TEST(OrderStatus, names_are_those_of_the_contract_both_ways) {
  EXPECT_EQ(name_of(OrderStatus::awaiting_payment), "awaiting:payment");
  EXPECT_EQ(value_named<OrderStatus>("complete"), OrderStatus::complete);
  EXPECT_EQ(value_named<OrderStatus>("Complete"), std::nullopt);
  EXPECT_EQ(name_of(CancelReason::payment_failed), "payment_failed");
  EXPECT_EQ(value_named<CancelReason>("expired"), CancelReason::expired);
}

}  // namespace
}  // namespace ticketing
