// CONTRACT section 3, the rows of /api/orders.

#include "contract.hpp"

namespace ticketing::test {
namespace {

class Orders : public Contract {
 protected:
  static std::vector<std::string> ids_of(const Response& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    std::vector<std::string> ids;
    for (const auto& order : list_from_json<OrderAnswer>(response.body)) ids.push_back(order.id);
    return ids;
  }
  std::string ticket_for_sale() { return user().sell().id; }
};

TEST_P(Orders, an_order_is_answered_with_the_ticket_as_its_buyer_saw_it) {
  Visitor buyer = user();
  const TicketAnswer ticket = user().sell("Concert", "19.99");
  const auto before = system_clock().now();
  const Response response = buyer.post("/api/orders", order_for(ticket.id));
  const auto order = answer_of<OrderAnswer>(response, 201);
  EXPECT_EQ(order.user_id, buyer.id);
  EXPECT_EQ(order.status, OrderStatus::created);
  EXPECT_EQ(order.version, 0);
  EXPECT_EQ(order.ticket.id, ticket.id);
  EXPECT_EQ(order.ticket.title, "Concert");
  EXPECT_EQ(order.ticket.price.cents(), 1999);
  EXPECT_EQ(order.ticket.version, 0);
  EXPECT_GE(order.expires_at, before + std::chrono::minutes{15});
  EXPECT_LE(order.expires_at, system_clock().now() + std::chrono::minutes{15});
  EXPECT_EQ(response.body.find("reason"), std::string::npos);
}

TEST_P(Orders, a_ticket_may_be_ordered_the_moment_it_is_for_sale) {
  Visitor seller = user();
  Visitor buyer = user();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(buyer.post("/api/orders", order_for(seller.sell().id)).status, 201);
  }
}

TEST_P(Orders, an_order_comes_to_await_payment_and_to_hold_its_ticket) {
  Visitor buyer = user();
  const std::string ticket = ticket_for_sale();
  const OrderAnswer order = buyer.reserve(ticket);
  EXPECT_EQ(order.status, OrderStatus::awaiting_payment);
  EXPECT_EQ(order.version, 1);
  EXPECT_EQ(buyer.ticket(ticket).order_id, order.id);
}

TEST_P(Orders, ordering_refuses_a_bad_body) {
  Visitor buyer = user();
  for (const std::string body : {"{}", R"({"ticketId":""})", R"({"ticketId":null})",
                                 R"({"ticketId":7})", R"({"ticketid":"x"})"}) {
    expect_bad_fields(buyer.post("/api/orders", body), {"ticketId"});
  }
  expect_bad_fields(buyer.post("/api/orders", order_for(std::string(65, 'x'))), {"ticketId"});
}

TEST_P(Orders, ordering_what_is_not_there_is_not_found) {
  Visitor buyer = user();
  expect_not_found(buyer.post("/api/orders", order_for("unknown")));
  expect_not_found(buyer.post("/api/orders", order_for(std::string(64, 'x'))));
}

TEST_P(Orders, every_route_needs_a_session_before_anything_else) {
  Visitor nobody = visitor();
  expect_not_authorized(nobody.post("/api/orders", "not even JSON"));
  expect_not_authorized(nobody.get("/api/orders?limit=0"));
  expect_not_authorized(nobody.get("/api/orders/unknown"));
  expect_not_authorized(nobody.del("/api/orders/unknown"));
}

TEST_P(Orders, a_ticket_that_is_taken_is_refused) {
  Visitor buyer = user();
  Visitor other = user();
  const std::string ticket = ticket_for_sale();
  const auto expect_taken = [&](Visitor& someone) {
    expect_refusal(someone.post("/api/orders", order_for(ticket)), 400,
                   "Ticket is already reserved", "ticket_reserved");
  };
  const std::string order = buyer.order(ticket).id;
  expect_taken(other);
  expect_taken(buyer);
  buyer.pay(order);
  expect_taken(other);
}

TEST_P(Orders, ones_own_ticket_is_refused) {
  Visitor seller = user();
  const std::string ticket = seller.sell().id;
  const Response response = seller.post("/api/orders", order_for(ticket));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(complaints_of(response).at(0).code, "own_ticket");
  EXPECT_EQ(user().post("/api/orders", order_for(ticket)).status, 201);
}

TEST_P(Orders, only_its_buyer_sees_and_cancels_an_order) {
  Visitor buyer = user();
  Visitor seller = user();
  const std::string path = "/api/orders/" + buyer.reserve(seller.sell().id).id;
  for (Visitor other : {seller, user()}) {
    expect_not_authorized(other.get(path));
    expect_not_authorized(other.del(path));
    EXPECT_TRUE(ids_of(other.get("/api/orders")).empty());
  }
  expect_not_found(buyer.get("/api/orders/unknown"));
  expect_not_found(buyer.del("/api/orders/unknown"));
  EXPECT_EQ(answer_of<OrderAnswer>(buyer.get(path), 200).status, OrderStatus::awaiting_payment);
}

TEST_P(Orders, the_list_shows_the_callers_orders_of_every_status) {
  Visitor buyer = user();
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(buyer.reserve(ticket_for_sale()).id);
  user().reserve(ticket_for_sale());
  buyer.pay(ids[0]);
  EXPECT_EQ(buyer.del("/api/orders/" + ids[1]).status, 204);
  EXPECT_TRUE(eventually([&] { return buyer.get_order(ids[0]).status == OrderStatus::complete; }));
  EXPECT_EQ(ids_of(buyer.get("/api/orders")), ids);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids_of(buyer.get("/api/orders?status=complete")), Ids{ids[0]});
  EXPECT_EQ(ids_of(buyer.get("/api/orders?status=cancelled")), Ids{ids[1]});
  EXPECT_EQ(ids_of(buyer.get("/api/orders?status=awaiting:payment")), Ids{ids[2]});
  EXPECT_EQ(ids_of(buyer.get("/api/orders?status=awaiting%3Apayment")), Ids{ids[2]});
  EXPECT_EQ(ids_of(buyer.get("/api/orders?status=created")), Ids{});
}

TEST_P(Orders, links_lead_through_all_pages) {
  Visitor buyer = user();
  Visitor seller = user();
  std::vector<std::string> ordered;
  for (int i = 0; i < 5; ++i) ordered.push_back(buyer.order(seller.sell().id).id);
  const Response first = buyer.get("/api/orders?limit=2");
  EXPECT_EQ(ids_of(first), (std::vector<std::string>{ordered[0], ordered[1]}));
  EXPECT_EQ(header(first, "Link"), "</api/orders?limit=2&after=" + ordered[1] + ">; rel=\"next\"");
  const Response last = buyer.get("/api/orders?limit=2&after=" + ordered[3]);
  EXPECT_EQ(ids_of(last), std::vector<std::string>{ordered[4]});
  EXPECT_EQ(header(last, "Link"), "");
}

TEST_P(Orders, bad_parameters_of_the_list_are_refused) {
  Visitor buyer = user();
  const std::string of_another = user().order(ticket_for_sale()).id;
  expect_bad_fields(buyer.get("/api/orders?limit=0"), {"limit"});
  expect_bad_fields(buyer.get("/api/orders?limit=1001"), {"limit"});
  expect_bad_fields(buyer.get("/api/orders?after=unknown"), {"after"});
  expect_bad_fields(buyer.get("/api/orders?after=" + of_another), {"after"});
  expect_bad_fields(buyer.get("/api/orders?status=done"), {"status"});
}

TEST_P(Orders, cancelling_frees_the_ticket_and_may_be_repeated) {
  Visitor buyer = user();
  const std::string ticket = ticket_for_sale();
  const std::string path = "/api/orders/" + buyer.reserve(ticket).id;
  for (int i = 0; i < 3; ++i) {
    const Response response = buyer.del(path);
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(response.body, "");
  }
  const auto order = answer_of<OrderAnswer>(buyer.get(path), 200);
  EXPECT_EQ(order.status, OrderStatus::cancelled);
  EXPECT_EQ(order.reason, CancelReason::user);
  EXPECT_EQ(order.version, 2);
  EXPECT_TRUE(eventually([&] { return !buyer.ticket(ticket).order_id; }));
}

TEST_P(Orders, a_cancelled_order_makes_room_for_the_next_at_once) {
  Visitor buyer = user();
  Visitor next = user();
  const std::string ticket = ticket_for_sale();
  for (int i = 0; i < 10; ++i) {
    Visitor& someone = i % 2 == 0 ? buyer : next;
    const OrderAnswer order = i < 5 ? someone.reserve(ticket) : someone.order(ticket);
    EXPECT_EQ(someone.del("/api/orders/" + order.id).status, 204);
  }
  EXPECT_EQ(next.reserve(ticket).status, OrderStatus::awaiting_payment);
}

TEST_P(Orders, a_completed_order_cannot_be_cancelled) {
  Visitor buyer = user();
  const OrderAnswer order = buyer.reserve(ticket_for_sale());
  buyer.pay(order.id);
  const std::string path = "/api/orders/" + order.id;
  EXPECT_TRUE(
      eventually([&] { return buyer.get_order(order.id).status == OrderStatus::complete; }));
  expect_refusal(buyer.del(path), 400, "Cannot cancel a completed order", "order_complete");
  EXPECT_EQ(buyer.get_order(order.id).status, OrderStatus::complete);
}

ON_BOTH_LAYOUTS(Contract, Orders);

}  // namespace
}  // namespace ticketing::test
