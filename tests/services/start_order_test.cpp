// Five processes know each other by their endpoints alone: who is first does not matter.

#include <algorithm>

#include "contract.hpp"

namespace ticketing::test {
namespace {

class StartOrder : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(StartOrder, does_not_matter_to_five_processes) {
  MarketplaceOptions options;
  options.layout = Layout::five;
  options.start_order = GetParam();
  Marketplace market{options};
  Visitor seller{market};
  Visitor buyer{market};
  const TicketAnswer ticket = seller.sign_up().sell();
  const OrderAnswer order = buyer.sign_up().order(ticket.id);
  buyer.pay(order.id);
  EXPECT_TRUE(
      eventually([&] { return buyer.get_order(order.id).status == OrderStatus::complete; }));
  EXPECT_EQ(buyer.ticket(ticket.id).order_id, order.id);
  for (const auto& [program, status] : market.stop()) EXPECT_EQ(status, 0) << program;
}

/// Each service is once the first and once the last.
std::vector<std::vector<std::string>> orders() {
  std::vector<std::vector<std::string>> all;
  std::vector<std::string> order = kServices;
  for (std::size_t i = 0; i < kServices.size(); ++i) {
    all.push_back(order);
    std::rotate(order.begin(), order.begin() + 1, order.end());
  }
  all.emplace_back(kServices.rbegin(), kServices.rend());
  return all;
}

std::string order_name(const testing::TestParamInfo<std::vector<std::string>>& info) {
  const bool reverse = info.index == kServices.size();
  return info.param.front() + "_first_" + info.param.back() + "_last" +
         (reverse ? "_in_reverse" : "");
}

INSTANTIATE_TEST_SUITE_P(StartOrder, StartOrder, testing::ValuesIn(orders()), order_name);

}  // namespace
}  // namespace ticketing::test
