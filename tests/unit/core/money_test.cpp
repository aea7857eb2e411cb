#include "ticketing/core/money.hpp"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

TEST(Money, reads_dollars_with_at_most_two_decimals_exactly) {
  struct Row {
    const char* text;
    std::int64_t cents;
  };
  const Row rows[] = {{"20", 2000},    {"20.5", 2050},  {"20.00", 2000},
                      {"19.99", 1999}, {"0.1", 10},     {"0.01", 1},
                      {"0", 0},        {"-1.25", -125}, {"999999.99", Money::kCentsMax},
                      {"-0", 0},       {"007", 700},    {"9999999999999.99", 999999999999999}};
  for (const Row& row : rows) {
    const auto money = Money::parse(row.text);
    ASSERT_TRUE(money) << row.text;
    EXPECT_EQ(money->cents(), row.cents) << row.text;
  }
}

TEST(Money, every_amount_of_cents_survives_its_text) {
  for (std::int64_t cents = -25'000; cents <= 250'000; ++cents) {
    const Money money = Money::from_cents(cents);
    ASSERT_EQ(Money::parse(money.to_text()), money) << money.to_text();
  }
}

TEST(Money, is_written_as_short_as_possible) {
  EXPECT_EQ(Money::from_cents(2000).to_text(), "20");
  EXPECT_EQ(Money::from_cents(2050).to_text(), "20.5");
  EXPECT_EQ(Money::from_cents(1999).to_text(), "19.99");
  EXPECT_EQ(Money::from_cents(5).to_text(), "0.05");
  EXPECT_EQ(Money::from_cents(0).to_text(), "0");
  EXPECT_EQ(Money::from_cents(-5).to_text(), "-0.05");
  EXPECT_EQ(Money::from_cents(-2000).to_text(), "-20");
  EXPECT_EQ(Money::from_cents(INT64_MIN).to_text(), "-92233720368547758.08");
}

// Digits before and behind the point must not add up to a number that overflows. Only the sanitizer
// saw that they did.
TEST(Money, many_digits_on_both_sides_are_refused_before_they_are_added_up) {
  EXPECT_FALSE(Money::parse("99999.99999999999999"));
  EXPECT_FALSE(Money::parse("999999999999999.999999999999999"));
  EXPECT_FALSE(Money::parse("999999999999999.99"));
  EXPECT_FALSE(Money::parse("9999999999999999"));
  EXPECT_EQ(Money::parse("999999999999999"), Money::from_cents(99'999'999'999'999'900));
}

TEST(Money, what_is_no_plain_amount_is_refused) {
  for (const char* text :
       {"",    "-",   ".5",    "5.",   "1.005", "1.000", "1e2",      "1E2",   "+1",
        " 1",  "1 ",  "1 000", "1,50", "$1",    "0x10",  "--1",      "1.2.3", "1.-5",
        "NaN", "inf", "1-",    "1.2 ", "-.5",   "1..2",  "\xd9\xa1", "1\n"}) {
    EXPECT_FALSE(Money::parse(text)) << '"' << text << '"';
  }
  EXPECT_FALSE(Money::parse(std::string_view("1\0", 2)));
}

TEST(Money, over_fifteen_digits_are_refused_before_they_can_overflow) {
  EXPECT_TRUE(Money::parse("999999999999999"));
  EXPECT_FALSE(Money::parse("1000000000000000"));
  EXPECT_FALSE(Money::parse("99999999999999.99"));
  EXPECT_FALSE(Money::parse("9223372036854775808"));
  EXPECT_FALSE(Money::parse(std::string(10'000, '9')));
}

TEST(Money, compares_by_cents) {
  EXPECT_EQ(Money(), Money::from_cents(0));
  for (const std::int64_t one : {-1, 0, 1}) {
    for (const std::int64_t other : {-1, 0, 1}) {
      EXPECT_EQ(Money::from_cents(one) <=> Money::from_cents(other), one <=> other);
      EXPECT_EQ(Money::from_cents(one) == Money::from_cents(other), one == other);
    }
  }
}

}  // namespace
}  // namespace ticketing
