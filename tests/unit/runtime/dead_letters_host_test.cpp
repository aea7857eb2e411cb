// Dead letters of a whole program in this process: threads, sockets, ticks.

#include <gtest/gtest.h>

#include <mutex>
#include <set>

#include "running_host.hpp"
#include "ticketing/core/json.hpp"
#include "ticketing/messaging/dead_letter.hpp"

namespace ticketing::test {
namespace {

using Names = std::vector<std::string>;

const Headers kJson{{"Content-Type", "application/json"}};

/// A whole program: one service tells of users, another refuses those that a test names.
class DeadLettersHostTest : public testing::Test {
 protected:
  void define_auth(Service& service) const {
    service.provide_jwks(SigningKey{SigningKey::Seed{}}.jwks());
    service.post("/users/:id", Access::open, [](Context& ctx) {
      ctx.publish(UserCreated{{ctx.param("id"), 0, "a@b.c", {}}});
      ctx.publish(UserUpdated{{ctx.param("id"), 1, "a@b.c", {}}});
      return Response::json(201, "{}");
    });
  }
  void define_shop(Service& service) {
    service.on<UserCreated>([this](const UserFact& user, Context& ctx) { take(user, ctx); });
    service.on<UserUpdated>([this](const UserFact& user, Context& ctx) { take(user, ctx); });
  }
  void take(const UserFact& user, Context&) {
    const std::lock_guard guard{mutex_};
    if (refused_.contains(user.id)) throw Error(ErrorCode::refused, "not this one");
    taken_.push_back(user.id + std::to_string(user.version));
  }
  void refuse(std::set<std::string> ids) {
    const std::lock_guard guard{mutex_};
    refused_ = std::move(ids);
  }
  Names taken() {
    const std::lock_guard guard{mutex_};
    return taken_;
  }
  bool comes_to(const Names& expected) {
    return eventually([&] { return taken() == expected; });
  }
  int post(const std::string& path) {
    HttpClient client{"http://127.0.0.1:" + std::to_string(host_->admin_port())};
    return client.send("POST", path, kJson).status;
  }

  std::mutex mutex_;
  std::set<std::string> refused_;
  Names taken_;
  RunningHost host_{Program{"both",
                            "for tests",
                            {{"auth", [this](Service& service) { define_auth(service); }},
                             {"shop", [this](Service& service) { define_shop(service); }}}}};
};

TEST_F(DeadLettersHostTest, a_redriven_event_runs_and_what_waits_behind_it_follows) {
  ASSERT_TRUE(host_.gets_ready());
  refuse({"bad"});
  ASSERT_EQ(host_.send("POST", "/users/bad").status, 201);
  ASSERT_EQ(host_.send("POST", "/users/good").status, 201);
  ASSERT_TRUE(comes_to({"good0", "good1"}));
  const auto letters = list_from_json<DeadLetterAnswer>(host_.admin("/deadletters").body);
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(letters[0].state + ": " + letters[0].reason, "dead: not this one");
  EXPECT_EQ(letters[1].state, "behind");
  refuse({});
  EXPECT_EQ(post("/deadletters/" + letters[0].id + "/redrive"), 204);
  EXPECT_TRUE(comes_to({"good0", "good1", "bad0", "bad1"}));
  EXPECT_TRUE(eventually([&] { return host_.admin("/deadletters").body == "[]"; }));
}

TEST_F(DeadLettersHostTest, one_that_is_refused_again_is_dead_again_and_can_be_skipped) {
  ASSERT_TRUE(host_.gets_ready());
  refuse({"bad"});
  ASSERT_EQ(host_.send("POST", "/users/bad").status, 201);
  const auto is_dead = [&] {
    return list_from_json<DeadLetterAnswer>(host_.admin("/deadletters?state=dead").body).size() ==
           1;
  };
  ASSERT_TRUE(eventually(is_dead));
  EXPECT_EQ(post("/deadletters/shop/auth/1/redrive"), 204);
  ASSERT_TRUE(eventually(is_dead));
  refuse({});
  EXPECT_EQ(post("/deadletters/shop/auth/1/skip"), 204);
  EXPECT_TRUE(comes_to({"bad1"}));
}

}  // namespace
}  // namespace ticketing::test
