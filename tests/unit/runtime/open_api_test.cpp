#include "ticketing/runtime/open_api.hpp"

#include <gtest/gtest.h>

#include "support/error_of.hpp"

namespace ticketing {
namespace {

struct NewDoor {
  std::string name;
  Money price;
  static constexpr std::array kFields{field<&NewDoor::name>("name", Rule::text(1, 9)),
                                      field<&NewDoor::price>("price")};
};

struct Door {
  std::string id;
  static constexpr std::array kFields{field<&Door::id>("id")};
};

class OpenApi : public ::testing::Test {
 protected:
  OpenApi() {
    const auto nothing = [](Context&) { return Response::empty(); };
    service_.post<NewDoor>("/doors", Access::require_user,
                           [](const NewDoor&, Context&) { return Response::empty(); });
    service_.del("/doors/:id", Access::open, nothing);
    docs_.info = {"House", "1.2", "All of it.", "http://127.0.0.1:1"};
    docs_.refusals = {{"too_wide", 400, "it does not fit"}};
    docs_.routes = {
        {"POST", "/doors", "hang", "Hangs a door", AnswerDoc::one<Door>(201, "Door"), {"too_wide"}},
        {"DELETE", "/doors/:id", "burn", "Burns a door", AnswerDoc::nothing()}};
  }

  std::string document() const {
    const Service* services[] = {&service_};
    return open_api(docs_, services);
  }
  /// What the document says from `start` up to the next operation.
  std::string part(const std::string& start) const {
    const std::string all = document();
    const auto begin = all.find(start);
    if (begin == std::string::npos) return "not found: " + start;
    return all.substr(begin, all.find("operationId", begin + start.size()) - begin);
  }

  /// What is said against making it; empty when nothing is.
  std::string complaint() const {
    const auto error = test::error_of([&] { document(); });
    return error ? error->what() : "";
  }

  Settings settings_ = Settings::from({}, {});
  Service service_{"doors", settings_};
  HttpDocs docs_;
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(OpenApi, a_route_tells_its_path_credentials_and_body_itself) {
  const std::string hang = part(R"("operationId":"hang")");
  EXPECT_TRUE(holds(hang, R"("security":[{"bearer":[]},{"cookie":[]}])"));
  EXPECT_TRUE(holds(hang, R"("name":"Idempotency-Key","in":"header")"));
  EXPECT_TRUE(holds(hang, R"("name":{"type":"string","minLength":1,"maxLength":9})"));
  const std::string burn = part(R"("operationId":"burn")");
  EXPECT_TRUE(holds(burn, R"("security":[{},{"bearer":[]},{"cookie":[]}])"));
  EXPECT_TRUE(holds(burn, R"({"name":"id","in":"path","required":true,)"));
  EXPECT_FALSE(holds(burn, "requestBody"));
  EXPECT_TRUE(holds(document(), R"("/doors/{id}":{"delete":)"));
}

TEST_F(OpenApi, refusals_follow_from_the_body_and_from_what_is_said) {
  const std::string hang = part(R"("operationId":"hang")");
  for (const std::string code : {"required", "length", "money", "range", "malformed_json",
                                 "idempotency_key", "too_wide", "malformed_request"}) {
    EXPECT_TRUE(holds(hang, '"' + code + '"')) << code;
  }
  EXPECT_FALSE(holds(hang, "\"email\""));
  EXPECT_TRUE(holds(hang, R"("401":)"));
  EXPECT_FALSE(holds(hang, R"("404":)"));
  const std::string burn = part(R"("operationId":"burn")");
  EXPECT_FALSE(holds(burn, R"("401":{)")) << "it is open to everybody";
  EXPECT_TRUE(holds(burn, R"("404":)"));
  EXPECT_TRUE(holds(burn, R"("400":{"$ref":"#/components/responses/400"})"));
}

TEST_F(OpenApi, answers_are_schemas_with_names) {
  EXPECT_TRUE(holds(part(R"("operationId":"hang")"), R"({"$ref":"#/components/schemas/Door"})"));
  EXPECT_TRUE(holds(document(), R"("Door":{"type":"object","properties":{"id":)"));
  EXPECT_TRUE(holds(part(R"("operationId":"burn")"), R"("204":{"description":"Done")"));
}

TEST_F(OpenApi, a_route_that_nothing_is_said_about_is_an_error) {
  docs_.routes.pop_back();
  EXPECT_EQ(complaint(), "nothing is said about DELETE /doors/:id");
}

TEST_F(OpenApi, so_is_a_description_of_no_route_and_a_code_that_is_explained_nowhere) {
  docs_.routes.push_back({"GET", "/windows", "look", "Looks out", {}});
  EXPECT_EQ(complaint(), "there is no such route: GET /windows");
  docs_.routes.pop_back();
  docs_.routes[0].refusals.push_back("too_high");
  EXPECT_EQ(complaint(), "no such code: too_high");
}

TEST_F(OpenApi, two_answers_of_one_name_are_an_error) {
  docs_.routes[1].answer = AnswerDoc::one<NewDoor>(200, "Door");
  EXPECT_EQ(complaint(), "two answers are called Door");
}

}  // namespace
}  // namespace ticketing
