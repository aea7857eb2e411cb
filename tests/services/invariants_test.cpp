// The questions of the invariants can tell: each finds what is planted to break it.

#include "invariants.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "support/eventually.hpp"
#include "support/marketplace.hpp"
#include "support/visitor.hpp"

namespace ticketing::test {
namespace {

struct Breach {
  std::string service;  ///< In whose database it is planted.
  std::string sql;
  std::string found;  ///< How the complaint begins.
};

const std::vector<Breach> kBreaches{
    {"orders", "delete from ticketing_log where log_offset = 2", "orders: I3: its log has a gap"},
    {"tickets", "insert into ticketing_meta values ('removed', '1')",
     "tickets: I3: its log has a gap"},
    {"tickets", "insert into ticketing_meta values ('horizon', '3')",
     "tickets: I3: its snapshot holds more"},
    {"orders", "update ticketing_log set version = 0 where version = 1", "orders: I4"},
    {"tickets",
     "insert into ticketing_meta values ('horizon', '2'); update ticketing_log set version = 4"
     " where version = 2",
     "tickets: I4"},
    {"auth",
     "insert into ticketing_log select max(log_offset) + 1, subject, aggregate_id, version + 1,"
     " envelope from ticketing_log",
     "I4: a log with more events"},
    {"payments", "update ticketing_cursors set log_offset = log_offset + 9 where log = 'orders'",
     "payments: I9: past the end of the log of orders"},
    {"tickets",
     "insert into ticketing_inbox values ('orders', 1, 'order:created', 'x', 'dead', 6, 0, '', '')",
     "tickets: an event that was set aside"},
    {"orders", "insert into ticketing_parked values ('ticket', 'x', 3, 9, '{}')", "orders: I5"},
    {"payments", "insert into ticketing_timers values ('refund', 'x', 0, 0, '', null, null)",
     "payments: work that is not done"},
    {"orders", "drop index orders_active; update orders set status = 'complete'",
     "I1: two active orders"},
    {"payments", "update charges set amount_cents = amount_cents + 1", "I2"},
    {"orders", "update orders set status = 'awaiting:payment' where status = 'complete'",
     "an order that did not come to its end"},
    {"tickets", "update tickets set version = version + 1", "I3: a ticket that is not"},
    {"orders", "update orders set version = version + 1", "I3: an order that is not"},
    {"auth", "update users set version = version + 1", "I3: a user that is not"},
    {"payments", "update charges set version = version + 1", "I3: a charge that is not"},
    {"expiration", "delete from ticketing_log where log_offset = 1", "I3: an order whose end"},
    {"orders", "update ticketing_replicas set version = version - 1", "I5: a ticket whose replica"},
    {"payments", "delete from ticketing_replicas", "I5: an order whose replica"},
    {"tickets", "update tickets set order_id = 'x' where order_id is not null",
     "I6: a ticket that is held by no"},
    {"tickets", "update tickets set order_id = null", "I6: an active order that does not hold"},
    {"tickets",
     "update ticketing_log set envelope = json_set(envelope, '$.data.price', 1) where version = 2",
     "I6: a reserved ticket that was edited"},
    {"tickets",
     "update ticketing_log set envelope = json_set(envelope, '$.causationid', 'x')"
     " where version = 2",
     "I6: a reserved ticket that was edited, or freed"},
    {"orders", "update orders set ticket_version = ticket_version + 1",
     "I6: a ticket that was reserved at another version"},
    {"payments", "update charges set order_id = 'x'", "I7: a charge without an order"},
    {"payments",
     "drop index charges_live; drop index charges_of_call; insert into charges select 'x', "
     "order_id,"
     " user_id, amount_cents, status, version, stripe_id, stripe_refund_id, reason, refund_due,"
     " made_by, card_token from charges",
     "I7: two successful charges"},
    {"payments", "update charges set status = 'refunded'", "I7: a charge that was kept"},
    {"payments", "delete from charges", "I7: a complete order that was not charged"},
    {"orders",
     "update ticketing_log set envelope = json_set(envelope, '$.time', '2000') where"
     " subject = 'order:cancelled'",
     "I8: an order that was cancelled as expired before"},
    {"orders",
     "update ticketing_log set envelope = json_set(envelope, '$.data.status', 'complete')"
     " where version = 1",
     "I8: a final order that changed"},
};

/// The database of one service, as it was.
class Undone {
 public:
  explicit Undone(std::string path) : path_(std::move(path)) {
    std::filesystem::copy_file(path_, path_ + ".kept");
  }
  ~Undone() { std::filesystem::rename(path_ + ".kept", path_); }
  Undone(const Undone&) = delete;
  Undone& operator=(const Undone&) = delete;

 private:
  std::string path_;
};

/// One ticket that was ordered in vain and then sold.
void fill_and_stop(Marketplace& market) {
  Visitor seller{market};
  Visitor buyer{market};
  const std::string ticket = seller.sign_up().sell().id;
  const std::string expired = buyer.sign_up().reserve(ticket).id;
  ASSERT_TRUE(eventually([&] { return is_final(buyer.get_order(expired).status); }));
  buyer.pay(buyer.reserve(ticket).id);
  const auto at_rest = [&] {
    return market.gauge("ticketing_log_head", "expiration") == 2 && market.at_rest();
  };
  ASSERT_TRUE(eventually(at_rest));
  for (const auto& [program, status] : market.stop()) EXPECT_EQ(status, 0);
}

TEST(Invariants, each_is_found_broken_when_it_is) {
  MarketplaceOptions options;
  options.hold = "1s";
  Marketplace market{options};
  fill_and_stop(market);
  EXPECT_EQ(lines(broken_invariants(Databases{market})), "");
  for (const Breach& breach : kBreaches) {
    const Undone undone{market.database_of(breach.service)};
    execute(market.database_of(breach.service), breach.sql);
    const auto broken = broken_invariants(Databases{market});
    EXPECT_TRUE(std::any_of(
        broken.begin(), broken.end(),
        [&](const std::string& complaint) { return complaint.starts_with(breach.found); }))
        << breach.found << " is not among\n"
        << lines(broken);
  }
  EXPECT_EQ(lines(broken_invariants(Databases{market})), "");
}

}  // namespace
}  // namespace ticketing::test
