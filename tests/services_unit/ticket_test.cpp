#include "tickets/ticket.hpp"

#include <gtest/gtest.h>

#include "refusal.hpp"
#include "ticketing/core/json.hpp"

namespace tickets {
namespace {

using services_unit::refusal;

const NewTicket kTerms{"Concert", Money::from_cents(2000)};

Ticket free_ticket(std::int64_t version = 0) {
  Ticket ticket = list("t1", "seller", kTerms);
  ticket.version = version;
  return ticket;
}

Ticket held_by(const std::string& order_id, std::int64_t version = 1) {
  Ticket ticket = free_ticket(version);
  ticket.order_id = order_id;
  return ticket;
}

OrderFact order_of(const Ticket& ticket, const std::string& id = "o1") {
  OrderFact order;
  order.id = id;
  order.ticket = {ticket.id, ticket.title, ticket.price, ticket.version};
  return order;
}

TEST(Ticket, a_listed_ticket_is_free_and_has_version_0) {
  const Ticket ticket = list("t1", "seller", kTerms);
  EXPECT_EQ(to_json(ticket),
            R"({"id":"t1","version":0,"title":"Concert","price":20,"userId":"seller"})");
}

TEST(Ticket, an_edit_changes_the_terms_and_adds_one_to_the_version) {
  const Ticket edited = edit(free_ticket(4), {"Opera", Money::from_cents(1999)});
  EXPECT_EQ(edited.version, 5);
  EXPECT_EQ(edited.title, "Opera");
  EXPECT_EQ(edited.price.cents(), 1999);
  EXPECT_EQ(edited.user_id, "seller");
}

TEST(Ticket, a_reserved_ticket_cannot_be_edited) {
  EXPECT_EQ(refusal([] { edit(held_by("o1"), kTerms); }),
            "refused/ticket_reserved: Cannot edit a reserved ticket");
}

TEST(Ticket, an_order_of_this_version_reserves_a_free_ticket) {
  const Ticket ticket = free_ticket(3);
  const auto reserved = reserve(ticket, order_of(ticket));
  ASSERT_TRUE(reserved);
  EXPECT_EQ(reserved->version, 4);
  EXPECT_EQ(reserved->order_id, "o1");
  EXPECT_EQ(reserved->price, ticket.price);
}

TEST(Ticket, an_order_of_another_version_reserves_nothing) {
  const OrderFact order = order_of(free_ticket(3));
  EXPECT_FALSE(reserve(free_ticket(4), order));
  EXPECT_FALSE(reserve(free_ticket(2), order));
}

TEST(Ticket, a_held_ticket_is_not_reserved_again_not_even_by_its_holder) {
  const Ticket ticket = held_by("o1");
  EXPECT_FALSE(reserve(ticket, order_of(ticket, "o2")));
  EXPECT_FALSE(reserve(ticket, order_of(ticket, "o1")));
}

TEST(Ticket, the_order_that_holds_a_ticket_frees_it) {
  const auto freed = release(held_by("o1", 6), "o1");
  ASSERT_TRUE(freed);
  EXPECT_EQ(freed->version, 7);
  EXPECT_FALSE(freed->order_id);
}

TEST(Ticket, no_other_order_frees_a_ticket) {
  EXPECT_FALSE(release(held_by("o1"), "o2"));
  EXPECT_FALSE(release(held_by("o1"), ""));
}

TEST(Ticket, freeing_a_free_ticket_changes_nothing) { EXPECT_FALSE(release(free_ticket(), "o1")); }

TEST(Ticket, a_late_release_does_not_take_the_ticket_from_the_next_order) {
  const Ticket listed = free_ticket();
  const Ticket first = *reserve(listed, order_of(listed, "o1"));
  const Ticket freed = *release(first, "o1");
  const Ticket second = *reserve(freed, order_of(freed, "o2"));
  EXPECT_FALSE(release(second, "o1"));
  EXPECT_EQ(second.version, 3);
}

TEST(NewTicket, bad_fields_are_named_with_the_contracts_words) {
  const auto complaint = [](const char* body) {
    return refusal([&] { from_json<NewTicket>(body); });
  };
  EXPECT_NE(complaint(R"({"title":"  ","price":20})").find("Title is required"), std::string::npos);
  EXPECT_NE(complaint(R"({"title":"x","price":0})").find("Price must be greater than 0"),
            std::string::npos);
  EXPECT_EQ(from_json<NewTicket>(R"({"title":" x ","price":"20.00"})").title, "x");
}

}  // namespace
}  // namespace tickets
