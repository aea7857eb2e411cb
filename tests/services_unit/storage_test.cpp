// The services' SQL on a real database: what each index guards, and what each query yields.

#include <gtest/gtest.h>

#include "auth/storage.hpp"
#include "orders/storage.hpp"
#include "payments/storage.hpp"
#include "refusal.hpp"
#include "support/postgres_server.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/storage/database.hpp"
#include "tickets/storage.hpp"

namespace {

using namespace ticketing;

/// A database of its own for each test, gone after it.
class Storage : public testing::Test {
 protected:
  void open(std::span<const std::string_view> steps) {
    const Migrations migrations[] = {{"test", steps}};
    DatabaseOptions options;
    options.schema = "test";
    options.url = test::tests_use_postgres() ? test::postgres_server().create_database()
                                             : "sqlite:" + folder_.file("test.db");
    database_ = Database::open(options, migrations);
  }
  /// Runs `work` in a write transaction; the refusal, or `none`.
  std::string write(const Database::Work& work) {
    std::exception_ptr failure;
    database_->submit(work, [&](std::exception_ptr thrown) { failure = thrown; });
    database_->step();
    return services_unit::refusal([&] {
      if (failure) std::rethrow_exception(failure);
    });
  }
  std::string plan_of(const std::string& sql) {
    std::string plan;
    database_->read([&](Transaction& tx) {
      tx.for_each<std::int64_t, std::int64_t, std::int64_t, std::string>(
          "explain query plan " + sql,
          [&](auto, auto, auto, auto&& detail) { plan += detail + '\n'; });
    });
    return plan;
  }

 private:
  const test::TempFolder folder_;

 protected:
  std::unique_ptr<Database> database_;  ///< Behind the folder: gone before it.
};

template <class T>
std::string ids(const std::vector<T>& list) {
  std::string text;
  for (const T& item : list) text += item.id + ' ';
  return text;
}

tickets::Ticket ticket(const std::string& id, const std::string& seller) {
  return {id, 0, "Concert", Money::from_cents(1999), seller, std::nullopt};
}

TEST_F(Storage, a_ticket_comes_back_as_it_went) {
  open(tickets::migrations());
  EXPECT_EQ(write([](Transaction& tx) {
              const tickets::TicketTable table{tx};
              table.insert(ticket("t1", "seller"));
              tickets::Ticket held = *table.find("t1");
              EXPECT_EQ(held.price.cents(), 1999);
              EXPECT_FALSE(held.order_id);
              held.version = 1;
              held.order_id = "o1";
              table.update(held);
              EXPECT_EQ(table.find("t1")->order_id, "o1");
              EXPECT_FALSE(table.find("t2"));
              EXPECT_FALSE(table.place_of("t2"));
            }),
            "none");
}

TEST_F(Storage, a_ticket_version_moves_by_one_or_not_at_all) {
  open(tickets::migrations());
  EXPECT_EQ(write([](Transaction& tx) {
              const tickets::TicketTable table{tx};
              table.insert(ticket("t1", "seller"));
              tickets::Ticket skipped = ticket("t1", "seller");
              skipped.version = 2;
              table.update(skipped);
            }),
            "conflict/conflict: the ticket has changed meanwhile");
}

TEST_F(Storage, free_tickets_come_in_creation_order_page_by_page) {
  open(tickets::migrations());
  const auto check = [](Transaction& tx) {
    const tickets::TicketTable table{tx};
    for (const char* id : {"d", "b", "c", "a"}) {
      table.insert(ticket(id, *id == 'c' ? "two" : "one"));
    }
    tickets::Ticket held = ticket("b", "one");
    held.version = 1;
    held.order_id = "o1";
    table.update(held);
    EXPECT_EQ(ids(table.free_after(0, 10, std::nullopt)), "d c a ");
    EXPECT_EQ(ids(table.free_after(0, 2, std::nullopt)), "d c ");
    EXPECT_EQ(ids(table.free_after(*table.place_of("b"), 2, std::nullopt)), "c a ");
    EXPECT_EQ(ids(table.free_after(0, 10, "one")), "d a ");
    EXPECT_EQ(ids(table.free_after(0, 10, "nobody")), "");
  };
  EXPECT_EQ(write(check), "none");
}

TEST_F(Storage, the_list_of_free_tickets_reads_free_tickets_only) {
  open(tickets::migrations());
  EXPECT_NE(
      plan_of("select id from tickets where order_id is null and seq > 5 order by seq limit 9")
          .find("USING INDEX tickets_free "),
      std::string::npos);
  EXPECT_NE(plan_of("select id from tickets where order_id is null and user_id = 'u' and seq > 5"
                    " order by seq limit 9")
                .find("USING INDEX tickets_free_of_user "),
            std::string::npos);
}

orders::Order order(const std::string& id, const std::string& ticket_id) {
  const TicketFact ordered{ticket_id, 3, "Concert", Money::from_cents(1999), "seller", {}};
  return orders::place(id, "buyer", ordered, Timestamp{milliseconds{123'456}});
}

TEST_F(Storage, an_order_comes_back_as_it_went) {
  open(orders::migrations());
  EXPECT_EQ(write([](Transaction& tx) {
              const orders::OrderTable table{tx};
              const auto made = order("o1", "t1");
              table.insert(made);
              EXPECT_EQ(to_json(*table.find("o1")), to_json(made));
              const auto expired = *orders::expire(made);
              table.update(expired);
              EXPECT_EQ(to_json(*table.find("o1")), to_json(expired));
            }),
            "none");
}

TEST_F(Storage, a_ticket_has_one_active_order_at_most) {
  open(orders::migrations());
  EXPECT_EQ(write([](Transaction& tx) { orders::OrderTable{tx}.insert(order("o1", "t1")); }),
            "none");
  const auto second = [](Transaction& tx) { orders::OrderTable{tx}.insert(order("o2", "t1")); };
  EXPECT_EQ(write(second).substr(0, 8), "conflict");
  EXPECT_EQ(write([](Transaction& tx) {
              const orders::OrderTable table{tx};
              EXPECT_EQ(table.active_of("t1")->id, "o1");
              table.update(*orders::cancel(*table.find("o1")));
              EXPECT_FALSE(table.active_of("t1"));
            }),
            "none");
  EXPECT_EQ(write(second), "none");
}

TEST_F(Storage, demand_tells_the_holder_and_the_newest_version_ordered) {
  open(orders::migrations());
  const auto check = [](Transaction& tx) {
    const orders::OrderTable table{tx};
    TicketFact ticket{"t1", 3, "Concert", Money::from_cents(1999), "seller", {}};
    EXPECT_EQ(orders::availability(ticket, table.demand_for(ticket)), orders::Availability::free);
    table.insert(order("o1", "t1"));
    EXPECT_EQ(orders::availability(ticket, table.demand_for(ticket)), orders::Availability::taken);
    table.update(*orders::cancel(*table.find("o1")));
    EXPECT_EQ(orders::availability(ticket, table.demand_for(ticket)),
              orders::Availability::settling);
    ticket.version = 4;
    ticket.order_id = "o1";
    EXPECT_EQ(orders::availability(ticket, table.demand_for(ticket)),
              orders::Availability::settling);
    ticket.version = 5;
    ticket.order_id.reset();
    EXPECT_EQ(orders::availability(ticket, table.demand_for(ticket)), orders::Availability::free);
  };
  EXPECT_EQ(write(check), "none");
}

TEST_F(Storage, orders_are_listed_by_buyer_status_and_page) {
  open(orders::migrations());
  const auto check = [](Transaction& tx) {
    const orders::OrderTable table{tx};
    for (const char* id : {"c", "a", "b"}) table.insert(order(id, std::string{"t"} + id));
    table.update(*orders::cancel(*table.find("a")));
    EXPECT_EQ(ids(table.of_buyer("buyer", 0, 10, std::nullopt)), "c a b ");
    EXPECT_EQ(ids(table.of_buyer("buyer", *table.place_of("c", "buyer"), 1, std::nullopt)), "a ");
    EXPECT_EQ(ids(table.of_buyer("buyer", 0, 10, OrderStatus::created)), "c b ");
    EXPECT_EQ(ids(table.of_buyer("buyer", 0, 10, OrderStatus::complete)), "");
    EXPECT_EQ(ids(table.of_buyer("other", 0, 10, std::nullopt)), "");
    EXPECT_FALSE(table.place_of("c", "other"));
  };
  EXPECT_EQ(write(check), "none");
}

TEST_F(Storage, declines_are_counted_for_each_order) {
  open(orders::migrations());
  EXPECT_EQ(write([](Transaction& tx) {
              const orders::OrderTable table{tx};
              EXPECT_EQ(table.count_decline("o1"), 1);
              EXPECT_EQ(table.count_decline("o1"), 2);
              EXPECT_EQ(table.count_decline("o2"), 1);
            }),
            "none");
}

payments::Charge charge(const std::string& id) {
  return payments::intend(id, order("o1", "t1"), "tok_visa");
}

TEST_F(Storage, a_charge_is_stored_with_its_card_and_settled_without) {
  open(payments::migrations());
  const auto check = [](Transaction& tx) {
    const payments::ChargeTable table{tx};
    table.insert(charge("c1"), "request r1");
    EXPECT_EQ(table.find("c1")->card_token, "tok_visa");
    EXPECT_EQ(table.made_by("buyer", "request r1", "o1")->id, "c1");
    EXPECT_FALSE(table.made_by("other", "request r1", "o1"));
    EXPECT_FALSE(table.made_by("buyer", "request r2", "o1"));
    table.note_refund_due("c1");
    EXPECT_EQ(table.find("c1")->card_token, "tok_visa");
    table.update(*payments::settle(*table.find("c1"), {true, "ch_1", ""}));
    const auto settled = *table.find("c1");
    EXPECT_EQ(settled.status, payments::ChargeStatus::completed);
    EXPECT_EQ(settled.stripe_id, "ch_1");
    EXPECT_EQ(settled.amount.cents(), 1999);
    EXPECT_TRUE(settled.refund_due);
    EXPECT_FALSE(settled.card_token);
    EXPECT_FALSE(settled.reason);
  };
  EXPECT_EQ(write(check), "none");
}

TEST_F(Storage, an_order_has_one_charge_that_has_not_failed) {
  open(payments::migrations());
  const auto insert = [](const char* id) {
    return [id](Transaction& tx) { payments::ChargeTable{tx}.insert(charge(id), id); };
  };
  const auto settle = [](const char* id, bool ok) {
    return [id, ok](Transaction& tx) {
      const payments::ChargeTable table{tx};
      table.update(*payments::settle(*table.find(id), {ok, "ch", "declined"}));
    };
  };
  EXPECT_EQ(write(insert("c1")), "none");
  EXPECT_EQ(write(insert("c2")).substr(0, 8), "conflict");
  EXPECT_EQ(write(settle("c1", false)), "none");
  EXPECT_EQ(write(insert("c2")), "none");
  EXPECT_EQ(write(settle("c2", true)), "none");
  EXPECT_EQ(write(insert("c3")).substr(0, 8), "conflict");
  EXPECT_EQ(write([](Transaction& tx) {
              const auto history = payments::ChargeTable{tx}.history_of("o1");
              EXPECT_EQ(history.live->id, "c2");
              EXPECT_EQ(history.declines, 1);
            }),
            "none");
}

TEST_F(Storage, a_user_is_found_by_id_and_email_and_emails_are_unique) {
  open(auth::migrations());
  const auto check = [](Transaction& tx) {
    const auth::UserTable table{tx};
    const auto user = auth::sign_up("u1", "a@b.example", "hash");
    table.insert(user);
    EXPECT_FALSE(table.find("u1")->fact.tokens_valid_from);
    const Identity token{"u1", "a@b.example", Timestamp{}, Timestamp{}};
    table.update(auth::sign_out(user, token, Timestamp{milliseconds{41}}));
    const auto found = *table.find_by_email("a@b.example");
    EXPECT_EQ(found.fact.version, 1);
    EXPECT_EQ(found.fact.tokens_valid_from, Timestamp{milliseconds{42}});
    EXPECT_EQ(found.password_hash, "hash");
    EXPECT_FALSE(table.find("u2"));
  };
  EXPECT_EQ(write(check), "none");
  EXPECT_EQ(write([](Transaction& tx) {
              auth::UserTable{tx}.insert(auth::sign_up("u2", "a@b.example", "hash"));
            }).substr(0, 8),
            "conflict");
}

}  // namespace
