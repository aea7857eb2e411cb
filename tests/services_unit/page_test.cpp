#include "ticketing/http/page.hpp"

#include <gtest/gtest.h>

#include "refusal.hpp"

namespace {

using namespace ticketing;
using services_unit::refusal;

struct Item {
  std::string id;
  static constexpr std::array kFields{field<&Item::id>("id")};
};

Request request_with(std::vector<std::pair<std::string, std::string>> query) {
  Request request;
  request.path = "/api/things";
  request.query = std::move(query);
  return request;
}

TEST(Page, limit_is_100_unless_told_and_from_1_to_1000) {
  EXPECT_EQ(read_page(request_with({})).limit, 100);
  EXPECT_EQ(read_page(request_with({{"limit", "1"}})).limit, 1);
  EXPECT_EQ(read_page(request_with({{"limit", "1000"}})).limit, 1000);
  for (const char* bad : {"", "0", "-1", "1001", "1e2", "10 ", "+5", "99999999999999999999"}) {
    EXPECT_EQ(refusal([&] {
                read_page(request_with({{"limit", bad}}));
              }),
              "invalid/invalid: limit must be between 1 and 1000")
        << bad;
  }
}

TEST(Page, a_page_starts_behind_the_element_that_after_names) {
  const auto place_of = [](const std::string& id) {
    return id == "known" ? std::optional<std::int64_t>{7} : std::nullopt;
  };
  EXPECT_EQ(page_start(read_page(request_with({})), place_of), 0);
  EXPECT_EQ(page_start(read_page(request_with({{"after", "known"}})), place_of), 7);
  EXPECT_EQ(refusal([&] {
              page_start(read_page(request_with({{"after", "?"}})), place_of);
            }),
            "invalid/invalid: after must be the id of an element of this list");
}

TEST(Page, the_last_page_has_no_link) {
  const Request request = request_with({{"limit", "2"}});
  const Response response = page_response(request, read_page(request), std::vector<Item>{{"a"}});
  EXPECT_EQ(response.body, R"([{"id":"a"}])");
  EXPECT_TRUE(response.headers.empty());
}

TEST(Page, the_link_keeps_the_filters_and_encodes_what_it_repeats) {
  const Request request = request_with({{"userId", "a b>&\r\n"}, {"limit", "1"}});
  const Response response =
      page_response(request, read_page(request), std::vector<Item>{{"a/1"}, {"b"}});
  EXPECT_EQ(response.body, R"([{"id":"a/1"}])");
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].second,
            R"(</api/things?limit=1&after=a%2F1&userId=a%20b%3E%26%0D%0A>; rel="next")");
}

}  // namespace
