// CONTRACT section 3, the rows of /api/tickets.

#include <set>

#include "contract.hpp"

namespace ticketing::test {
namespace {

class Tickets : public Contract {
 protected:
  std::vector<TicketAnswer> list(const std::string& query) {
    return list_of(visitor().get("/api/tickets?" + query));
  }
  static std::vector<TicketAnswer> list_of(const Response& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    return list_from_json<TicketAnswer>(response.body);
  }
};

/// The target of the link to the next page, or "".
std::string next_of(const Response& response) {
  const std::string link = header(response, "Link");
  if (link.empty()) return {};
  EXPECT_TRUE(link.ends_with(">; rel=\"next\"")) << link;
  return link.substr(1, link.find('>') - 1);
}

TEST_P(Tickets, a_ticket_for_sale_is_answered_as_it_is_stored) {
  Visitor seller = user();
  const Response response = seller.post("/api/tickets", offer("  Concert ", "19.99"));
  const auto ticket = answer_of<TicketAnswer>(response, 201);
  EXPECT_EQ(response.body, R"({"id":")" + ticket.id +
                               R"(","version":0,"title":"Concert","price":19.99,"userId":")" +
                               seller.id + "\"}");
  EXPECT_EQ(visitor().get("/api/tickets/" + ticket.id).body, response.body);
}

TEST_P(Tickets, prices_are_exact_and_may_be_text) {
  Visitor seller = user();
  const std::vector<std::pair<std::string, std::int64_t>> prices{{"0.01", 1},
                                                                 {"19.99", 1999},
                                                                 {"20.5", 2050},
                                                                 {"999999.99", 99'999'999},
                                                                 {"\"20.00\"", 2000},
                                                                 {"\"0.1\"", 10},
                                                                 {"\"999999.99\"", 99'999'999}};
  for (const auto& [text, cents] : prices) {
    const TicketAnswer sold = seller.sell("Concert", text);
    EXPECT_EQ(sold.price.cents(), cents);
    EXPECT_EQ(seller.ticket(sold.id).price.cents(), cents);
  }
}

TEST_P(Tickets, fields_that_nobody_knows_are_ignored_and_not_stored) {
  Visitor seller = user();
  const Response response = seller.post(
      "/api/tickets",
      R"({"title":"Concert","price":20,"userId":"me","id":"x","version":7,"orderId":"o","z":[1]})");
  const auto ticket = answer_of<TicketAnswer>(response, 201);
  EXPECT_EQ(ticket.user_id, seller.id);
  EXPECT_NE(ticket.id, "x");
  EXPECT_EQ(ticket.version, 0);
  EXPECT_EQ(ticket.order_id, std::nullopt);
  EXPECT_EQ(response.body.find("\"z\""), std::string::npos);
}

TEST_P(Tickets, bad_offers_are_refused_field_by_field) {
  Visitor seller = user();
  const std::string own = seller.sell().id;
  const auto expect_refused = [&](const std::string& body, const std::vector<std::string>& fields,
                                  const std::string& message) {
    expect_bad_fields(seller.post("/api/tickets", body), fields, message);
    expect_bad_fields(seller.put("/api/tickets/" + own, body), fields, message);
  };
  for (const std::string& title : {std::string{}, std::string{" \t "}, std::string(201, 'x')}) {
    expect_refused(offer(title), {"title"}, "Title is required");
  }
  expect_refused(R"({"price":20})", {"title"}, "Title is required");
  expect_refused(R"({"price":20,"title":7})", {"title"}, "Title is required");
  for (const std::string price :
       {"0", "-1", "-0.01", "0.001", "19.999", "1000000", "999999.991", "1e3", "\"abc\"", "\"\"",
        "null", "true", "[]", "\"1e3\"", "0.00", "\" 20\"", "99999999999999999999"}) {
    expect_refused(offer("Concert", price), {"price"}, "Price must be greater than 0");
  }
  expect_refused(R"({"title":"Concert"})", {"price"}, "Price must be greater than 0");
  expect_refused("{}", {"title", "price"}, "Title is required");
  EXPECT_EQ(seller.ticket(own).version, 0);
  EXPECT_EQ(seller.sell(std::string(200, 'x')).title.size(), 200U);
}

TEST_P(Tickets, selling_and_editing_need_a_session_before_anything_else) {
  const std::string known = user().sell().id;
  expect_not_authorized(visitor().post("/api/tickets", "not even JSON"));
  expect_not_authorized(visitor().put("/api/tickets/" + known, "not even JSON"));
  expect_not_authorized(visitor().put("/api/tickets/unknown", offer()));
}

TEST_P(Tickets, the_list_shows_free_tickets_in_the_order_of_their_creation) {
  Visitor seller = user();
  Visitor buyer = user();
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(seller.sell("Seat " + std::to_string(i)).id);
  buyer.reserve(ids[1]);
  seller.put("/api/tickets/" + ids[0], offer("Seat 0, edited"));
  std::vector<std::string> listed;
  for (const auto& ticket : list("userId=" + seller.id)) {
    EXPECT_EQ(ticket.order_id, std::nullopt);
    listed.push_back(ticket.id);
  }
  EXPECT_EQ(listed, (std::vector<std::string>{ids[0], ids[2], ids[3]}));
  EXPECT_TRUE(list("userId=nobody").empty());
}

TEST_P(Tickets, links_lead_through_all_pages) {
  Visitor seller = user();
  std::vector<std::string> sold;
  for (int i = 0; i < 7; ++i) sold.push_back(seller.sell().id);
  std::vector<std::string> seen;
  std::string next = "/api/tickets?limit=3&userId=" + seller.id;
  int pages = 0;
  for (; !next.empty() && pages < 10; ++pages) {
    const Response page = visitor().get(next);
    const auto tickets = list_of(page);
    EXPECT_EQ(tickets.size(), pages < 2 ? 3U : 1U);
    for (const auto& ticket : tickets) seen.push_back(ticket.id);
    next = next_of(page);
  }
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen, sold);
}

TEST_P(Tickets, a_page_that_is_just_full_has_no_next) {
  Visitor seller = user();
  for (int i = 0; i < 2; ++i) seller.sell();
  EXPECT_EQ(next_of(visitor().get("/api/tickets?limit=2&userId=" + seller.id)), "");
}

TEST_P(Tickets, a_page_may_begin_behind_a_ticket_that_was_sold_meanwhile) {
  Visitor seller = user();
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(seller.sell().id);
  user().reserve(ids[0]);
  const auto behind = list("userId=" + seller.id + "&after=" + ids[0]);
  ASSERT_EQ(behind.size(), 2U);
  EXPECT_EQ(behind[0].id, ids[1]);
}

TEST_P(Tickets, bad_parameters_of_the_list_are_refused) {
  for (const std::string limit : {"0", "-1", "1001", "abc", "", "1.5", "99999999999999999999"}) {
    expect_bad_fields(visitor().get("/api/tickets?limit=" + limit), {"limit"});
  }
  expect_bad_fields(visitor().get("/api/tickets?after=unknown"), {"after"});
  EXPECT_EQ(visitor().get("/api/tickets?limit=1000").status, 200);
  EXPECT_EQ(visitor().get("/api/tickets?unknown=1").status, 200);
}

TEST_P(Tickets, a_page_has_a_hundred_by_default) {
  Visitor seller = user();
  for (int i = 0; i < 101; ++i) seller.sell();
  const Response page = visitor().get("/api/tickets?userId=" + seller.id);
  EXPECT_EQ(list_of(page).size(), 100U);
  EXPECT_EQ(list_of(visitor().get(next_of(page))).size(), 1U);
}

TEST_P(Tickets, a_ticket_shows_its_version_and_the_order_that_holds_it) {
  Visitor seller = user();
  const std::string id = seller.sell().id;
  const Response free = visitor().get("/api/tickets/" + id);
  EXPECT_EQ(header(free, "ETag"), "\"0\"");
  EXPECT_EQ(free.body.find("orderId"), std::string::npos);
  const std::string order = user().reserve(id).id;
  const Response held = visitor().get("/api/tickets/" + id);
  EXPECT_EQ(header(held, "ETag"), "\"1\"");
  EXPECT_EQ(answer_of<TicketAnswer>(held, 200).order_id, order);
}

TEST_P(Tickets, what_names_nothing_is_not_found) {
  Visitor seller = user();
  expect_not_found(visitor().get("/api/tickets/unknown"));
  expect_not_found(visitor().get("/api/tickets/" + std::string(64, 'x')));
  expect_not_found(seller.put("/api/tickets/unknown", offer()));
  expect_not_found(visitor().get("/api/tickets/a/b"));
  expect_not_found(visitor().get("/api/nothing"));
  expect_not_found(visitor().get("/"));
  expect_not_found(seller.del("/api/tickets/" + seller.sell().id));
  expect_not_found(seller.send("PATCH", "/api/tickets", offer()));
}

TEST_P(Tickets, an_edit_makes_the_next_version) {
  Visitor seller = user();
  const std::string id = seller.sell().id;
  const Response response = seller.put("/api/tickets/" + id, offer(" Opera ", "30.5"));
  const auto edited = answer_of<TicketAnswer>(response, 200);
  EXPECT_EQ(edited.title, "Opera");
  EXPECT_EQ(edited.price.cents(), 3050);
  EXPECT_EQ(edited.version, 1);
  EXPECT_EQ(edited.user_id, seller.id);
  EXPECT_EQ(header(response, "ETag"), "\"1\"");
  EXPECT_EQ(visitor().get("/api/tickets/" + id).body, response.body);
}

TEST_P(Tickets, only_its_seller_may_edit_a_ticket) {
  Visitor seller = user();
  Visitor other = user();
  const std::string id = seller.sell().id;
  // Body before existence and ownership, those before the state.
  expect_bad_fields(other.put("/api/tickets/" + id, "{}"), {"title", "price"});
  expect_bad_fields(other.put("/api/tickets/unknown", "{}"), {"title", "price"});
  expect_not_authorized(other.put("/api/tickets/" + id, offer()));
  user().reserve(id);
  expect_not_authorized(other.put("/api/tickets/" + id, offer()));
  EXPECT_EQ(seller.ticket(id).title, "Concert");
}

TEST_P(Tickets, a_reserved_ticket_cannot_be_edited_until_it_is_released) {
  Visitor seller = user();
  Visitor buyer = user();
  const std::string id = seller.sell().id;
  const std::string order = buyer.reserve(id).id;
  expect_refusal(seller.put("/api/tickets/" + id, offer()), 400, "Cannot edit a reserved ticket",
                 "ticket_reserved");
  EXPECT_EQ(buyer.del("/api/orders/" + order).status, 204);
  EXPECT_TRUE(eventually([&] { return !seller.ticket(id).order_id; }));
  EXPECT_EQ(seller.put("/api/tickets/" + id, offer()).status, 200);
}

TEST_P(Tickets, an_edit_of_another_version_than_named_is_refused) {
  Visitor seller = user();
  const std::string path = "/api/tickets/" + seller.sell().id;
  const auto edit = [&](const std::string& expected) {
    return seller.put(path, offer(), {{"If-Match", expected}});
  };
  EXPECT_EQ(edit("\"0\"").status, 200);
  expect_refusal(edit("\"0\""), 412, "The ticket has changed", "version_mismatch");
  expect_refusal(edit("W/\"1\""), 412, "The ticket has changed");
  EXPECT_EQ(edit("\"0\", \"1\"").status, 200);
  EXPECT_EQ(edit("*").status, 200);
  for (const std::string malformed : {"2", "\"2", "two", ","}) {
    EXPECT_EQ(edit(malformed).status, 400) << malformed;
  }
  EXPECT_EQ(header(visitor().get(path), "ETag"), "\"3\"");
}

ON_BOTH_LAYOUTS(Contract, Tickets);

}  // namespace
}  // namespace ticketing::test
