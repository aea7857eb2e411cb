#include "table.hpp"

#include <gtest/gtest.h>

#include "ticketing/client/answers.hpp"

namespace ticketing::cli {
namespace {

OrderAnswer order_of(OrderStatus status, std::string title) {
  OrderAnswer order;
  order.id = "o1";
  order.status = status;
  order.ticket.title = std::move(title);
  order.ticket.price = Money::from_cents(2050);
  return order;
}

TEST(Table, columns_are_aligned_numbers_to_the_right) {
  const Table table{{{"id"}, {"price", true}, {"title"}},
                    {{"a", "5", "Long title"}, {"bcd", "19.99", "x"}}};
  EXPECT_EQ(aligned(table, false),
            "id   price  title\n"
            "a        5  Long title\n"
            "bcd  19.99  x\n");
}

TEST(Table, letters_of_several_bytes_are_one_wide) {
  const Table table{{{"t"}, {"n"}}, {{"Müller", "1"}, {"Mahler", "2"}}};
  EXPECT_EQ(aligned(table, false), "t       n\nMüller  1\nMahler  2\n");
}

TEST(Table, an_empty_one_still_says_its_columns) {
  EXPECT_EQ(aligned({{{"id"}, {"title"}}, {}}, false), "id  title\n");
}

TEST(Table, text_from_elsewhere_cannot_steer_the_terminal) {
  EXPECT_EQ(printable("a\x1b[31mb\nc\x7f"), "a\uFFFD[31mb\uFFFDc\uFFFD");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "31mb"),
            "a\uFFFD31mb");
  EXPECT_EQ(printable("Zoë \u20AC"), "Zoë \u20AC");
}

TEST(Table, rows_come_from_the_description) {
  const std::array<std::string_view, 4> paths{"id", "status", "ticket.title", "ticket.price"};
  const Table table =
      table_of(std::vector{order_of(OrderStatus::awaiting_payment, "Concert")}, paths);
  EXPECT_EQ(table.rows.front(),
            (std::vector<std::string>{"o1", "awaiting:payment", "Concert", "20.5"}));
  EXPECT_TRUE(table.columns[3].right_aligned);
  EXPECT_FALSE(table.columns[2].right_aligned);
}

TEST(Table, what_is_absent_is_empty) {
  const OrderAnswer order = order_of(OrderStatus::created, "x");
  EXPECT_EQ(cell_of(record_of<OrderAnswer>(), &order, "reason"), "");
}

TEST(Table, colour_marks_the_status_and_moves_no_column) {
  const std::array<std::string_view, 2> paths{"status", "ticket.title"};
  const Table table = table_of(std::vector{order_of(OrderStatus::complete, "x")}, paths);
  EXPECT_EQ(aligned(table, true),
            "\x1b[1mstatus\x1b[0m    \x1b[1mticket.title\x1b[0m\n"
            "\x1b[32mcomplete\x1b[0m  x\n");
}

TEST(Table, inner_records_are_flattened) {
  const auto paths = paths_of(record_of<OrderAnswer>());
  EXPECT_EQ(paths.size(), 10U);
  EXPECT_EQ(paths[6], "ticket.title");
}

}  // namespace
}  // namespace ticketing::cli
