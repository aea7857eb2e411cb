// What happens when two things happen at once, over real HTTP.

#include "races.hpp"

#include <algorithm>
#include <optional>

#include "rush.hpp"

namespace ticketing::test {
namespace {

std::string message_in(const Response& response) {
  const auto complaints = complaints_of(response);
  return complaints.empty() ? "" : complaints.front().message;
}

TEST_P(Races, of_twenty_buyers_at_once_exactly_one_gets_the_ticket) {
  Visitor seller = user();
  Rush rush{users(20)};
  const auto judge = [&] {
    std::vector<std::size_t> winners;
    for (std::size_t i = 0; i < rush.answers().size(); ++i) {
      const Response& answer = rush.answers()[i];
      if (answer.status == 201) {
        winners.push_back(i);
      } else {
        expect_refusal(answer, 400, "Ticket is already reserved", "ticket_reserved");
      }
    }
    ASSERT_EQ(winners.size(), 1U);
    Visitor& winner = rush.buyer(winners[0]);
    const auto order = from_json<OrderAnswer>(rush.answers()[winners[0]].body);
    EXPECT_TRUE(eventually([&] { return winner.ticket(order.ticket.id).order_id == order.id; }));
  };
  rush.run(
      100, [&] { return seller.sell().id; }, judge);
}

TEST_P(Races, nobody_is_charged_a_price_that_they_did_not_see) {
  Visitor seller = user();
  Visitor buyer = user();
  std::map<std::string, int> outcomes;
  for (int round = 0; round < 60; ++round) {
    const std::string ticket = seller.sell("Concert", "10").id;
    std::optional<OrderAnswer> order;
    Response payment;
    at_once(2, [&](std::size_t i) {
      if (i == 0) {
        fall_behind(std::chrono::microseconds{100} * (round % 30));
        const Response repriced = seller.put("/api/tickets/" + ticket, offer("Concert", "20"));
        if (repriced.status == 200) return;
        EXPECT_EQ(message_in(repriced), "Cannot edit a reserved ticket");
      } else {
        order = buyer.order(ticket);
        payment = buyer.post("/api/payments", payment_for(order->id));
      }
    });
    ASSERT_TRUE(order);
    ASSERT_TRUE(becomes_final(buyer, order->id));
    const OrderAnswer end = buyer.get_order(order->id);
    EXPECT_EQ(end.ticket.price, order->ticket.price);
    if (payment.status == 201) {
      const ChargeAnswer charge = buyer.charge(from_json<PaymentAnswer>(payment.body).id);
      EXPECT_EQ(charge.amount, order->ticket.price);
      EXPECT_EQ(end.status, OrderStatus::complete);
      const TicketAnswer sold = buyer.ticket(ticket);
      EXPECT_EQ(sold.price, order->ticket.price);
      EXPECT_EQ(sold.order_id, order->id);
    } else {
      EXPECT_EQ(message_in(payment), "Cannot pay for a cancelled order");
      EXPECT_EQ(end.reason, CancelReason::ticket_unavailable);
    }
    ++outcomes[payment.status == 201 ? "paid " + order->ticket.price.to_text() : "cancelled"];
  }
  print(outcomes);
}

TEST_P(Races, a_payment_that_races_a_cancellation_completes_the_order_or_is_given_back) {
  Visitor seller = user();
  Visitor buyer = user();
  Visitor other_tab = buyer;
  std::map<std::string, int> outcomes;
  for (int round = 0; round < 60; ++round) {
    const OrderAnswer order = buyer.reserve(seller.sell().id);
    Response payment;
    Response cancellation;
    at_once(2, [&](std::size_t i) {
      if (i == 0) {
        payment = buyer.post("/api/payments", payment_for(order.id));
      } else {
        fall_behind(std::chrono::microseconds{100} * (round % 60));
        cancellation = other_tab.del("/api/orders/" + order.id);
      }
    });
    ASSERT_TRUE(becomes_final(buyer, order.id));
    const OrderStatus end = buyer.get_order(order.id).status;
    EXPECT_EQ(cancellation.status, end == OrderStatus::complete ? 400 : 204);
    EXPECT_TRUE(payment.status == 201 || end == OrderStatus::cancelled);
    expect_charge_to_match(order.id, end);
    ++outcomes[std::string{name_of(end)} + ", payment " + std::to_string(payment.status)];
  }
  print(outcomes);
}

TEST_P(Races, of_several_payments_at_once_exactly_one_is_charged) {
  Visitor buyer = user();
  for (int round = 0; round < 20; ++round) {
    const OrderAnswer order = buyer.order(user().sell().id);
    std::vector<Visitor> tabs(4, buyer);
    std::vector<Response> answers(tabs.size());
    at_once(tabs.size(), [&](std::size_t i) {
      answers[i] = tabs[i].post("/api/payments", payment_for(order.id));
    });
    std::size_t paid = 0;
    for (const Response& answer : answers) {
      if (answer.status == 201) {
        ++paid;
      } else {
        expect_refusal(answer, 400, "Order is already paid", "order_paid");
      }
    }
    EXPECT_EQ(paid, 1U);
    const Databases stored{market_};
    EXPECT_EQ(
        stored.number("select count(*) from payments.charges where order_id = '" + order.id + "'"),
        1);
  }
}

TEST_P(Races, of_one_payment_sent_several_times_at_once_all_have_the_same_answer) {
  Visitor buyer = user();
  for (int round = 0; round < 10; ++round) {
    const OrderAnswer order = buyer.order(user().sell().id);
    const Headers key{{"Idempotency-Key", fresh_key()}};
    std::vector<Visitor> tabs(4, buyer);
    std::vector<Response> answers(tabs.size());
    at_once(tabs.size(), [&](std::size_t i) {
      answers[i] = tabs[i].post("/api/payments", payment_for(order.id), key);
    });
    for (const Response& answer : answers) {
      EXPECT_EQ(answer.status, 201);
      EXPECT_EQ(answer.body, answers[0].body);
    }
  }
}

TEST_P(Races, of_five_sign_ups_at_once_with_one_email_exactly_one_makes_an_account) {
  for (int round = 0; round < 6; ++round) {
    const std::string email = fresh_email();
    std::vector<Response> answers(5);
    at_once(answers.size(), [&](std::size_t i) {
      answers[i] = visitor().post("/api/users/signup",
                                  credentials(email, "password of " + std::to_string(i)));
    });
    std::vector<std::size_t> winners;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].status == 201) {
        winners.push_back(i);
      } else {
        expect_bad_fields(answers[i], {"email"}, "Email in use");
      }
    }
    ASSERT_EQ(winners.size(), 1U);
    const std::string password = "password of " + std::to_string(winners[0]);
    EXPECT_EQ(visitor().post("/api/users/signin", credentials(email, password)).status, 200);
  }
}

TEST_P(Races, of_edits_at_once_of_one_version_exactly_one_succeeds) {
  Visitor seller = user();
  const std::string path = "/api/tickets/" + seller.sell().id;
  for (int version = 0; version < 10; ++version) {
    std::vector<Visitor> tabs(4, seller);
    std::vector<int> statuses(tabs.size());
    at_once(tabs.size(), [&](std::size_t i) {
      const Headers expected{{"If-Match", '"' + std::to_string(version) + '"'}};
      statuses[i] = tabs[i].put(path, offer("Concert", std::to_string(i + 1)), expected).status;
    });
    EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 200), 1);
    EXPECT_EQ(std::count(statuses.begin(), statuses.end(), 412), 3);
  }
}

ON_BOTH_LAYOUTS(Races, Races);

}  // namespace
}  // namespace ticketing::test
