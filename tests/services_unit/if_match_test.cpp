#include "tickets/if_match.hpp"

#include <gtest/gtest.h>

#include "refusal.hpp"

namespace tickets {
namespace {

TEST(IfMatch, no_header_and_the_star_accept_every_version) {
  EXPECT_TRUE(IfMatch{std::nullopt}.accepts(7));
  EXPECT_TRUE(IfMatch{" * "}.accepts(7));
}

TEST(IfMatch, a_tag_accepts_its_version_only) {
  const IfMatch header{etag(7)};
  EXPECT_TRUE(header.accepts(7));
  EXPECT_FALSE(header.accepts(8));
  EXPECT_FALSE(header.accepts(77));
}

TEST(IfMatch, a_list_accepts_each_of_its_versions) {
  const IfMatch header{R"("1", ,"3" ,"x")"};
  EXPECT_TRUE(header.accepts(1));
  EXPECT_TRUE(header.accepts(3));
  EXPECT_FALSE(header.accepts(2));
}

TEST(IfMatch, a_weak_or_foreign_tag_accepts_nothing) {
  EXPECT_FALSE(IfMatch{R"(W/"7")"}.accepts(7));
  EXPECT_FALSE(IfMatch{R"("seven")"}.accepts(7));
}

TEST(IfMatch, what_is_malformed_is_invalid) {
  for (const char* header : {"", " ", "7", "\"7", "7\"", "\"", "'7'", "\"7\" x", "\"7\"\"8\"",
                             "*, \"7\"", "w/\"7\"", ","}) {
    EXPECT_EQ(services_unit::refusal([&] { IfMatch{std::string_view{header}}; }),
              "invalid/bad_if_match: If-Match must be a quoted version, as in \"3\"")
        << header;
  }
}

}  // namespace
}  // namespace tickets
