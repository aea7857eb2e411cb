#include "ticketing/core/json_schema.hpp"

#include <gtest/gtest.h>

#include "ticketing/core/json.hpp"

namespace ticketing {
namespace {

enum class Colour { red, green };
constexpr std::array<std::string_view, 2> kColourNames{"red", "green"};
constexpr NameTable name_table(Colour) { return kColourNames; }

struct Inner {
  std::int64_t count = 0;
  static constexpr std::array kFields{field<&Inner::count>("count", [] {
    Rule rule;
    rule.value_min = 1;
    rule.value_max = 9;
    return rule;
  }())};
};

struct Sample {
  std::string title;
  std::string mail;
  Money price;
  Timestamp at;
  Colour colour = Colour::red;
  bool open = false;
  JsonText any;
  Inner inner;
  std::vector<Inner> inners;
  std::vector<std::string> words;
  std::optional<std::string> note;
  static constexpr std::array kFields{
      field<&Sample::title>("title", Rule::text(1, 200).trim()),
      field<&Sample::mail>("mail", Rule::text(0, 254).as_email()),
      field<&Sample::price>("price", Rule::price()),
      field<&Sample::at>("at"),
      field<&Sample::colour>("colour"),
      field<&Sample::open>("open"),
      field<&Sample::any>("any"),
      field<&Sample::inner>("inner"),
      field<&Sample::inners>("inners"),
      field<&Sample::words>("words"),
      field<&Sample::note>("note").means("said \"aside\""),
  };
};

std::string schema_of(std::string_view name, SchemaSide side = SchemaSide::written) {
  for (const FieldInfo& field : record_of<Sample>()) {
    if (field.name == name) return json_schema(field, side);
  }
  return "no such field";
}

TEST(JsonSchema, each_kind_of_field_has_its_type_and_rules) {
  EXPECT_EQ(schema_of("title"),
            R"({"type":"string","minLength":1,"maxLength":200,"pattern":"\\S"})");
  EXPECT_EQ(schema_of("mail"), R"({"type":"string","format":"email","maxLength":254})");
  EXPECT_EQ(schema_of("at"), R"({"type":"string","format":"date-time"})");
  EXPECT_EQ(schema_of("colour"), R"({"type":"string","enum":["red","green"]})");
  EXPECT_EQ(schema_of("open"), R"({"type":"boolean"})");
  EXPECT_EQ(schema_of("any"), "{}");
  EXPECT_EQ(schema_of("inners"), R"({"type":"array","items":)" +
                                     json_schema(record_of<Inner>(), SchemaSide::written) + '}');
  EXPECT_EQ(schema_of("words"), R"({"type":"array","items":{"type":"string"}})");
}

TEST(JsonSchema, a_record_names_the_fields_that_must_be_there) {
  EXPECT_EQ(json_schema(record_of<Inner>(), SchemaSide::written),
            R"({"type":"object","properties":{"count":{"type":"integer","format":"int64",)"
            R"("minimum":1,"maximum":9}},"required":["count"]})");
  const std::string all = json_schema(record_of<Sample>(), SchemaSide::written);
  EXPECT_NE(all.find(R"("words"]})"), std::string::npos)
      << "an optional field is required: " << all;
}

TEST(JsonSchema, money_is_written_as_a_number_and_accepted_as_text_too) {
  EXPECT_EQ(schema_of("price"),
            R"({"type":"number","format":"decimal","minimum":0.01,"maximum":999999.99})");
  EXPECT_EQ(schema_of("price", SchemaSide::accepted),
            R"({"type":["number","string"],"format":"decimal","minimum":0.01,)"
            R"("maximum":999999.99,"pattern":"^(?=.*[1-9])[0-9]{1,15}(\\.[0-9]{1,2})?$"})");
}

TEST(JsonSchema, absent_is_written_as_absent_and_accepted_as_null_too) {
  const std::string written = R"({"description":"said \"aside\"","type":"string"})";
  EXPECT_EQ(schema_of("note"), written);
  EXPECT_EQ(schema_of("note", SchemaSide::accepted),
            R"({"anyOf":[)" + written + R"(,{"type":"null"}]})");
}

TEST(IndentedJson, what_fits_in_a_line_stays_in_one) {
  EXPECT_EQ(indented_json(R"({"a":[1,2],"b":{},"c":"x:,y"})"),
            R"({"a": [1, 2], "b": {}, "c": "x:,y"})");
}

TEST(IndentedJson, what_does_not_is_broken_at_its_members) {
  const std::string text(95, 'x');
  EXPECT_EQ(indented_json(R"({"a\"}":[")" + text + R"(",1],"b":2})"),
            "{\n  \"a\\\"}\": [\n    \"" + text + "\",\n    1\n  ],\n  \"b\": 2\n}");
}

}  // namespace
}  // namespace ticketing
