// The verbs that talk to the services, run whole and in-process.

#include <gtest/gtest.h>

#include "fake_marketplace.hpp"
#include "fake_world.hpp"

namespace ticketing::cli {
namespace {

class Verbs : public ::testing::Test {
 protected:
  void sign_in() {
    fake.variables["TICKETING_PASSWORD"] = "s3cret-pass";
    ASSERT_EQ(fake.run({"signin", "a@b.c"}), 0) << fake.err();
  }
  void expect(const std::vector<std::string>& words, int status, const std::string& out,
              const std::string& err = "") {
    EXPECT_EQ(fake.run(words), status);
    EXPECT_EQ(fake.out(), out);
    EXPECT_EQ(fake.err(), err);
  }

  FakeWorld fake;
  FakeMarketplace market{fake};
};

TEST_F(Verbs, a_session_lasts_from_signin_to_signout) {
  sign_in();
  EXPECT_EQ(fake.out(), "id     u1\nemail  a@b.c\n");
  expect({"whoami"}, 0, "id     u1\nemail  a@b.c\niat    1\n");
  expect({"signout"}, 0, "", "signed out\n");
  expect({"whoami"}, 4, "",
         "ticketctl: nobody is signed in at " + market.origin() +
             "; sign in with: ticketctl signin EMAIL\n");
  expect({"signout"}, 0, "", "nobody is signed in at " + market.origin() + "\n");
}

TEST_F(Verbs, a_session_belongs_to_its_profile) {
  sign_in();
  EXPECT_EQ(fake.run({"whoami", "--profile", "other"}), 4);
  EXPECT_EQ(fake.run({"whoami"}), 0);
}

TEST_F(Verbs, signing_out_keeps_the_session_when_the_server_cannot_end_it) {
  sign_in();
  market.refusal = error_response(500, "Something went wrong", "internal");
  EXPECT_EQ(fake.run({"signout"}), 6);
  market.refusal.reset();
  EXPECT_EQ(fake.run({"whoami"}), 0);
  market.refusal = error_response(401, "Not authorized", "unauthorized");
  EXPECT_EQ(fake.run({"signout"}), 0);
  market.refusal.reset();
  EXPECT_EQ(fake.run({"whoami"}), 4);
}

TEST_F(Verbs, people_read_tables_and_programs_json) {
  expect({"list"}, 0, "id  title    price  userId  version\nt1  Concert     20  u1            0\n");
  expect({"list", "--json"}, 0,
         R"([{"id":"t1","title":"Concert","price":20,"userId":"u1","version":0}])"
         "\n");
}

TEST_F(Verbs, a_listing_is_read_page_by_page_up_to_the_limit) {
  market.pages = 3;
  EXPECT_EQ(fake.run({"list"}), 0);
  EXPECT_EQ(market.requests(), 3U);
  EXPECT_EQ(fake.err(), "");
  EXPECT_EQ(fake.run({"list", "--limit", "2"}), 0);
  EXPECT_EQ(fake.err(), "there are more; pass --after 2\n");
  EXPECT_EQ(fake.run({"list", "--after", "2"}), 0);
  EXPECT_EQ(market.requests(), 6U);
}

TEST_F(Verbs, a_ticket_is_sold_for_exact_cents) {
  sign_in();
  expect({"sell", "Dmitri, live", "19.99", "--json"}, 0,
         R"({"id":"t1","title":"Dmitri, live","price":19.99,"userId":"u1","version":0})"
         "\n");
}

TEST_F(Verbs, a_price_must_be_one) {
  EXPECT_EQ(fake.run({"sell", "Concert", "cheap"}), 2);
  EXPECT_EQ(fake.err(),
            "ticketctl: 'cheap' is not a price; write dollars, as in 20 or 19.99; see ticketctl "
            "sell --help\n");
  EXPECT_EQ(market.requests(), 0U);
}

TEST_F(Verbs, an_edit_of_one_field_keeps_the_other) {
  sign_in();
  EXPECT_EQ(fake.run({"edit", "t1", "--price", "25"}), 0);
  EXPECT_EQ(market.last_request().body, R"({"title":"Concert","price":25})");
  EXPECT_EQ(market.last_request().header("If-Match"), "\"0\"");
  EXPECT_EQ(fake.run({"edit", "t1"}), 2);
}

TEST_F(Verbs, an_edit_that_meets_another_is_done_again_on_the_new_state) {
  sign_in();
  market.conflicts = 2;
  EXPECT_EQ(fake.run({"edit", "t1", "--price", "25"}), 0);
  EXPECT_EQ(market.last_request().header("If-Match"), "\"2\"");
  market.conflicts = 3;
  EXPECT_EQ(fake.run({"edit", "t1", "--title", "Again"}), 5);
  EXPECT_EQ(fake.err(),
            "ticketctl: The ticket has changed; it was changed meanwhile; run the command again\n");
}

TEST_F(Verbs, an_order_is_made_listed_and_cancelled) {
  sign_in();
  EXPECT_EQ(fake.run({"order", "t1", "--json"}), 0);
  EXPECT_NE(fake.out().find(R"("status":"created")"), std::string::npos);
  expect({"orders"}, 0,
         "id  status            ticket.price  expiresAt                 ticket.title\n"
         "o1  awaiting:payment            20  1970-01-01T00:00:00.000Z  Concert\n");
  EXPECT_EQ(fake.run({"cancel", "o1", "--json"}), 0);
  EXPECT_NE(fake.out().find(R"("reason":"user")"), std::string::npos);
}

TEST_F(Verbs, orders_can_be_asked_for_by_status) {
  sign_in();
  EXPECT_EQ(fake.run({"orders", "--status", "awaiting:payment"}), 0);
  EXPECT_EQ(market.last_request().query_value("status"), "awaiting:payment");
  EXPECT_EQ(fake.run({"orders", "--status", "paid"}), 2);
  EXPECT_NE(fake.err().find("one of: created, awaiting:payment, complete, cancelled"),
            std::string::npos);
}

TEST_F(Verbs, no_card_is_charged_unless_it_is_named) {
  sign_in();
  const std::size_t before = market.requests();
  EXPECT_EQ(fake.run({"pay", "o1"}), 2);
  EXPECT_EQ(market.requests(), before);
  expect({"pay", "o1", "--token", "tok_visa"}, 0, "id  p1\n");
  EXPECT_EQ(market.last_request().body, R"({"token":"tok_visa","orderId":"o1"})");
}

TEST_F(Verbs, show_finds_out_what_an_id_names) {
  sign_in();
  expect({"show", "t1", "--json"}, 0,
         R"({"ticket":{"id":"t1","title":"Concert","price":20,"userId":"u1","version":0}})"
         "\n");
  EXPECT_EQ(fake.run({"show", "o1"}), 0);
  EXPECT_NE(fake.out().find("order.status          created\n"), std::string::npos) << fake.out();
  EXPECT_EQ(fake.run({"show", "p1"}), 0);
  EXPECT_NE(fake.out().find("payment.amount    20\n"), std::string::npos) << fake.out();
  expect({"show", "x"}, 3, "",
         "ticketctl: no ticket, order or payment of yours is called x; check the id with: "
         "ticketctl list, ticketctl orders\n");
}

TEST_F(Verbs, show_says_that_orders_need_their_owner) {
  expect({"show", "o1"}, 4, "",
         "ticketctl: o1 is no ticket; orders and payments are shown to their owner only; sign in "
         "with: ticketctl signin EMAIL\n");
}

TEST_F(Verbs, what_the_server_refuses_is_one_line_and_a_status) {
  market.refusal = error_response(Error{ErrorCode::refused, "Ticket is already reserved"});
  expect({"order", "t1"}, 5, "",
         "ticketctl: Ticket is already reserved; look at how it stands with: ticketctl show ID\n");
  market.refusal = error_response(Error{{{"Price must be greater than 0", "price", "too_low"}}});
  expect({"sell", "Concert", "0"}, 1, "", "ticketctl: price: Price must be greater than 0\n");
  market.refusal = error_response(429, "Slow down", "exhausted");
  expect({"list"}, 6, "", "ticketctl: Slow down; wait a minute, then try again\n");
  market.refusal = Response::json(400, R"({"errors":[{"message":"two\nlines \u001b[31m"}]})");
  EXPECT_EQ(fake.run({"list"}), 5);
  EXPECT_EQ(lines_in(fake.err()), 1U);
  EXPECT_EQ(fake.err().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace ticketing::cli
