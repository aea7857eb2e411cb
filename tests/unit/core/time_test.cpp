#include "ticketing/core/time.hpp"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

using std::chrono::sys_days;
using std::chrono::year;

Timestamp at(std::int64_t unix_milliseconds) { return Timestamp{milliseconds{unix_milliseconds}}; }

TEST(Time, is_written_with_milliseconds_and_z) {
  EXPECT_EQ(to_text(at(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_text(at(1'769'850'300'123)), "2026-01-31T09:05:00.123Z");
  EXPECT_EQ(to_text(at(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_text(at(1'709'164'800'007)), "2024-02-29T00:00:00.007Z");
}

TEST(Time, outside_four_digit_years_it_is_the_nearest_inside) {
  EXPECT_EQ(to_text(Timestamp::max()), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(to_text(Timestamp::min()), "0000-01-01T00:00:00.000Z");
}

TEST(Time, survives_its_text) {
  for (std::int64_t i = -2'000'000; i < 2'000'000; i += 997) {
    const Timestamp time = at(i * 86'400'77);
    ASSERT_EQ(parse_timestamp(to_text(time)), time) << to_text(time);
  }
}

TEST(Time, a_fraction_of_up_to_nine_digits_is_cut_to_milliseconds) {
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:01Z"), at(1'000));
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:01.5Z"), at(1'500));
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:01.05Z"), at(1'050));
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:01.123999Z"), at(1'123));
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:01.123456789Z"), at(1'123));
}

TEST(Time, what_is_no_utc_time_is_refused) {
  for (const char* text : {"",
                           "2026",
                           "2026-01-31",
                           "2026-01-31T09:05:00",
                           "2026-01-31T09:05:00.Z",
                           "2026-01-31T09:05:00.1234567890Z",
                           "2026-01-31T09:05:00+00:00",
                           "2026-01-31t09:05:00Z",
                           "2026-01-31T09:05:00z",
                           "2026-01-31 09:05:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-00-10T00:00:00Z",
                           "2026-13-10T00:00:00Z",
                           "2026-04-31T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-01-31T24:00:00Z",
                           "2026-01-31T23:60:00Z",
                           "2026-01-31T23:59:60Z",
                           "2026-1-31T09:05:00.000Z",
                           "-026-01-31T09:05:00Z",
                           "2026-01-31T09:05:00.12aZ",
                           "2026/01/31T09:05:00Z",
                           "2026-01-31T09-05-00Z",
                           " 2026-01-31T09:05:00Z",
                           "2026-01-31T09:05:00Z ",
                           "2026-01-31T 9:05:00Z"}) {
    EXPECT_FALSE(parse_timestamp(text)) << '"' << text << '"';
  }
}

TEST(Time, every_cut_of_a_time_is_refused) {
  const std::string text = "2026-01-31T09:05:00.123Z";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_timestamp(std::string_view(text).substr(0, size))) << size;
  }
}

TEST(Time, leap_days_follow_the_calendar) {
  EXPECT_TRUE(parse_timestamp("2000-02-29T00:00:00Z"));
  EXPECT_FALSE(parse_timestamp("1900-02-29T00:00:00Z"));
  EXPECT_EQ(parse_timestamp("2024-03-01T00:00:00Z"), Timestamp{sys_days{year{2024} / 3 / 1}});
}

TEST(Duration, needs_a_whole_number_and_a_unit) {
  EXPECT_EQ(parse_duration("250ms"), milliseconds{250});
  EXPECT_EQ(parse_duration("5s"), milliseconds{5'000});
  EXPECT_EQ(parse_duration("15m"), milliseconds{900'000});
  EXPECT_EQ(parse_duration("12h"), milliseconds{43'200'000});
  EXPECT_EQ(parse_duration("2d"), milliseconds{172'800'000});
  EXPECT_EQ(parse_duration("0s"), milliseconds{0});
  for (const char* text : {"", "5", "s", "1.5s", "-5s", "+5s", "5 s", " 5s", "5s ", "5S", "5min",
                           "1h30m", "5us", "99999999999999999999s", "9223372036854775807s"}) {
    EXPECT_FALSE(parse_duration(text)) << '"' << text << '"';
  }
}

TEST(Duration, the_longest_one_is_read_and_the_next_refused) {
  EXPECT_EQ(parse_duration("9223372036854775807ms"), milliseconds{INT64_MAX});
  EXPECT_FALSE(parse_duration("9223372036854775808ms"));
}

TEST(Duration, is_written_in_its_shortest_exact_form) {
  EXPECT_EQ(to_text(milliseconds{0}), "0s");
  EXPECT_EQ(to_text(milliseconds{250}), "250ms");
  EXPECT_EQ(to_text(milliseconds{90'000}), "90s");
  EXPECT_EQ(to_text(milliseconds{900'000}), "15m");
  EXPECT_EQ(to_text(milliseconds{7'200'000}), "2h");
  EXPECT_EQ(to_text(milliseconds{172'800'000}), "2d");
  EXPECT_EQ(to_text(milliseconds{86'400'001}), "86400001ms");
  EXPECT_EQ(to_text(milliseconds{-1'500}), "-1500ms");
}

TEST(Size, is_bytes_or_a_binary_unit) {
  EXPECT_EQ(parse_size("512"), 512U);
  EXPECT_EQ(parse_size("64KiB"), 65'536U);
  EXPECT_EQ(parse_size("1MiB"), 1'048'576U);
  EXPECT_EQ(parse_size("2GiB"), 2'147'483'648U);
  EXPECT_EQ(parse_size("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "KiB", "1KB", "1kib", "1 KiB", "-1", "1.5MiB", "1B", " 1",
                           "18446744073709551616", "18014398509481984KiB"}) {
    EXPECT_FALSE(parse_size(text)) << '"' << text << '"';
  }
}

TEST(Clock, the_time_of_day_is_of_this_era_and_the_other_never_goes_back) {
  EXPECT_GT(system_clock().now(), Timestamp{sys_days{year{2024} / 1 / 1}});
  const auto before = system_clock().monotonic();
  EXPECT_GE(system_clock().monotonic(), before);
}

}  // namespace
}  // namespace ticketing
