#include "contract.hpp"

namespace ticketing::test {

namespace {

using Kind = std::pair<Layout, std::string>;

std::map<Kind, std::unique_ptr<Marketplace>>& marketplaces() {
  static std::map<Kind, std::unique_ptr<Marketplace>> all;
  return all;
}

/// Stops what has been started, and sees that all of it stops cleanly.
class Closing : public testing::Environment {
 public:
  void TearDown() override {
    for (auto& [kind, market] : marketplaces()) {
      for (const auto& [program, status] : market->stop()) EXPECT_EQ(status, 0) << program;
    }
    marketplaces().clear();
  }
};

const auto* const kClosing = testing::AddGlobalTestEnvironment(new Closing);

}  // namespace

Marketplace& Contract::running(Layout layout, const std::string& hold) {
  std::unique_ptr<Marketplace>& market = marketplaces()[{layout, hold}];
  if (!market) {
    MarketplaceOptions options;
    options.layout = layout;
    options.hold = hold;
    options.dev = layout == Layout::five;  // So that both kinds of cookies are seen.
    market = std::make_unique<Marketplace>(options);
  }
  return *market;
}

std::vector<Complaint> complaints_of(const Response& response) {
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_NE(header(response, "X-Request-Id"), "");
  std::vector<Complaint> complaints;
  try {
    complaints = from_json<Complaints>(response.body).errors;
  } catch (const Error& error) {
    ADD_FAILURE() << response.status << " " << error.what() << ": " << response.body;
  }
  for (const Complaint& complaint : complaints) {
    EXPECT_NE(complaint.message, "") << response.body;
    EXPECT_NE(complaint.code.value_or(""), "") << response.body;
  }
  return complaints;
}

void expect_refusal(const Response& response, int status, const std::string& message,
                    const std::string& code) {
  EXPECT_EQ(response.status, status) << response.body;
  const auto complaints = complaints_of(response);
  ASSERT_EQ(complaints.size(), 1U) << response.body;
  EXPECT_EQ(complaints[0].message, message);
  EXPECT_EQ(complaints[0].of_field, std::nullopt);
  if (code.empty()) return;
  EXPECT_EQ(complaints[0].code, code);
}

void expect_bad_fields(const Response& response, const std::vector<std::string>& fields,
                       const std::string& first_message) {
  EXPECT_EQ(response.status, 400) << response.body;
  const auto complaints = complaints_of(response);
  std::vector<std::string> blamed;
  for (const Complaint& complaint : complaints) blamed.push_back(complaint.of_field.value_or(""));
  EXPECT_EQ(blamed, fields) << response.body;
  if (!first_message.empty() && !complaints.empty()) {
    EXPECT_EQ(complaints[0].message, first_message);
  }
}

void expect_not_authorized(const Response& response) {
  expect_refusal(response, 401, "Not authorized", "unauthorized");
}

void expect_not_found(const Response& response) {
  expect_refusal(response, 404, "Not Found", "not_found");
}

std::string layout_name(const testing::TestParamInfo<Layout>& info) {
  return info.param == Layout::one ? "ticketd" : "five_processes";
}

}  // namespace ticketing::test
