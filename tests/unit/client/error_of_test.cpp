#include <gtest/gtest.h>

#include "ticketing/client/client.hpp"

namespace ticketing {
namespace {

Response refusal(int status) {
  return Response::json(status, R"({"errors":[{"message":"No.","code":"no"}]})");
}

TEST(ErrorOf, the_status_tells_the_code) {
  EXPECT_EQ(error_of(refusal(400)).code(), ErrorCode::refused);
  EXPECT_EQ(error_of(refusal(401)).code(), ErrorCode::unauthorized);
  EXPECT_EQ(error_of(refusal(404)).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of(refusal(412)).code(), ErrorCode::conflict);
  EXPECT_EQ(error_of(refusal(413)).code(), ErrorCode::invalid);
  EXPECT_EQ(error_of(refusal(429)).code(), ErrorCode::exhausted);
  EXPECT_EQ(error_of(refusal(500)).code(), ErrorCode::unavailable);
  EXPECT_EQ(error_of(refusal(503)).code(), ErrorCode::unavailable);
  EXPECT_EQ(error_of(refusal(302)).code(), ErrorCode::corrupt);
}

TEST(ErrorOf, message_and_word_are_the_servers) {
  const Error error = error_of(refusal(404));
  EXPECT_STREQ(error.what(), "No.");
  EXPECT_EQ(error.word(), "no");
}

TEST(ErrorOf, bad_fields_are_all_named) {
  const Error error = error_of(
      Response::json(400, R"({"errors":[{"message":"A","field":"title","code":"required"},)"
                          R"({"message":"B","field":"price","code":"too_low"}]})"));
  EXPECT_EQ(error.code(), ErrorCode::invalid);
  ASSERT_EQ(error.fields().size(), 2U);
  EXPECT_EQ(error.fields()[0].field, "title");
  EXPECT_EQ(error.fields()[1].message, "B");
}

TEST(ErrorOf, what_is_no_error_body_still_tells_the_status) {
  for (const char* body : {"", "<html>Bad Gateway</html>", "[]", R"({"errors":[]})"}) {
    const Error error = error_of(Response{502, {}, body, "text/html"});
    EXPECT_EQ(error.code(), ErrorCode::unavailable) << body;
    EXPECT_STREQ(error.what(), "the server answered HTTP 502") << body;
  }
}

TEST(ErrorOf, a_failure_inside_is_named_by_its_request) {
  Response response = refusal(500);
  response.with("X-Request-Id", "r-7");
  EXPECT_STREQ(error_of(response).what(), "No. (request r-7)");
}

TEST(ErrorOf, it_is_the_way_back_from_error_response) {
  const Error sent{ErrorCode::refused, "Ticket is already reserved", "ticket_reserved"};
  const Error received = error_of(error_response(sent));
  EXPECT_EQ(received.code(), sent.code());
  EXPECT_EQ(received.word(), sent.word());
  EXPECT_STREQ(received.what(), sent.what());
}

}  // namespace
}  // namespace ticketing
