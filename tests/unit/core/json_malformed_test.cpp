// Text that is not one complete, well-formed, reasonably sized JSON object.

#include "unit/core/json_samples.hpp"

namespace ticketing {
namespace {

// The word of the Error that reading `text` throws; empty when it is right.
template <Record T>
std::string word_for(std::string_view text, const JsonLimits& limits = {}) {
  try {
    from_json<T>(text, limits);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    EXPECT_EQ(error.fields().size(), 1U);
    EXPECT_EQ(error.fields()[0].field, "");
    return error.word();
  }
  return "";
}

std::string nested(std::size_t depth, char open, char close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text.append(open == '{' ? "{\"a\":" : "[");
  text += '1';
  return text + std::string(depth, close);
}

TEST(Json, text_that_is_cut_off_at_any_byte_is_malformed) {
  const std::string text = to_json(full_sample());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(word_for<Sample>(text.substr(0, size)), "malformed_json") << size;
  }
}

TEST(Json, nothing_may_follow_the_object) {
  for (const char* rest : {"x", "{}", "}", "]", ",", "1", "\"", "null", "//", "\x01"}) {
    EXPECT_EQ(word_for<Nothing>("{}" + std::string(rest)), "malformed_json") << rest;
    EXPECT_EQ(word_for<Nothing>("{\"value\":true} " + std::string(rest)), "malformed_json") << rest;
  }
  EXPECT_EQ(word_for<Nothing>(std::string_view("{}\0", 3)), "malformed_json");
  EXPECT_EQ(word_for<Nothing>(" \t\r\n{} \t\r\n"), "");
}

TEST(Json, the_root_must_be_an_object) {
  for (const char* text : {"[]", "1", "\"a\"", "true", "null", "[{}]", "nonsense"}) {
    EXPECT_EQ(word_for<Nothing>(text), "malformed_json") << text;
    EXPECT_EQ(message_about<Nothing>(text), "body must be a JSON object") << text;
  }
}

// No JSON, wherever a value is expected.
// clang-format off
constexpr const char* kBrokenValues[] = {
    "", "tru", "truex", "nul", "nulll", "True", "NaN", "Infinity", "-", "+1", "01", "-01", "1.",
    ".5", "1e", "1e+", "1.e1", "0x1", "1 2", "1\"a\"", "'a'", "a", "\"a", "a\"", "\"a\"b",
    "\"a\" \"b\"", "\"a\":1", "\"a\":1]", "[1,]", "[,1]", "[1 2]", "[1", "1]", "[1}", "{\"a\":1]",
    "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}", "{1:1}", "{\"a\" 1}",
    "{\"a\":1 \"b\":2}", "{\"a\"::1}", "[\"a\":1]", "[1]]", "{}}", "[01]", "{\"a\":tru}", ":",
    ",", "/* */1", "1//",
};
// clang-format on

TEST(Json, broken_values_are_malformed_wherever_they_stand) {
  for (const char* value : kBrokenValues) {
    const std::string text = std::string("{\"x\":") + value + "}";
    EXPECT_EQ(word_for<Nothing>(text), "malformed_json") << text;
    EXPECT_EQ(word_for<Nothing>("{\"x\":[" + std::string(value) + ",0]}"), "malformed_json")
        << value;
    const std::string wanted = std::string("{\"value\":") + value + "}";
    EXPECT_EQ(word_for<Verbatim>(wanted), "malformed_json") << value;
    EXPECT_EQ(word_for<Number>(wanted), "malformed_json") << value;
    EXPECT_EQ(word_for<Text>(wanted), "malformed_json") << value;
    EXPECT_EQ(word_for<Nothing>(wanted), "malformed_json") << value;
  }
}

TEST(Json, bad_escapes_are_malformed_in_values_and_in_keys) {
  for (const char* content :
       {"\\x", "\\", "\\u", "\\u12", "\\u12g4", "\\U0041", "\\ud800", "\\ud800x", "\\ud800\\n",
        "\\ud800\\u0041", "\\udc00", "\\udc00\\ud800", "\\ud800\\ud800", "\\'", "\\0", "a\\"}) {
    const std::string text = quoted(content);
    EXPECT_EQ(word_for<Text>("{\"value\":" + text + "}"), "malformed_json") << text;
    EXPECT_EQ(word_for<Nothing>("{\"x\":" + text + "}"), "malformed_json") << text;
    EXPECT_EQ(word_for<Nothing>("{" + text + ":1}"), "malformed_json") << text;
    EXPECT_EQ(word_for<Nothing>("{\"x\":{" + text + ":1}}"), "malformed_json") << text;
  }
}

TEST(Json, control_characters_in_strings_are_malformed) {
  for (char c = 1; c < 0x20; ++c) {
    EXPECT_EQ(word_for<Text>("{\"value\":\"" + std::string(1, c) + "\"}"), "malformed_json");
  }
  EXPECT_EQ(word_for<Text>("{\"value\":\"" + std::string(1, '\0') + "\"}"), "malformed_json");
}

TEST(Json, malformed_utf8_is_malformed_wherever_it_stands) {
  const Strings broken{"\x80",
                       "\xff",
                       "\xc3",
                       "\xc0\xaf",
                       "\xe2\x82",
                       "\xed\xa0\x80",
                       "\xe0\x80\xaf",
                       "\xf4\x90\x80\x80",
                       "\xf0\x82\x82\xac",
                       "\xc3(",
                       "\xfe"};
  for (const std::string& bytes : broken) {
    EXPECT_FALSE(is_utf8(bytes));
    EXPECT_EQ(word_for<Text>("{\"value\":\"" + bytes + "\"}"), "malformed_json");
    EXPECT_EQ(word_for<Nothing>("{\"x\":\"" + bytes + "\"}"), "malformed_json");
    EXPECT_EQ(word_for<Nothing>("{\"" + bytes + "\":1}"), "malformed_json");
    EXPECT_EQ(word_for<Nothing>("{}" + bytes), "malformed_json");
  }
  EXPECT_EQ(word_for<Nothing>("\xef\xbb\xbf{}"), "malformed_json");  // A byte order mark.
  EXPECT_TRUE(is_utf8("Grüße 𝄞"));
  EXPECT_TRUE(is_utf8(""));
}

TEST(Json, nesting_is_bounded_and_the_root_counts) {
  const JsonLimits limits{.depth_max = 4};
  for (const char* brackets : {"[]", "{}"}) {
    const auto inside = [&](std::size_t depth) {
      return "{\"x\":" + nested(depth, brackets[0], brackets[1]) + "}";
    };
    EXPECT_EQ(word_for<Nothing>(inside(3), limits), "");
    EXPECT_EQ(word_for<Nothing>(inside(4), limits), "malformed_json");
    EXPECT_EQ(word_for<Nothing>(inside(31)), "");
    EXPECT_EQ(word_for<Nothing>(inside(32)), "malformed_json");
    EXPECT_EQ(word_for<Nothing>(inside(200'000), {.bytes_max = 10 << 20}), "malformed_json");
  }
}

TEST(Json, known_records_and_lists_count_as_nesting_too) {
  const std::string text = to_json(full_sample());
  EXPECT_EQ(word_for<Sample>(text, {.depth_max = 4}), "");  // {"json":{"a":[{}]}}
  EXPECT_EQ(word_for<Sample>(text, {.depth_max = 3}), "malformed_json");
  EXPECT_EQ(word_for<Nothing>("{}", {.depth_max = 0}), "malformed_json");
}

TEST(Json, text_over_the_limit_is_too_large_before_it_is_read) {
  const std::string text = "{\"value\":true}";
  EXPECT_EQ(word_for<Nothing>(text, {.bytes_max = text.size()}), "");
  EXPECT_EQ(word_for<Nothing>(text, {.bytes_max = text.size() - 1}), "too_large");
  EXPECT_EQ(word_for<Nothing>(std::string((1 << 20) + 1, '{')), "too_large");
}

TEST(Json, a_large_text_is_read_and_small_ones_after_it_too) {
  const std::string large(5 << 20, 'x');
  const JsonLimits limits{.bytes_max = 8 << 20};
  EXPECT_EQ(from_json<Text>("{\"value\":\"" + large + "\"}", limits).value, large);
  EXPECT_EQ(read_value<Text>("\"small\"").value, "small");
  EXPECT_EQ(word_for<Text>("{\"value\":\"" + large, limits), "malformed_json");
  EXPECT_EQ(read_value<Text>("\"small\"").value, "small");
}

TEST(Json, what_an_earlier_text_left_behind_completes_no_later_one) {
  for (const char* whole :
       {R"({"value":{"a":1}})", R"({"value":[[1]]})", R"({"value":"aaaaaaa"})"}) {
    const std::string text = whole;
    for (std::size_t size = 0; size < text.size(); ++size) {
      EXPECT_NO_THROW(from_json<Verbatim>(text));
      EXPECT_THROW(from_json<Verbatim>(text.substr(0, size)), Error) << size;
    }
  }
}

}  // namespace
}  // namespace ticketing
