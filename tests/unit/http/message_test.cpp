#include "ticketing/http/message.hpp"

#include <gtest/gtest.h>

namespace ticketing {
namespace {

TEST(Message, a_header_is_found_whatever_its_case) {
  Request request;
  request.headers = {{"X-One", "1"}, {"x-one", "2"}};
  EXPECT_EQ(request.header("x-ONE"), "1");
  EXPECT_EQ(request.header("X-On"), std::nullopt);
}

TEST(Message, the_first_query_parameter_counts_and_its_case_matters) {
  Request request;
  request.query = {{"limit", "1"}, {"limit", "2"}, {"after", ""}};
  EXPECT_EQ(request.query_value("limit"), "1");
  EXPECT_EQ(request.query_value("after"), "");
  EXPECT_EQ(request.query_value("Limit"), std::nullopt);
}

TEST(Message, a_cookie_is_found_among_others) {
  Request request;
  request.headers = {{"cookie", "a=1; session=x=y;b=\"quoted\" ; empty="}};
  EXPECT_EQ(request.cookie("a"), "1");
  EXPECT_EQ(request.cookie("session"), "x=y");
  EXPECT_EQ(request.cookie("b"), "quoted");
  EXPECT_EQ(request.cookie("empty"), "");
  EXPECT_EQ(request.cookie("sess"), std::nullopt);
}

TEST(Message, a_malformed_cookie_header_yields_nothing) {
  for (const char* text :
       {"", ";", "session", "=x", ";;session;", "xsession=1", "session =", "\""}) {
    Request request;
    request.headers = {{"Cookie", text}};
    const auto found = request.cookie("session");
    EXPECT_TRUE(!found || found->empty()) << text;
  }
}

TEST(Message, an_error_becomes_its_complaints) {
  const Error error{{{"Title is required", "title", "required"}, {"Bad \"x\"", "", ""}}};
  const Response response = error_response(error);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body,
            R"({"errors":[{"message":"Title is required","field":"title","code":"required"},)"
            R"({"message":"Bad \"x\"","code":"invalid"}]})");
}

TEST(Message, the_code_decides_the_status) {
  EXPECT_EQ(error_response(Error{ErrorCode::unauthorized, "Not authorized"}).status, 401);
  EXPECT_EQ(error_response(Error{ErrorCode::not_found, "Not Found"}).status, 404);
  EXPECT_EQ(error_response(Error{ErrorCode::exhausted, "Too many attempts"}).status, 429);
}

TEST(Message, what_failed_inside_stays_inside) {
  const Response corrupt = error_response(Error{ErrorCode::corrupt, "row 7 of /var/lib/x"});
  EXPECT_EQ(corrupt.status, 500);
  EXPECT_EQ(corrupt.body, R"({"errors":[{"message":"Something went wrong","code":"internal"}]})");
  const Response away = error_response(Error{ErrorCode::unavailable, "cannot reach 10.0.0.7"});
  EXPECT_EQ(away.status, 503);
  EXPECT_EQ(away.body.find("10.0.0.7"), std::string::npos);
}

TEST(Message, answers_to_try_again_say_when) {
  const auto retry_after = [](const Response& response) {
    for (const auto& [name, value] : response.headers) {
      if (name == "Retry-After") return value;
    }
    return std::string{};
  };
  EXPECT_EQ(retry_after(error_response(503, "Busy", "overloaded")), "1");
  EXPECT_EQ(retry_after(error_response(Error{ErrorCode::exhausted, "Slow down"})), "60");
  EXPECT_EQ(retry_after(error_response(413, "Too large", "too_large")), "");
}

}  // namespace
}  // namespace ticketing
