#include "ticketing/core/error.hpp"

#include <gtest/gtest.h>

#include "ticketing/core/log.hpp"

namespace ticketing {
namespace {

TEST(Error, the_table_says_what_follows_from_each_code) {
  struct Row {
    ErrorCode code;
    ErrorPolicy policy;
  };
  const Row rows[] = {
      {ErrorCode::invalid, {"invalid", 400, 1, ListenerAction::dead_letter}},
      {ErrorCode::unauthorized, {"unauthorized", 401, 4, ListenerAction::dead_letter}},
      {ErrorCode::not_found, {"not_found", 404, 3, ListenerAction::dead_letter}},
      {ErrorCode::refused, {"refused", 400, 5, ListenerAction::dead_letter}},
      {ErrorCode::conflict, {"conflict", 412, 5, ListenerAction::retry}},
      {ErrorCode::exhausted, {"exhausted", 429, 6, ListenerAction::retry}},
      {ErrorCode::unavailable, {"unavailable", 503, 6, ListenerAction::retry}},
      {ErrorCode::corrupt, {"corrupt", 500, 1, ListenerAction::stop}},
  };
  for (const Row& row : rows) {
    const ErrorPolicy& policy = policy_of(row.code);
    EXPECT_EQ(policy.word, row.policy.word);
    EXPECT_EQ(policy.http_status, row.policy.http_status) << policy.word;
    EXPECT_EQ(policy.exit_status, row.policy.exit_status) << policy.word;
    EXPECT_EQ(policy.action, row.policy.action) << policy.word;
  }
}

TEST(Error, carries_the_word_of_its_code_and_one_complaint) {
  const Error error(ErrorCode::not_found, "Not Found");
  EXPECT_EQ(error.code(), ErrorCode::not_found);
  EXPECT_STREQ(error.what(), "Not Found");
  EXPECT_EQ(error.word(), "not_found");
  ASSERT_EQ(error.fields().size(), 1U);
  EXPECT_EQ(error.fields()[0].message, "Not Found");
  EXPECT_EQ(error.fields()[0].field, "");
  EXPECT_EQ(error.fields()[0].code, "not_found");
}

TEST(Error, a_word_of_its_own_replaces_that_of_the_code) {
  const Error error(ErrorCode::refused, "Ticket is already reserved", "ticket_reserved");
  EXPECT_EQ(error.code(), ErrorCode::refused);
  EXPECT_EQ(error.word(), "ticket_reserved");
  EXPECT_EQ(error.fields()[0].code, "ticket_reserved");
}

TEST(Error, bad_fields_are_kept_in_order_and_the_first_is_the_message) {
  const Error error({{"Title is required", "title", "required"}, {"No", "price", "range"}});
  EXPECT_EQ(error.code(), ErrorCode::invalid);
  EXPECT_EQ(error.word(), "invalid");
  EXPECT_STREQ(error.what(), "Title is required");
  ASSERT_EQ(error.fields().size(), 2U);
  EXPECT_EQ(error.fields()[1].field, "price");
}

TEST(ErrorDeathTest, an_assertion_prints_what_was_violated_and_aborts) {
  const int tickets_left = 0;
  EXPECT_DEATH(TICKETING_ASSERT(tickets_left > 0), "error_test.cpp.*tickets_left > 0");
  EXPECT_DEATH(Error(std::vector<FieldError>{}), "assertion failed");
}

TEST(Log, the_null_logger_takes_every_level) {
  null_logger().debug("a", {{"key", "value"}});
  null_logger().info("b");
  null_logger().warning("c");
  null_logger().error("d");
}

}  // namespace
}  // namespace ticketing
