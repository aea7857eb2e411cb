// What an operator sees and does over the admin listener: its routes over real databases.

#include "runtime/dead_letters.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "stepped_engine.hpp"
#include "support/scratch_database.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing::test {
namespace {

using runtime::DeadLetterRoutes;
using runtime::Unit;
using Names = std::vector<std::string>;

const Headers kJson{{"Content-Type", "application/json"}};

/// Two services of one process, with what a test has set aside in their inboxes.
class DeadLettersTest : public testing::Test {
 protected:
  DeadLettersTest() {
    for (const std::string name : {"shop", "books"}) {
      DatabaseOptions database;
      database.url = "sqlite:" + folder_.file(name + ".db");
      units_.push_back(std::make_unique<Unit>(
          ServiceDefinition{name, [](Service&) {}}, settings_, database,
          EngineWorld{clock_, system_random(), null_logger(), verifier_, std::string(32, 'k')}));
      units_.back()->engine().hooks.timers_changed = [this] { ++timers_changed_; };
    }
  }
  Database& shop() { return units_[0]->database(); }
  Database& books() { return units_[1]->database(); }

  /// Before the database has a writer.
  static void set_aside(Database& database, const std::string& log, std::int64_t offset,
                        const std::string& state, const std::string& envelope = "?",
                        const std::string& reason = "it failed") {
    database.write_and_step([&](Transaction& tx) {
      tx.execute(
          "INSERT INTO ticketing_inbox VALUES (:log, :log_offset, 'user:created', 'ann', :state, 3,"
          " :due, :reason, :envelope)",
          log, offset, state, kStart, reason, envelope);
    });
  }
  Response send(const std::string& method, const std::string& path,
                std::vector<std::pair<std::string, std::string>> query = {},
                Headers headers = {}) const {
    Request request;
    request.method = method;
    request.path = path;
    request.query = std::move(query);
    request.headers = std::move(headers);
    try {
      return DeadLetterRoutes{units_}.answer(request);
    } catch (const Error& error) {  // As the server does it.
      return error_response(error);
    }
  }
  Response post(const std::string& path, Headers headers = kJson) {
    const Writer shop_writer{shop()};
    const Writer books_writer{books()};
    return send("POST", path, {}, std::move(headers));
  }
  Names listed(std::vector<std::pair<std::string, std::string>> query = {}) const {
    Names ids;
    const Response page = send("GET", "/deadletters", std::move(query));
    EXPECT_EQ(page.status, 200) << page.body;
    for (const auto& one : list_from_json<DeadLetterAnswer>(page.body)) ids.push_back(one.id);
    return ids;
  }
  std::string state_of(const std::string& place) const {
    return from_json<DeadLetterAnswer>(send("GET", "/deadletters/" + place).body).state;
  }

  TempFolder folder_;
  ManualClock clock_;
  TokenVerifier verifier_;
  Settings settings_ = Settings::from({}, {});
  std::vector<std::unique_ptr<Unit>> units_;
  std::atomic<int> timers_changed_{0};
};

TEST_F(DeadLettersTest, a_list_says_where_each_is_and_why) {
  EXPECT_EQ(send("GET", "/deadletters").body, "[]");
  set_aside(shop(), "auth", 7, "retry");
  EXPECT_EQ(send("GET", "/deadletters").body,
            R"([{"id":"shop/auth/7","service":"shop","log":"auth","offset":7,"state":"retry",)"
            R"("attempts":3,"subject":"user:created","aggregateId":"ann","reason":"it failed",)"
            R"("due":"2026-01-01T00:00:00.000Z"}])");
  EXPECT_EQ(send("HEAD", "/deadletters").status, 200);
}

TEST_F(DeadLettersTest, services_stand_by_name_and_can_be_chosen_as_can_states) {
  set_aside(shop(), "auth", 7, "dead");
  set_aside(shop(), "auth", 8, "behind");
  set_aside(books(), "auth", 7, "dead");
  EXPECT_EQ(listed(), (Names{"books/auth/7", "shop/auth/7", "shop/auth/8"}));
  EXPECT_EQ(listed({{"state", "dead"}}), (Names{"books/auth/7", "shop/auth/7"}));
  EXPECT_EQ(listed({{"service", "shop"}}), (Names{"shop/auth/7", "shop/auth/8"}));
  EXPECT_EQ(listed({{"service", "shop"}, {"state", "behind"}}), Names{"shop/auth/8"});
  EXPECT_TRUE(listed({{"service", "nobody"}}).empty());
}

TEST_F(DeadLettersTest, pages_go_on_where_the_last_one_ended_across_services) {
  for (std::int64_t offset = 1; offset <= 3; ++offset) {
    set_aside(books(), "orders", offset, "dead");
    set_aside(shop(), "auth", offset + 9, "dead");
    set_aside(shop(), "orders", offset, "dead");
  }
  const Names all = listed();
  ASSERT_EQ(all.size(), 9U);
  for (const std::string limit : {"1", "2", "3", "4", "9"}) {
    Names seen;
    std::vector<std::pair<std::string, std::string>> query{{"limit", limit}, {"state", "dead"}};
    bool more = true;
    while (more && seen.size() < 20) {
      const Response page = send("GET", "/deadletters", query);
      for (const auto& one : list_from_json<DeadLetterAnswer>(page.body)) seen.push_back(one.id);
      more = !page.headers.empty();
      query.resize(2);
      query.emplace_back("after", seen.back());
      const std::string next = more ? page.headers[0].second : "&state=dead>";
      EXPECT_NE(next.find("&state=dead>"), std::string::npos) << next;
    }
    EXPECT_EQ(seen, all) << limit << " a page";
  }
}

TEST_F(DeadLettersTest, a_page_may_begin_behind_one_that_is_gone) {
  set_aside(shop(), "auth", 3, "dead");
  EXPECT_EQ(listed({{"after", "shop/auth/2"}}), Names{"shop/auth/3"});
  EXPECT_EQ(listed({{"after", "books/zoo/9"}}), Names{"shop/auth/3"});
  EXPECT_TRUE(listed({{"after", "shop/auth/3"}}).empty());
  EXPECT_TRUE(listed({{"after", "shop/orders/1"}}).empty());
  EXPECT_TRUE(listed({{"after", "zoo/auth/1"}}).empty());
}

TEST_F(DeadLettersTest, bad_parameters_are_named) {
  using Query = std::vector<std::pair<std::string, std::string>>;
  for (const Query& query : {Query{{"state", "alive"}}, Query{{"limit", "0"}},
                             Query{{"after", "shop"}}, Query{{"after", "shop/auth/x"}}}) {
    const Response refused = send("GET", "/deadletters", query);
    EXPECT_EQ(refused.status, 400) << query[0].second;
    EXPECT_NE(refused.body.find(R"("field":")" + query[0].first), std::string::npos);
  }
}

TEST_F(DeadLettersTest, one_is_shown_with_its_whole_event) {
  const std::string envelope = received(UserCreated{{"ann", 0, "a@b.c", {}}}, 7).envelope;
  set_aside(shop(), "auth", 7, "dead", envelope);
  const auto shown = from_json<DeadLetterAnswer>(send("GET", "/deadletters/shop/auth/7").body);
  EXPECT_EQ(shown.id, "shop/auth/7");
  EXPECT_EQ(shown.event, JsonText{envelope});
  EXPECT_EQ(shown.undecodable, std::nullopt);
  EXPECT_EQ(shown.due, std::nullopt) << "nothing happens to it by itself";
}

TEST_F(DeadLettersTest, what_is_no_event_and_no_utf8_is_shown_all_the_same) {
  set_aside(shop(), "auth", 7, "dead", "{\"broken\xFF", "caf\xE9");
  const auto shown = from_json<DeadLetterAnswer>(send("GET", "/deadletters/shop/auth/7").body);
  EXPECT_EQ(shown.undecodable, "{\"broken?");
  EXPECT_EQ(shown.event, std::nullopt);
  EXPECT_EQ(shown.reason, "caf?");
}

TEST_F(DeadLettersTest, a_place_where_nothing_is_is_not_found) {
  set_aside(shop(), "auth", 7, "dead");
  for (const std::string place :
       {"shop/auth/8", "books/auth/7", "zoo/auth/7", "shop/zoo/7", "shop/auth/x", "shop/auth/-7",
        "shop/auth/0", "shop/auth/99999999999999999999", "shop/auth", "shop/auth/7/burn"}) {
    EXPECT_EQ(send("GET", "/deadletters/" + place).status, 404) << place;
    EXPECT_EQ(post("/deadletters/" + place + "/redrive").status, 404) << place;
    EXPECT_EQ(post("/deadletters/" + place + "/skip").status, 404) << place;
  }
  EXPECT_EQ(send("GET", "/deadletters/shop/auth/7/redrive").status, 404);
  EXPECT_EQ(send("DELETE", "/deadletters/shop/auth/7").status, 404);
  EXPECT_EQ(state_of("shop/auth/7"), "dead");
  EXPECT_EQ(timers_changed_, 0);
}

TEST_F(DeadLettersTest, a_redrive_is_answered_when_it_is_durable_and_wakes_the_service) {
  set_aside(shop(), "auth", 7, "dead");
  EXPECT_EQ(post("/deadletters/shop/auth/7/redrive").status, 204);
  EXPECT_EQ(state_of("shop/auth/7"), "retry");
  EXPECT_EQ(units_[0]->engine().next_due(), kStart);
  EXPECT_EQ(timers_changed_, 1);
  EXPECT_EQ(post("/deadletters/shop/auth/7/redrive").status, 404) << "it is not dead any more";
  EXPECT_EQ(timers_changed_, 1);
}

TEST_F(DeadLettersTest, a_skip_ends_the_wait_of_what_is_behind) {
  set_aside(shop(), "auth", 7, "dead");
  set_aside(shop(), "auth", 8, "behind");
  EXPECT_EQ(post("/deadletters/shop/auth/8/skip").status, 404) << "only what is dead";
  EXPECT_EQ(post("/deadletters/shop/auth/7/skip").status, 204);
  EXPECT_EQ(listed(), Names{"shop/auth/8"});
  EXPECT_EQ(state_of("shop/auth/8"), "retry");
  EXPECT_EQ(timers_changed_, 1);
}

TEST_F(DeadLettersTest, a_web_page_can_change_nothing) {
  set_aside(shop(), "auth", 7, "dead");
  for (const std::string verb : {"/redrive", "/skip"}) {
    const std::string path = "/deadletters/shop/auth/7" + verb;
    EXPECT_EQ(post(path, {}).status, 415);
    for (const std::string type : {"text/plain", "application/x-www-form-urlencoded",
                                   "multipart/form-data", "text/plain; application/json"}) {
      EXPECT_EQ(post(path, {{"Content-Type", type}}).status, 415) << type;
    }
    for (const std::string origin : {"https://evil.example", "http://127.0.0.1:8081", "null"}) {
      EXPECT_EQ(post(path, {kJson[0], {"Origin", origin}}).status, 401) << origin;
    }
  }
  EXPECT_EQ(state_of("shop/auth/7"), "dead");
  EXPECT_EQ(
      post("/deadletters/shop/auth/7/skip", {{"content-type", "Application/JSON; charset=utf-8"}})
          .status,
      204);
}

TEST_F(DeadLettersTest, too_many_writes_that_wait_are_told_to_come_again) {
  set_aside(shop(), "auth", 7, "dead");
  const auto nothing = [](Transaction&) {};
  bool full = false;
  while (!full) {
    try {
      shop().submit(nothing, [](std::exception_ptr) {});
    } catch (const Error&) {
      full = true;
    }
  }
  EXPECT_EQ(send("POST", "/deadletters/shop/auth/7/redrive", {}, kJson).status, 503);
}

}  // namespace
}  // namespace ticketing::test
