// Single values: strings, numbers, money, times and names.

#include "unit/core/json_samples.hpp"

namespace ticketing {
namespace {

struct Price {
  Money value;
  static constexpr std::array kFields{field<&Price::value>("value", Rule::price())};
};
struct When {
  Timestamp value;
  static constexpr std::array kFields{field<&When::value>("value")};
};
struct Paint {
  Colour value{};
  static constexpr std::array kFields{field<&Paint::value>("value")};
};

TEST(JsonMoney, is_exact_to_the_cent) {
  EXPECT_EQ(read_value<Amount>("19.99").value.cents(), 1999);
  EXPECT_EQ(read_value<Amount>("0.1").value.cents(), 10);
  EXPECT_EQ(read_value<Amount>("20").value.cents(), 2000);
  EXPECT_EQ(read_value<Amount>(" 20.5\n").value.cents(), 2050);
  EXPECT_EQ(read_value<Amount>("-1.25").value.cents(), -125);
  EXPECT_EQ(read_value<Amount>("1.1").value.cents() + read_value<Amount>("2.2").value.cents(),
            read_value<Amount>("3.3").value.cents());
}

TEST(JsonMoney, every_price_of_two_decimals_survives_a_round_trip) {
  for (std::int64_t cents = 1; cents < 30'000; ++cents) {
    const Amount amount{Money::from_cents(cents)};
    ASSERT_EQ(from_json<Amount>(to_json(amount)).value, amount.value) << to_json(amount);
  }
}

TEST(JsonMoney, forms_that_are_no_plain_amount_are_refused) {
  for (const char* value : {"1e2", "1E2", "1.5e1", "1e-2", "1.005", "1.000", "1234567890123456",
                            "99999999999999999999", "1e400"}) {
    EXPECT_EQ(complaint_about_value<Amount>(value), "value:money") << value;
    EXPECT_EQ(complaint_about_value<Price>(value), "value:money") << value;
  }
}

TEST(JsonMoney, numeric_text_is_taken_only_where_the_rule_is_lenient) {
  EXPECT_EQ(complaint_about_value<Amount>("\"20.00\""), "value:wrong_type");
  EXPECT_EQ(read_value<Price>("\"20.00\"").value.cents(), 2000);
  EXPECT_EQ(read_value<Price>("\"\\u0032\\u0030\"").value.cents(), 2000);
  for (const char* value : {"\"\"", "\" 20\"", "\"20 \"", "\"1e2\"", "\"abc\"", "\"1.005\"",
                            "\"+1\"", "\"1,5\"", "\"20\\n\""}) {
    EXPECT_EQ(complaint_about_value<Price>(value), "value:money") << value;
  }
}

TEST(JsonMoney, a_price_is_over_zero_and_at_most_a_million_less_a_cent) {
  EXPECT_EQ(read_value<Price>("0.01").value.cents(), 1);
  EXPECT_EQ(read_value<Price>("999999.99").value.cents(), Money::kCentsMax);
  for (const char* value : {"0", "0.00", "-0", "-1", "-0.01", "1000000", "\"0\"", "\"-5\""}) {
    EXPECT_EQ(complaint_about_value<Price>(value), "value:range") << value;
  }
  EXPECT_EQ(message_about<Price>(R"({"value":0})"), "value must be greater than 0");
  EXPECT_EQ(message_about<Price>(R"({"value":1000000})"), "value must be at most 999999.99");
}

TEST(JsonNumber, covers_64_bits_and_no_more) {
  EXPECT_EQ(read_value<Number>("9223372036854775807").value, INT64_MAX);
  EXPECT_EQ(read_value<Number>("-9223372036854775808").value, INT64_MIN);
  EXPECT_EQ(read_value<Number>("-0").value, 0);
  EXPECT_EQ(complaint_about_value<Number>("9223372036854775808"), "value:range");
  EXPECT_EQ(complaint_about_value<Number>("-9223372036854775809"), "value:range");
  EXPECT_EQ(to_json(Number{INT64_MIN}), "{\"value\":-9223372036854775808}");
}

TEST(JsonNumber, has_no_fraction_no_exponent_and_no_quotes) {
  for (const char* value : {"1.0", "1e2", "0.5", "\"1\"", "true", "[]", "{}"}) {
    EXPECT_EQ(complaint_about_value<Number>(value), "value:wrong_type") << value;
  }
}

TEST(JsonString, escapes_stand_for_what_they_mean) {
  EXPECT_EQ(read_value<Text>(R"("\"\\\/\b\f\n\r\t")").value, "\"\\/\b\f\n\r\t");
  EXPECT_EQ(read_value<Text>(R"("\u0041\u00e9\u20AC\ud834\udd1e")").value, "Aé€𝄞");
  EXPECT_EQ(read_value<Text>(R"("\u0000")").value, std::string(1, '\0'));
  EXPECT_EQ(read_value<Text>(R"("\uffff\udbff\udfff")").value, "\xef\xbf\xbf\xf4\x8f\xbf\xbf");
}

TEST(JsonString, every_ascii_character_survives_a_round_trip_at_every_place) {
  for (int c = 0; c < 0x80; ++c) {
    for (std::size_t place = 0; place < 20; ++place) {
      Text text{std::string(20, 'x')};
      text.value[place] = static_cast<char>(c);
      ASSERT_EQ(from_json<Text>(to_json(text)).value, text.value) << c << " at " << place;
    }
  }
}

TEST(JsonString, only_what_must_be_escaped_is) {
  std::string out = "x";
  append_json_string(out, "a\"b\\c/\n\x01\x1f\x7f é𝄞");
  EXPECT_EQ(out, "x\"a\\\"b\\\\c/\\n\\u0001\\u001f\x7f é𝄞\"");
}

TEST(JsonTime, is_rfc_3339_in_utc) {
  EXPECT_EQ(read_value<When>("\"1970-01-01T00:00:01.5Z\"").value, Timestamp{milliseconds{1'500}});
  EXPECT_EQ(complaint_about_value<When>("\"yesterday\""), "value:time");
  EXPECT_EQ(complaint_about_value<When>("\"1970-01-01T00:00:01+01:00\""), "value:time");
  EXPECT_EQ(complaint_about_value<When>("0"), "value:wrong_type");
}

TEST(JsonName, is_one_of_the_table_to_the_letter) {
  EXPECT_EQ(read_value<Paint>("\"dark:blue\"").value, Colour::dark_blue);
  EXPECT_EQ(read_value<Paint>("\"r\\u0065d\"").value, Colour::red);
  for (const char* value : {"\"\"", "\"Red\"", "\"red \"", "\"dark\"", "\"dark_blue\""}) {
    EXPECT_EQ(complaint_about_value<Paint>(value), "value:unknown_value") << value;
  }
  EXPECT_EQ(complaint_about_value<Paint>("0"), "value:wrong_type");
  EXPECT_EQ(message_about<Paint>(R"({"value":"x"})"), "value must be red, green or dark:blue");
}

TEST(JsonNameDeathTest, a_value_outside_the_table_is_a_bug) {
  EXPECT_DEATH(to_json(Paint{static_cast<Colour>(3)}), "assertion failed");
}

}  // namespace
}  // namespace ticketing
