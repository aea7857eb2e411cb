#include "ticketing/http/router.hpp"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

class RouterTest : public testing::Test {
 protected:
  void SetUp() override {
    router_.add("GET", "/", 0);
    router_.add("GET", "/api/tickets", 1);
    router_.add("GET", "/api/tickets/:id", 2);
    router_.add("PUT", "/api/tickets/:id", 3);
    router_.add("GET", "/api/tickets/mine", 4);
    router_.add("GET", "/api/:kind/:id/history", 5);
    router_.add("HEAD", "/own", 6);
    router_.add("GET", "/own", 7);
  }
  /// The number of the route, or -1.
  int find(std::string method, std::string path) {
    request_.method = std::move(method);
    request_.path = std::move(path);
    const auto match = router_.find(request_);
    if (match) pattern_ = match->pattern;
    return match ? static_cast<int>(match->route) : -1;
  }

  Router router_;
  Request request_;
  std::string pattern_;
};

TEST_F(RouterTest, literal_paths_match_exactly) {
  EXPECT_EQ(find("GET", "/"), 0);
  EXPECT_EQ(find("GET", "/api/tickets"), 1);
  for (const char* path : {"", "/api", "/api/ticket", "/api/ticketss", "/api/tickets/", "//",
                           "/API/tickets", "api/tickets", "/api//tickets"}) {
    EXPECT_EQ(find("GET", path), -1) << path;
  }
}

TEST_F(RouterTest, a_parameter_is_one_segment_and_not_empty) {
  EXPECT_EQ(find("GET", "/api/tickets/7"), 2);
  EXPECT_EQ(request_.params.at("id"), "7");
  EXPECT_EQ(pattern_, "/api/tickets/:id");
  EXPECT_EQ(find("PUT", "/api/tickets/:id"), 3);
  EXPECT_EQ(request_.params.at("id"), ":id");
  EXPECT_EQ(find("GET", "/api/tickets/7/8"), -1);
}

TEST_F(RouterTest, several_parameters_are_filled_afresh) {
  EXPECT_EQ(find("GET", "/api/orders/9/history"), 5);
  EXPECT_EQ(request_.params.size(), 2U);
  EXPECT_EQ(request_.params.at("kind"), "orders");
  EXPECT_EQ(find("GET", "/api/tickets/7"), 2);
  EXPECT_EQ(request_.params.size(), 1U);
}

TEST_F(RouterTest, a_literal_wins_over_a_parameter_whatever_the_order_of_adding) {
  EXPECT_EQ(find("GET", "/api/tickets/mine"), 4);
  EXPECT_EQ(find("PUT", "/api/tickets/mine"), 3);
}

TEST_F(RouterTest, head_finds_get_routes_unless_it_has_its_own) {
  EXPECT_EQ(find("HEAD", "/api/tickets/7"), 2);
  EXPECT_EQ(find("HEAD", "/own"), 6);
  EXPECT_EQ(find("GET", "/own"), 7);
}

TEST_F(RouterTest, an_unknown_method_is_not_found) {
  EXPECT_EQ(find("DELETE", "/api/tickets/7"), -1);
  EXPECT_EQ(find("get", "/api/tickets/7"), -1);
}

TEST_F(RouterTest, the_same_route_twice_is_a_bug) {
  EXPECT_DEATH(router_.add("GET", "/api/tickets/:other", 8), "");
  EXPECT_DEATH(router_.add("GET", "tickets", 8), "");
}

}  // namespace
}  // namespace ticketing
