// ticketctl verify on real processes: it holds after load, also while the load goes on, and finds
// what is planted in the logs.

#include <algorithm>
#include <filesystem>

#include "aftermath.hpp"
#include "contract.hpp"
#include "load.hpp"
#include "support/databases.hpp"
#include "support/eventually.hpp"
#include "ticketing/client/audit.hpp"

namespace ticketing::test {
namespace {

class VerifyServices : public testing::TestWithParam<Layout> {
 protected:
  VerifyServices() : market_(options()) {}

  AuditReport verified(int status, std::vector<std::string> more = {}) const {
    more.emplace_back("--json");
    const Outcome outcome = verify(market_, more);
    EXPECT_EQ(outcome.status, status) << outcome.err << outcome.out;
    return from_json<AuditReport>(outcome.out);
  }
  /// Every order is final and nothing is owed: no event will come any more.
  bool comes_to_rest() const {
    return eventually([&] {
      const AuditReport report = verified(0);
      const auto in_flow = [](const AuditRow& row) { return row.in_flow > 0; };
      const auto& rows = report.invariants;
      return std::none_of(rows.begin(), rows.end(), in_flow) && market_.at_rest();
    });
  }
  void load_for(std::int64_t writes) {
    Load load{market_, 6};
    load.start();
    EXPECT_TRUE(eventually([&] { return load.answered() >= writes; }));
    while_loaded();
    load.stop();
    EXPECT_EQ(lines(load.complaints()), "");
  }
  virtual void while_loaded() {}

  Marketplace market_;

 private:
  static MarketplaceOptions options() {
    MarketplaceOptions options;
    options.layout = GetParam();
    options.hold = "1s";
    return options;
  }
};

class VerifyUnderLoad : public VerifyServices {
 protected:
  void while_loaded() override {
    for (int i = 0; i < 5; ++i) {
      const AuditReport report = verified(0);
      EXPECT_TRUE(report.held);
      EXPECT_GT(report.events, 0);
    }
  }
};

TEST_P(VerifyUnderLoad, holds_while_everything_moves_and_at_rest_nothing_is_owed) {
  load_for(400);
  ASSERT_TRUE(comes_to_rest());
  const AuditReport report = verified(0, {"--wait", "20s"});
  EXPECT_EQ(report.owed + report.unexplained, 0);
  for (const AuditRow& row : report.invariants) {
    EXPECT_GT(row.checked, 0) << name_of(row.invariant);
    EXPECT_EQ(row.in_flow, 0) << name_of(row.invariant);
  }
  EXPECT_EQ(report.charged.cents() - report.refunded.cents(), report.sold.cents());
  EXPECT_GT(report.sold.cents(), 0);
}

struct Forgery {
  std::string service;  ///< Whose database is changed.
  std::string sql;
  Invariant broken;
};

/// Events that the log holds otherwise than they were published.
const std::vector<Forgery> kForgeries{
    {"orders",
     "update ticketing_log set envelope = json_set(envelope, '$.data.status', 'complete')"
     " where subject = 'order:created' and log_offset = (select min(log_offset) from "
     "ticketing_log)",
     Invariant::order_life},
    {"payments",
     "update ticketing_log set envelope = json_set(envelope, '$.data.amount', 0.01)"
     " where log_offset = (select min(log_offset) from ticketing_log where"
     " subject = 'payment:created')",
     Invariant::conservation},
    {"tickets",
     "update ticketing_log set envelope = json_set(envelope, '$.data.price', 1)"
     " where log_offset = (select min(log_offset) from ticketing_log where"
     " json_extract(envelope, '$.data.orderId') is not null)",
     Invariant::reservations},
    {"tickets", "update tickets set title = 'Forged'", Invariant::copies},
    {"tickets",
     "update ticketing_log set version = 0, envelope = json_set(envelope, '$.aggregateversion', 0,"
     " '$.data.version', 0) where log_offset = (select min(log_offset) from ticketing_log where"
     " version = 1)",
     Invariant::effects_once},
    {"payments",
     "update ticketing_log set envelope = json_set(envelope, '$.data.orderId', 'nobody')"
     " where log_offset = (select min(log_offset) from ticketing_log)",
     Invariant::charges},
    {"expiration",
     "update ticketing_log set envelope = json_set(envelope, '$.time', '2020-01-01T00:00:00.000Z')"
     " where log_offset = 1",
     Invariant::order_life},
    {"orders",
     "delete from ticketing_log where log_offset = (select min(log_offset) from ticketing_log"
     " where subject = 'order:updated')",
     Invariant::complete_logs},
    {"orders",
     "update ticketing_log set envelope = json_set(envelope, '$.data.ticket.title', 'Forged')"
     " where aggregate_id = (select aggregate_id from ticketing_log where"
     " subject = 'order:updated' limit 1)",
     Invariant::copies},
    {"orders",
     "update ticketing_log set envelope = json_set(envelope, '$.data.ticket.id',"
     " (select json_extract(envelope, '$.data.ticket.id') from ticketing_log"
     "  where json_extract(envelope, '$.data.status') = 'complete' order by log_offset limit 1))"
     " where aggregate_id = (select aggregate_id from ticketing_log where"
     " subject = 'order:created' order by log_offset desc limit 1)",
     Invariant::one_active_order},
};

class VerifyForgeries : public VerifyServices {
 protected:
  void forge(const Forgery& forgery) {
    const std::string path = market_.database_of(forgery.service);
    std::filesystem::copy_file(path, path + ".kept",
                               std::filesystem::copy_options::overwrite_existing);
    execute(path, forgery.sql);
    restart();
    const AuditReport told = verified(1);
    const AuditRow& row = told.invariants.at(static_cast<std::size_t>(forgery.broken));
    EXPECT_GT(row.breaches, 0) << forgery.sql << '\n' << to_json(told);
    EXPECT_FALSE(told.held);
    stop();
    std::filesystem::rename(path + ".kept", path);
  }
  void restart() {
    market_.start("auth");
    market_.wait_until_ready();
  }
  void stop() {
    for (const auto& [program, status] : market_.stop()) EXPECT_EQ(status, 0) << program;
  }
};

TEST_P(VerifyForgeries, are_found) {
  load_for(200);
  ASSERT_TRUE(comes_to_rest());
  EXPECT_EQ(verify(market_, {"--wait", "20s"}).status, 0);
  stop();
  for (const Forgery& forgery : kForgeries) forge(forgery);
  restart();
  EXPECT_EQ(verify(market_).status, 0);
  stop();
  const Outcome down = verify(market_);
  EXPECT_EQ(down.status, 6) << down.err;
  EXPECT_EQ(down.out, "");
}

INSTANTIATE_TEST_SUITE_P(Layouts, VerifyUnderLoad, testing::Values(Layout::one, Layout::five),
                         layout_name);
INSTANTIATE_TEST_SUITE_P(Layouts, VerifyForgeries, testing::Values(Layout::one), layout_name);

}  // namespace
}  // namespace ticketing::test
