#pragma once
// What the tests of CONTRACT section 3 share: a marketplace of each layout, started at its first
// use and gone with the test program, and the shape of a refusal.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/eventually.hpp"
#include "support/marketplace.hpp"
#include "support/visitor.hpp"

namespace ticketing::test {

class Contract : public testing::TestWithParam<Layout> {
 protected:
  /// `hold`: how long an order holds its ticket unpaid.
  explicit Contract(const std::string& hold = "15m") : market_(running(GetParam(), hold)) {}

  Visitor visitor() const { return Visitor{market_}; }
  Visitor user() const {
    Visitor someone{market_};
    someone.sign_up();
    return someone;
  }

  static Marketplace& running(Layout layout, const std::string& hold);
  Marketplace& market_;
};

/// The one complaint that a refusal must have. Empty: is not looked at, or for the field, absent.
struct Complaint {
  std::string message;
  std::optional<std::string> of_field;
  std::optional<std::string> code;

  static constexpr std::array kFields{field<&Complaint::message>("message"),
                                      field<&Complaint::of_field>("field"),
                                      field<&Complaint::code>("code")};
};

struct Complaints {
  std::vector<Complaint> errors;
  static constexpr std::array kFields{field<&Complaints::errors>("errors")};
};

/// The complaints of a refusal, which must be one in every respect but its status.
std::vector<Complaint> complaints_of(const Response& response);

/// One complaint that is about no field.
void expect_refusal(const Response& response, int status, const std::string& message,
                    const std::string& code = {});
/// A 400 with exactly these fields to blame, in this order.
void expect_bad_fields(const Response& response, const std::vector<std::string>& fields,
                       const std::string& first_message = {});
void expect_not_authorized(const Response& response);
void expect_not_found(const Response& response);

std::string layout_name(const testing::TestParamInfo<Layout>& info);

}  // namespace ticketing::test

/// Runs the tests of a suite on ticketd, and on five processes.
#define ON_BOTH_LAYOUTS(group, suite) \
  INSTANTIATE_TEST_SUITE_P(group, suite, testing::Values(Layout::one, Layout::five), layout_name)
