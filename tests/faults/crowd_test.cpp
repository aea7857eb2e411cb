// A thousand buyers for one ticket, over real HTTP: exactly one is answered 201.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "rounds.hpp"
#include "services/aftermath.hpp"
#include "services/rush.hpp"
#include "support/databases.hpp"
#include "ticketing/auth/tokens.hpp"
#include "ticketing/client/answers.hpp"
#include "ticketing/core/random.hpp"

namespace ticketing::test {
namespace {

constexpr std::size_t kBuyers = 1'000;

/// Each has a connection, which is more than a process may have open by default.
void raise_descriptor_limit() {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_GT(limit.rlim_cur, 2 * kBuyers);
}

/// Users with tokens under the marketplace's own key: signing up would cost each a password hash.
std::vector<Visitor> crowd(const Marketplace& market) {
  const SigningKey key =
      SigningKey::load_or_create(market.data_dir() + "/auth.key", system_random());
  const Timestamp now = system_clock().now();
  std::vector<Visitor> buyers(kBuyers, Visitor{market});
  for (Visitor& buyer : buyers) {
    buyer.id = new_id(now, system_random());
    buyer.email = fresh_email();
    buyer.token = key.issue({buyer.id, buyer.email, now, now + std::chrono::hours{1}});
  }
  return buyers;
}

void expect_one_winner(const std::vector<Response>& answers) {
  std::map<int, std::size_t> by_status;
  for (const Response& answer : answers) ++by_status[answer.status];
  EXPECT_EQ(by_status, (std::map<int, std::size_t>{{201, 1}, {400, answers.size() - 1}}));
  const auto refused = [](const Response& answer) {
    return answer.status == 201 || answer.body.find("ticket_reserved") != std::string::npos;
  };
  const auto other = std::find_if_not(answers.begin(), answers.end(), refused);
  EXPECT_TRUE(other == answers.end()) << other->body;
}

TEST(Crowd, of_a_thousand_buyers_exactly_one_gets_the_ticket) {
  raise_descriptor_limit();
  const auto rounds = rounds_of({100, 100, 1'000});
  Marketplace market{five_with_hold("15m")};
  Visitor seller{market};
  seller.sign_up();
  Rush rush{crowd(market)};
  rush.run(
      static_cast<std::size_t>(rounds), [&] { return seller.sell().id; },
      [&] { expect_one_winner(rush.answers()); });
  const Databases stored{market};
  EXPECT_EQ(stored.number("select count(*) from orders.orders"), rounds);
  EXPECT_EQ(stored.number("select count(distinct ticket_id) from orders.orders"), rounds);
}

}  // namespace
}  // namespace ticketing::test
