// The marketplace as deploy/local lays it out: two instances of each service behind nginx, on
// PostgreSQL and NATS, each of which is killed and started again under load.

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <sstream>

#include "aftermath.hpp"
#include "support/at_once.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/core/json.hpp"

namespace ticketing::test {
namespace {

constexpr std::chrono::seconds kUp{120};

/// state.json, as far as it is needed here; deploy/README.md has all of it.
struct DeployedState {
  std::string url;
  static constexpr std::array kFields{field<&DeployedState::url>("url")};
};

class Deployed : public testing::Test {
 protected:
  void SetUp() override {
    do_it({"up", "--while", std::to_string(::getpid())});
    std::ostringstream text;
    text << std::ifstream{folder_.file("state.json")}.rdbuf();
    url_ = from_json<DeployedState>(text.str()).url;
  }
  void TearDown() override { do_it({"down"}); }

  void do_it(std::vector<std::string> words) const {
    words.insert(words.begin(), TICKETING_DEPLOY "/local");
    words.insert(words.end(), {"--data-dir", folder_.path(), "--programs", folder_of_programs()});
    const Outcome outcome = run_to_end({"/usr/bin/python3",
                                        words,
                                        {{"TICKETING_SIGN_UPS_A_MINUTE", "1000000"},
                                         {"TICKETING_HOLD", "3s"},
                                         {"TICKETING_LOG_LEVEL", "warning"}},
                                        {}},
                                       kUp);
    if (outcome.status == 0) return;
    throw std::runtime_error("deploy/local " + words[1] + ": " + outcome.err + outcome.out);
  }
  void kill_and_start(const std::string& part) const {
    do_it({"kill", part});
    do_it({"start", part});
  }
  Visitor::OriginOf origin() const {
    return [this](std::string_view) { return url_; };
  }
  static bool all_orders_have_ended(Load& load) {
    for (std::size_t i = 0; i < load.size(); ++i) {
      Visitor& visitor = load.visitor(i);
      for (const std::string& order : load.diary(i).orders) {
        if (!is_final(visitor.get_order(order).status)) return false;
      }
    }
    return true;
  }
  /// Nothing is broken and, after a while, nothing owed: `ticketctl verify`.
  void expect_verified() const { EXPECT_NO_THROW(do_it({"verify"})); }

  const TempFolder folder_{fast_folder()};
  std::string url_;
};

TEST_F(Deployed, whatever_is_killed_under_load_nothing_is_lost) {
  constexpr std::int64_t kWritesBetween = 60;
  Load load{origin(), 8};
  load.start();
  std::minstd_rand random{7};
  std::vector<std::string> parts{"postgres", "nats", "ingress"};
  for (const std::string& service : kServices) {
    parts.push_back(service + "-" + std::to_string(1 + random() % 2));
  }
  std::shuffle(parts.begin(), parts.end(), random);
  for (const std::string& part : parts) {
    ASSERT_TRUE(load.answers(kWritesBetween, kUp)) << "before " << part;
    kill_and_start(part);
  }
  ASSERT_TRUE(load.answers(kWritesBetween, kUp));
  load.stop();
  ASSERT_TRUE(eventually([&] { return all_orders_have_ended(load); }, kRest));
  expect_verified();
  EXPECT_EQ(lines(load.complaints()), "");
  expect_answered_writes(load);
  expect_answered_accounts(load);
  expect_conservation(load);
}

TEST_F(Deployed, of_many_buyers_of_one_ticket_one_gets_it) {
  constexpr std::size_t kBuyers = 50;
  constexpr int kRounds = 5;
  Visitor seller{origin()};
  seller.sign_up();
  std::vector<Visitor> buyers(kBuyers, Visitor{origin()});
  at_once(kBuyers, [&](std::size_t i) { buyers[i].sign_up(); });
  for (int round = 0; round < kRounds; ++round) {
    const std::string ticket = seller.sell().id;
    std::atomic<int> placed{0};
    at_once(kBuyers, [&](std::size_t i) {
      const Response answer = buyers[i].post("/api/orders", order_for(ticket));
      if (answer.status == 201) ++placed;
      EXPECT_TRUE(answer.status == 201 || answer.status == 400) << answer.status << answer.body;
    });
    EXPECT_EQ(placed, 1);
  }
  expect_verified();
}

}  // namespace
}  // namespace ticketing::test
