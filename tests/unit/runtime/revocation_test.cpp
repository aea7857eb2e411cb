// When a sign-out counts: from its commit on, and not if there is none.

#include "stepped_engine.hpp"

namespace ticketing::test {
namespace {

Response sign_out(Context& ctx) {
  // Large, so that it needs room.
  ctx.publish(UserUpdated{{ctx.user().user_id, 1, std::string(100'000, 'x'), ctx.now()}});
  return Response::json(200, "{}");
}

class Revocation : public testing::Test {
 protected:
  int sign_out_with(const std::pair<std::string, std::string>& credentials) {
    return engine_.send(request("POST", "/signout", "{}", {credentials})).status;
  }
  void limit_pages(int count) {
    const std::string pragma = "PRAGMA max_page_count = " + std::to_string(count);
    engine_.database().write([&](Transaction& tx) { tx.first<std::int64_t>(pragma); });
  }

  SteppedEngine engine_{
      [](Service& service) { service.post("/signout", Access::require_user, &sign_out); },
      {},
      "auth"};
};

TEST_F(Revocation, counts_from_the_commit_on) {
  const auto credentials = engine_.bearer("ann");
  engine_.clock.time += milliseconds{1};
  EXPECT_EQ(sign_out_with(credentials), 200);
  EXPECT_EQ(sign_out_with(credentials), 401);
  engine_.restart();
  EXPECT_EQ(sign_out_with(credentials), 401);
  EXPECT_EQ(sign_out_with(engine_.bearer("ann")), 200);
}

// Or the same request, made again, would find nobody who is signed in, and nothing to commit.
TEST_F(Revocation, that_found_the_disk_full_can_be_asked_for_again) {
  const auto credentials = engine_.bearer("ann");
  engine_.clock.time += milliseconds{1};
  limit_pages(1);  // Not a page more than there is.
  EXPECT_EQ(sign_out_with(credentials), 503);
  limit_pages(1'000'000);
  EXPECT_EQ(sign_out_with(credentials), 200);
  EXPECT_EQ(sign_out_with(credentials), 401);
}

}  // namespace
}  // namespace ticketing::test
