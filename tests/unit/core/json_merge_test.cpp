#include "core/json_merge.hpp"

#include <gtest/gtest.h>

#include "support/error_of.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::json {
namespace {

TEST(JsonMerge, changes_what_is_named_and_leaves_the_rest_as_it_came) {
  EXPECT_EQ(merged(R"({"a":1,"b":{"c":[1, 2]},"d":"x","e":[ ] })", R"({"d":["y"],"a":null})"),
            R"({"a":null,"b":{"c":[1, 2]},"d":["y"],"e":[ ]})");
  EXPECT_EQ(merged(R"({"a":1})", R"({"b":2})"), R"({"a":1,"b":2})");
  EXPECT_EQ(merged("{}", R"({"b":2})"), R"({"b":2})");
  EXPECT_EQ(merged(R"({"a\n\"":1.50})", "{}"), R"({"a\n\"":1.50})");
}

TEST(JsonMerge, takes_objects_alone) {
  for (const char* text : {"", "[]", "1", "{", R"({"a":1}x)", R"({"a":})", R"({"a":[})"}) {
    EXPECT_ERROR(ErrorCode::invalid, merged(text, "{}")) << text;
    EXPECT_ERROR(ErrorCode::invalid, merged("{}", text)) << text;
  }
}

}  // namespace
}  // namespace ticketing::json
