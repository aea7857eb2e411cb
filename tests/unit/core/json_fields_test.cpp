// What reading and writing make of fields that are there, missing, doubled or unknown.

#include "unit/core/json_samples.hpp"

namespace ticketing {
namespace {

TEST(Json, every_kind_of_member_survives_a_round_trip) {
  const Sample sample = full_sample();
  const std::string text = to_json(sample);
  EXPECT_EQ(from_json<Sample>(text), sample);
  EXPECT_EQ(to_json(from_json<Sample>(text)), text);
}

TEST(Json, fields_are_written_in_their_described_order) {
  EXPECT_EQ(to_json(full_sample()),
            R"({"text":"Grüße, \"Welt\" \\ 𝄞\n","integer":-42,"boolean":true,"money":19.99,)"
            R"("time":"2023-11-14T22:13:20.123Z",)"
            R"("json":{"a":[1,2.5e3,{"b":null}],"c":"\u00e9"},"colour":"dark:blue",)"
            R"("seat":{"row":"A","number":1},)"
            R"("seats":[{"row":"B","number":2},{"row":"C","number":3}],"words":["one","two"],)"
            R"("maybeText":"","maybeMoney":-0.5,"maybeSeat":{"row":"D","number":4},)"
            R"("maybeJson":[]})");
}

TEST(Json, absent_optionals_and_empty_json_are_left_out) {
  Sample sample;
  sample.seat.row = "A";
  EXPECT_EQ(to_json(sample),
            R"({"text":"","integer":0,"boolean":false,"money":0,"time":"1970-01-01T00:00:00.000Z",)"
            R"("colour":"red","seat":{"row":"A","number":0},"seats":[],"words":[]})");
  EXPECT_EQ(to_json(Nothing{}), "{}");
}

TEST(Json, null_for_an_optional_field_means_absent) {
  EXPECT_FALSE(read_value<Nothing>("null").value.has_value());
  EXPECT_EQ(read_value<Nothing>(" false ").value, false);
  EXPECT_FALSE(from_json<Nothing>("{}").value.has_value());
}

TEST(Json, a_missing_field_is_named) {
  EXPECT_EQ(complaints_about<Text>("{}"), Strings{"value:required"});
  EXPECT_EQ(message_about<Text>("{}"), "value is required");
  EXPECT_EQ(complaints_about<Seat>("{}"), (Strings{"row:required", "number:required"}));
}

TEST(Json, null_for_a_required_field_is_a_missing_field) {
  EXPECT_EQ(complaint_about_value<Text>("null"), "value:required");
  EXPECT_EQ(complaint_about_value<Amount>("null"), "value:required");
}

TEST(Json, every_bad_field_is_named_and_nested_ones_by_their_path) {
  const Sample sample = full_sample();
  std::string text = to_json(sample);
  const auto replace = [&text](const std::string& old, const std::string& now) {
    ASSERT_NE(text.find(old), std::string::npos) << old;
    text.replace(text.find(old), old.size(), now);
  };
  replace("-42", "1.5");
  replace("true", "1");
  replace("dark:blue", "pink");
  replace(R"({"row":"A","number":1})", R"({"row":"","number":"1"})");
  replace(R"({"row":"C","number":3})", R"({"row":"C"})");
  replace(R"("two")", "2");
  EXPECT_EQ(complaints_about<Sample>(text),
            (Strings{"integer:wrong_type", "boolean:wrong_type", "colour:unknown_value",
                     "seat.row:length", "seat.number:wrong_type", "seats[1].number:required",
                     "words[1]:wrong_type"}));
}

TEST(Json, a_wrong_type_is_named_for_every_kind) {
  const std::string right = to_json(full_sample());
  for (const FieldInfo& field : record_of<Sample>()) {
    if (field.kind == FieldKind::json) continue;
    for (const char* wrong : {"{\"x\":[{}]}", "[[1]]", "\"x\"", "7e0", "true"}) {
      std::string text = right;
      const std::string key = quoted(field.name) + ":";
      text.replace(text.find(key), 1, "\"un");  // Turns the right one into an unknown field.
      text.insert(1, key + wrong + ",");
      const auto complaints = complaints_about<Sample>(text);
      const bool fits = (field.kind == FieldKind::text && *wrong == '"') ||
                        (field.kind == FieldKind::boolean && *wrong == 't');
      EXPECT_EQ(complaints.empty(), fits) << text;
    }
  }
}

TEST(Json, a_known_field_given_twice_is_refused_also_when_spelled_with_escapes) {
  EXPECT_EQ(complaints_about<Text>(R"({"value":"a","value":"a"})"), Strings{"value:duplicate"});
  EXPECT_EQ(complaints_about<Text>(R"({"value":"a","v\u0061lue":"b"})"),
            Strings{"value:duplicate"});
  EXPECT_EQ(complaints_about<Text>(R"({"value":1,"value":2})"), Strings{"value:wrong_type"});
  EXPECT_EQ(complaints_about<Nothing>(R"({"value":null,"value":true})"),
            Strings{"value:duplicate"});
}

TEST(Json, an_escaped_key_is_the_key_that_it_stands_for) {
  EXPECT_EQ(from_json<Text>(R"({"\u0076alue":"a"})").value, "a");
}

TEST(Json, fields_may_come_in_any_order_among_unknown_ones) {
  const auto seat = from_json<Seat>(
      R"({"x":{"row":"no"},"number":7,"":[],"row\"":1,"y":[1,{"number":8}],"row":"B","ro":2})");
  EXPECT_EQ(seat, (Seat{"B", 7}));
}

TEST(Json, a_key_that_only_starts_like_a_field_is_another) {
  EXPECT_EQ(complaints_about<Text>(R"({"values":"a","valu":"b","valu\"e":"c"})"),
            Strings{"value:required"});
}

TEST(Json, the_complaints_about_a_hostile_body_are_bounded) {
  std::string text = "[";
  for (int i = 0; i < 1'000; ++i) text += "{},";
  text += "{}]";
  try {
    list_from_json<Seat>(text);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fields().size(), 32U);
    EXPECT_EQ(error.fields()[3].field, "[1].number");
  }
}

TEST(Json, a_list_of_records_is_a_bare_array) {
  const std::vector<Seat> seats{{"A", 1}, {"B", 2}};
  const std::string text = R"([{"row":"A","number":1},{"row":"B","number":2}])";
  EXPECT_EQ(list_to_json(seats), text);
  EXPECT_EQ(list_from_json<Seat>(text), seats);
  EXPECT_EQ(list_to_json(std::vector<Seat>{}), "[]");
  EXPECT_TRUE(list_from_json<Seat>(" [ ] ").empty());
  for (const char* bad : {"{}", "[1]", "[[]]", "[null]", "[{}", "[]]", "[],", "", "[{},]"}) {
    EXPECT_THROW(list_from_json<Seat>(bad), Error) << bad;
  }
}

TEST(Json, verbatim_json_is_kept_to_the_letter_without_the_blanks_around_it) {
  for (const char* value : {"1", "-0.5e+10", "\"a \\u00e9 b\"", "true", "null", "[]", "{}",
                            "[ 1 , [ ] ]", "{ \"a\" : { } }", "\" \"", "\"}\""}) {
    const std::string spaced = std::string(" \t") + value + " \n";
    EXPECT_EQ(read_value<Verbatim>(spaced).value.text, value);
    EXPECT_EQ(from_json<Verbatim>("{\"value\":" + spaced + ",\"x\":1}").value.text, value);
  }
}

}  // namespace
}  // namespace ticketing
