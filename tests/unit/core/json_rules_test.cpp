// The rules beyond a field's kind, and how complaints are worded.

#include "unit/core/json_samples.hpp"

namespace ticketing {
namespace {

struct NewTicket {
  std::string value;
  static constexpr std::array kFields{
      field<&NewTicket::value>("value", Rule::text(1, 5).trim().says("Title is required"))};
};
struct SignUp {
  std::string value;
  static constexpr std::array kFields{
      field<&SignUp::value>("value", Rule::text(1, 254).trim().lower().as_email())};
};
struct Password {
  std::string value;
  static constexpr std::array kFields{field<&Password::value>("value", Rule::text(2, 4))};
};

constexpr Rule five_to_ten() {
  Rule rule;
  rule.value_min = 5;
  rule.value_max = 10;
  return rule;
}
struct Page {
  std::int64_t value = 0;
  static constexpr std::array kFields{field<&Page::value>("value", five_to_ten())};
};
struct Least {
  std::string value;
  static constexpr std::array kFields{field<&Least::value>("value", Rule::text(3, SIZE_MAX))};
};
struct Most {
  std::string value;
  static constexpr std::array kFields{field<&Most::value>("value", Rule::text(0, 3))};
};

bool is_email(const std::string& text) {
  return complaints_about<SignUp>(to_json(Text{text})).empty();
}

TEST(JsonRule, a_length_is_counted_in_code_points) {
  EXPECT_EQ(read_value<Password>("\"éé€𝄞\"").value, "éé€𝄞");
  EXPECT_EQ(complaint_about_value<Password>("\"é\""), "value:length");
  EXPECT_EQ(complaint_about_value<Password>("\"12345\""), "value:length");
  EXPECT_EQ(message_about<Password>(R"({"value":""})"), "value must be 2 to 4 characters");
}

TEST(JsonRule, a_length_with_one_bound_says_so) {
  EXPECT_EQ(message_about<Least>(R"({"value":"ab"})"), "value must be at least 3 characters");
  EXPECT_EQ(message_about<Most>(R"({"value":"abcd"})"), "value must be at most 3 characters");
}

TEST(JsonRule, blanks_are_trimmed_before_the_length_is_checked) {
  EXPECT_EQ(read_value<NewTicket>(R"(" \t\n12345\r ")").value, "12345");
  EXPECT_EQ(read_value<NewTicket>(R"("a b")").value, "a b");
  EXPECT_EQ(complaint_about_value<NewTicket>("\"   \""), "value:length");
  EXPECT_EQ(complaint_about_value<NewTicket>("\"\""), "value:length");
}

TEST(JsonRule, its_message_replaces_every_standard_one) {
  for (const char* text : {"{}", R"({"value":null})", R"({"value":1})", R"({"value":" "})",
                           R"({"value":"123456"})", R"({"value":"1","value":"2"})"}) {
    EXPECT_EQ(message_about<NewTicket>(text), "Title is required") << text;
  }
}

TEST(JsonRule, numbers_have_bounds) {
  EXPECT_EQ(read_value<Page>("5").value, 5);
  EXPECT_EQ(read_value<Page>("10").value, 10);
  EXPECT_EQ(complaint_about_value<Page>("4"), "value:range");
  EXPECT_EQ(complaint_about_value<Page>("11"), "value:range");
  EXPECT_EQ(message_about<Page>(R"({"value":4})"), "value must be at least 5");
  EXPECT_EQ(message_about<Page>(R"({"value":11})"), "value must be at most 10");
}

TEST(JsonRule, an_email_is_trimmed_lowered_and_then_checked) {
  EXPECT_EQ(read_value<SignUp>("\" Ann.Lee+x@Mail.Example.ORG \"").value,
            "ann.lee+x@mail.example.org");
  EXPECT_EQ(complaint_about_value<SignUp>("\"\""), "value:email");
  EXPECT_EQ(complaint_about_value<SignUp>("\"ann\""), "value:email");
  EXPECT_EQ(message_about<SignUp>(R"({"value":"ann"})"), "Email must be valid");
  EXPECT_EQ(message_about<SignUp>("{}"), "value is required");
}

TEST(JsonRule, an_email_has_one_at_and_a_domain_with_a_dot) {
  for (const char* good : {"a@b.c", "a.b@c-d.example", "ü@ü.example", "\"a\"@b.c"}) {
    EXPECT_TRUE(is_email(good)) << good;
  }
  for (const char* bad : {"", "@", "a@", "@b.c", "a@b", "a@b.", "a@.b", "a@b..c", "a@b@c.d",
                          "a b@c.d", "a@b c.d", "a@b\n.c", "a\t@b.c", "a@b.c\x7f", "a.b.c"}) {
    EXPECT_FALSE(is_email(bad)) << bad;
  }
}

TEST(JsonRule, an_email_is_bounded_on_both_sides) {
  EXPECT_TRUE(is_email(std::string(64, 'a') + "@b.c"));
  EXPECT_FALSE(is_email(std::string(65, 'a') + "@b.c"));
  EXPECT_TRUE(is_email("a@" + std::string(250, 'b') + ".c"));
  EXPECT_FALSE(is_email("a@" + std::string(251, 'b') + ".c"));
}

}  // namespace
}  // namespace ticketing
