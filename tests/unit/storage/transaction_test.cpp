// What goes into a statement and what comes out of it.

#include "ticketing/storage/transaction.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <stdexcept>

#include "sample_schema.hpp"
#include "support/error_of.hpp"
#include "support/scratch_database.hpp"

namespace ticketing {
namespace {

using namespace test;

class TransactionTest : public ::testing::Test {
 protected:
  ScratchDatabase db_{{sample_migrations()}};
};

TEST_F(TransactionTest, a_job_reads_what_it_wrote) {
  const auto name = db_.write([](Transaction& tx) {
    add_item(tx, "first");
    return std::get<0>(*tx.first<std::string>("SELECT name FROM item"));
  });
  EXPECT_EQ(name, "first");
}

TEST_F(TransactionTest, every_type_survives_a_round_trip) {
  const Timestamp at{milliseconds{1'700'000'000'123}};
  db_.write([&](Transaction& tx) {
    tx.execute("INSERT INTO item VALUES (:id, :name, :amount, :at)", std::int64_t{7},
               std::string{"name"}, Money::from_cents(1999), at);
  });
  const auto row = db_.read([](Transaction& tx) {
    return *tx.first<std::int64_t, std::string, Money, Timestamp>("SELECT * FROM item");
  });
  EXPECT_EQ(row, std::make_tuple(7, "name", Money::from_cents(1999), at));
}

TEST_F(TransactionTest, nulls_survive_a_round_trip) {
  db_.write([](Transaction& tx) {
    tx.execute("INSERT INTO item VALUES (:id, :name, :amount, :at)", 1,
               std::optional<std::string>{}, std::optional<Money>{}, std::optional<Timestamp>{});
  });
  const auto row = db_.read([](Transaction& tx) {
    return *tx.first<std::optional<std::string>, std::optional<Money>, std::optional<Timestamp>>(
        "SELECT name, amount, at FROM item");
  });
  EXPECT_EQ(row, std::make_tuple(std::nullopt, std::nullopt, std::nullopt));
}

TEST_F(TransactionTest, the_same_statement_takes_null_and_value_by_turns) {
  const auto read_back = [](Transaction& tx, const std::optional<std::string>& name) {
    tx.execute("DELETE FROM item");
    tx.execute("INSERT INTO item (id, name) VALUES (1, :name)", name);
    return std::get<0>(*tx.first<std::optional<std::string>>("SELECT name FROM item"));
  };
  db_.write([&](Transaction& tx) {
    EXPECT_EQ(read_back(tx, "one"), "one");
    EXPECT_EQ(read_back(tx, std::nullopt), std::nullopt);
    EXPECT_EQ(read_back(tx, ""), "");
    EXPECT_EQ(read_back(tx, "two"), "two");
  });
}

TEST_F(TransactionTest, a_null_read_as_a_plain_value_is_zero_or_empty) {
  db_.write([](Transaction& tx) { tx.execute("INSERT INTO item (id) VALUES (1)"); });
  const auto row = db_.read([](Transaction& tx) {
    return *tx.first<std::string, std::int64_t>("SELECT name, amount FROM item");
  });
  EXPECT_EQ(row, std::make_tuple("", 0));
}

TEST_F(TransactionTest, extreme_integers_and_booleans_survive) {
  using Limits = std::numeric_limits<std::int64_t>;
  const auto rows = db_.write([](Transaction& tx) {
    tx.execute("INSERT INTO item (id, amount) VALUES (1, :amount)", Limits::max());
    tx.execute("INSERT INTO item (id, amount) VALUES (2, :amount)", Limits::min());
    tx.execute("INSERT INTO item (id, amount) VALUES (3, :amount)", true);
    return tx.query<std::int64_t>("SELECT amount FROM item ORDER BY id");
  });
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(std::get<0>(rows[0]), Limits::max());
  EXPECT_EQ(std::get<0>(rows[1]), Limits::min());
  const auto last = db_.read([](Transaction& tx) {
    return std::get<0>(*tx.first<bool>("SELECT amount FROM item WHERE id = 3"));
  });
  EXPECT_TRUE(last);
}

TEST_F(TransactionTest, text_keeps_quotes_and_length) {
  const std::string odd = "it's \"odd\" \\ :name " + std::string(100'000, 'x');
  const auto back = db_.write([&](Transaction& tx) {
    tx.execute("INSERT INTO note (text) VALUES (:text)", odd);
    return std::get<0>(*tx.first<std::string>("SELECT text FROM note"));
  });
  EXPECT_EQ(back, odd);
}

TEST_F(TransactionTest, text_keeps_nul_bytes_or_is_refused) {
  const std::string odd{"before\0behind", 13};
  const auto put = [&](Transaction& tx) {
    tx.execute("INSERT INTO note (text) VALUES (:text)", odd);
    return std::get<0>(*tx.first<std::string>("SELECT text FROM note"));
  };
  if (tests_use_postgres()) {
    EXPECT_ERROR(ErrorCode::invalid, db_.write(put));
  } else {
    EXPECT_EQ(db_.write(put), odd);
  }
}

TEST_F(TransactionTest, execute_tells_how_many_rows_changed) {
  db_.write([](Transaction& tx) {
    add_item(tx, "a");
    add_item(tx, "b");
    EXPECT_EQ(tx.execute("UPDATE item SET amount = :amount", 5), 2);
    EXPECT_EQ(tx.execute("UPDATE item SET amount = :amount WHERE name = :name", 6, "none"), 0);
    EXPECT_EQ(tx.execute("INSERT INTO item (name) VALUES (:name) ON CONFLICT DO NOTHING", "a"), 0);
    EXPECT_EQ(tx.execute("DELETE FROM item"), 2);
  });
}

TEST_F(TransactionTest, first_is_empty_when_there_is_no_row) {
  const bool found = db_.read([](Transaction& tx) {
    return tx.first<std::int64_t>("SELECT id FROM item WHERE name = :name", "none").has_value();
  });
  EXPECT_FALSE(found);
}

TEST_F(TransactionTest, rows_come_in_order_and_a_cached_statement_forgets_the_last_run) {
  db_.write([](Transaction& tx) {
    for (const char* name : {"a", "b", "c"}) add_item(tx, name);
    constexpr std::string_view kAfter = "SELECT name FROM item WHERE name > :name ORDER BY name";
    EXPECT_EQ(tx.query<std::string>(kAfter, "a").size(), 2u);
    EXPECT_EQ(tx.query<std::string>(kAfter, "c").size(), 0u);
    const auto rows = tx.query<std::string>(kAfter, "");
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(std::get<0>(rows[2]), "c");
  });
}

TEST_F(TransactionTest, a_unique_violation_is_a_conflict) {
  db_.write([](Transaction& tx) { add_item(tx, "taken"); });
  EXPECT_ERROR(ErrorCode::conflict, db_.write([](Transaction& tx) { add_item(tx, "taken"); }));
  EXPECT_EQ(db_.count(kCountItems), 1);
}

TEST_F(TransactionTest, a_statement_that_failed_once_works_again) {
  db_.write([](Transaction& tx) {
    add_item(tx, "taken");
    tx.execute("SAVEPOINT before");
    EXPECT_ERROR(ErrorCode::conflict, add_item(tx, "taken"));
    tx.execute("ROLLBACK TO before");
    add_item(tx, "free");
  });
  EXPECT_EQ(db_.count(kCountItems), 2);
}

TEST_F(TransactionTest, after_a_failed_statement_nothing_but_its_undoing_is_left) {
  const auto go_on = [](Transaction& tx) {
    add_item(tx, "taken");
    EXPECT_ERROR(ErrorCode::conflict, add_item(tx, "taken"));
    add_item(tx, "free");
  };
  const auto say_nothing = [](Transaction& tx) {
    add_item(tx, "taken");
    EXPECT_ERROR(ErrorCode::conflict, add_item(tx, "taken"));
  };
  EXPECT_THROW(db_.write(go_on), std::logic_error);
  EXPECT_THROW(db_.write(say_nothing), std::logic_error) << "nor may it be passed over in silence";
  EXPECT_EQ(db_.count(kCountItems), 0);
}

TEST_F(TransactionTest, sql_that_does_not_fit_the_schema_is_corrupt) {
  EXPECT_ERROR(ErrorCode::corrupt,
               db_.write([](Transaction& tx) { tx.execute("DELETE FROM nothing"); }));
}

TEST_F(TransactionTest, a_visitor_that_throws_leaves_the_statement_usable) {
  db_.write([](Transaction& tx) {
    for (const char* name : {"a", "b", "c"}) add_item(tx, name);
    constexpr std::string_view kAll = "SELECT name FROM item ORDER BY name";
    EXPECT_THROW(tx.for_each<std::string>(kAll, [](const std::string&) { throw 1; }), int);
    EXPECT_EQ(tx.query<std::string>(kAll).size(), 3u);
  });
}

TEST_F(TransactionTest, a_visitor_that_throws_does_not_freeze_the_readers_snapshot) {
  db_.write([](Transaction& tx) {
    for (const char* name : {"a", "b"}) add_item(tx, name);
  });
  db_->read([](Transaction& tx) {
    EXPECT_THROW(
        tx.for_each<std::string>("SELECT name FROM item", [](const std::string&) { throw 1; }),
        int);
  });
  db_.write([](Transaction& tx) { add_item(tx, "c"); });
  EXPECT_EQ(db_.count(kCountItems), 3);
}

TEST_F(TransactionTest, a_visitor_that_has_seen_enough_is_shown_no_more) {
  db_.write([](Transaction& tx) {
    for (const char* name : {"a", "b", "c"}) add_item(tx, name);
    constexpr std::string_view kAll = "SELECT name FROM item ORDER BY name";
    std::string seen;
    auto until_b = [&](const std::string& name) {
      seen += name;
      return name != "b";
    };
    tx.for_each<std::string>(kAll, until_b);
    EXPECT_EQ(seen, "ab");
    tx.for_each<std::string>(kAll, until_b);
    EXPECT_EQ(seen, "abab");
    EXPECT_EQ(tx.query<std::string>(kAll).size(), 3u);
  });
}

TEST_F(TransactionTest, a_visitor_that_has_seen_enough_does_not_freeze_the_readers_snapshot) {
  db_.write([](Transaction& tx) {
    for (const char* name : {"a", "b"}) add_item(tx, name);
  });
  db_->read([](Transaction& tx) {
    tx.for_each<std::string>("SELECT name FROM item", [](const std::string&) { return false; });
  });
  db_.write([](Transaction& tx) { add_item(tx, "c"); });
  EXPECT_EQ(db_.count(kCountItems), 3);
}

TEST_F(TransactionTest, the_same_text_with_parameters_of_another_type_is_another_statement) {
  db_.write([](Transaction& tx) {
    add_item(tx, "7");
    constexpr std::string_view kEcho = "SELECT :value";
    EXPECT_EQ(std::get<0>(*tx.first<std::int64_t>(kEcho, 7)), 7);
    EXPECT_EQ(std::get<0>(*tx.first<std::string>(kEcho, "seven")), "seven");
    EXPECT_EQ(std::get<0>(*tx.first<std::int64_t>(kEcho, 8)), 8);
  });
}

}  // namespace
}  // namespace ticketing
