// The fourth example beside a marketplace that has been selling for a while: what it says at each
// turn is compared with 04_notifications.expected.

#include <gtest/gtest.h>

#include "examples/expected.hpp"
#include "support/eventually.hpp"
#include "support/marketplace.hpp"
#include "support/visitor.hpp"

namespace ticketing::test {
namespace {

class Notifications : public testing::Test {
 protected:
  /// Started as its first comment says, with ports that are free.
  void start() {
    process_.reset();
    process_.emplace(command_);
    ASSERT_TRUE(eventually([&] { return ready() || !process_->running(); }));
    ASSERT_TRUE(process_->running()) << process_->err();
  }
  bool ready() const {
    try {
      return HttpClient{"http://" + admin_}.send("GET", "/readyz").status == 200;
    } catch (const Error&) {
      return false;
    }
  }
  std::string notices() const {
    const Response page = HttpClient{"http://" + api_}.send("GET", "/api/notices");
    EXPECT_EQ(page.status, 200) << page.body;
    return page.body;
  }
  std::string metrics() const {
    return HttpClient{"http://" + admin_}.send("GET", "/metrics").body;
  }

  /// The buyer `name` signs up, and buys from a seller of their own.
  void sale(const std::string& name, const std::string& title, const std::string& price) {
    Visitor seller{market_};
    const TicketAnswer ticket = seller.sign_up().sell(title, price);
    Visitor buyer{market_};
    const Response joined = buyer.post("/api/users/signup", credentials(name + "@example.com"));
    ASSERT_EQ(joined.status, 201) << joined.body;
    buyer.take_token(joined);
    const OrderAnswer order = buyer.reserve(ticket.id);
    buyer.pay(order.id);
    ASSERT_TRUE(
        eventually([&] { return buyer.get_order(order.id).status == OrderStatus::complete; }));
  }
  /// Waits until `name` is in the notices, and writes these down under `heading`.
  void note(const std::string& heading, const std::string& name) {
    EXPECT_TRUE(eventually([&] { return notices().find(name) != std::string::npos; })) << notices();
    transcript_ += heading + '\n' + notices() + '\n';
  }

  Marketplace market_;
  TempFolder folder_;
  std::string api_ = "127.0.0.1:" + std::to_string(free_port());
  std::string admin_ = "127.0.0.1:" + std::to_string(free_port());
  Command command_{
      path_of_program("example_04_notifications"),
      {"--dev", "--data-dir", folder_.file("notifications"), "--listen", api_, "--admin", admin_,
       "--bus-bind", "tcp://127.0.0.1:0", "--peer", "auth=" + market_.bus_of("auth"), "--peer",
       "orders=" + market_.bus_of("orders"), "--jwks",
       market_.origin_of("/.well-known") + "/.well-known/jwks.json"},
      {},
      {}};
  std::optional<Process> process_;
  std::string transcript_;
};

TEST_F(Notifications, know_every_sale_once_whenever_it_was_made) {
  sale("ann", "Concert", "20");
  start();
  note("It joins late, and knows the sale that it has missed:", "ann");
  sale("ben", "Opera", "19.99");
  note("A sale arrives live:", "ben");
  process_->kill();
  start();
  note("After kill -9 and a new start, nothing is lost or doubled:", "ben");
  process_->kill();
  sale("cat", "Ballet", "0.01");
  start();
  note("A sale made while it was down is known, too:", "cat");
  EXPECT_EQ(transcript_, expected_of("04_notifications"));
  EXPECT_NE(metrics().find(R"(ticketing_dead_letters{service="notifications"} 0)"),
            std::string::npos);
  EXPECT_EQ(process_->terminate(kDeadline), 0) << process_->err();
}

}  // namespace
}  // namespace ticketing::test
