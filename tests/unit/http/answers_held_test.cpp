// Answers that clients do not take: memory for them is bounded, and who takes them is served.

#include "server_fixture.hpp"

namespace ticketing::test {
namespace {

constexpr std::size_t kAnswer = 8 << 20;  // More than a socket takes by itself.

TEST(AnswersHeld, clients_that_do_not_take_them_are_cut_off_beyond_the_memory_for_all) {
  HttpLimits limits;
  limits.bytes_held_max = 2 * kAnswer + 4096;  // With their heads.
  RunningServer server{[](Request& request, const Attempt&) {
                         const std::size_t size = request.path == "/big" ? kAnswer : 2;
                         return HandlerResult{Response::json(200, std::string(size, 'x'))};
                       },
                       options_with(1, limits)};
  std::vector<RawClient> deaf;
  for (int i = 0; i < 10; ++i) {
    deaf.push_back(server.connect());
    ASSERT_TRUE(deaf.back().send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n"));
  }
  EXPECT_TRUE(eventually([&] { return server->stats().requests == 10; }));
  EXPECT_TRUE(eventually([&] { return server->stats().connections_open == 3; }));
  EXPECT_EQ(server->stats().refused_overload, 7U);
  EXPECT_EQ(server.exchange(kGet).status, 200);
  int whole = 0;
  for (RawClient& client : deaf) whole += client.read_response().status == 200 ? 1 : 0;
  EXPECT_EQ(whole, 3);
}

}  // namespace
}  // namespace ticketing::test
