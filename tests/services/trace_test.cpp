// What one buyer's request leads to carries its id through all services, their timers and their
// logs, and ticketctl trace shows it.

#include <algorithm>

#include "contract.hpp"
#include "support/databases.hpp"
#include "support/eventually.hpp"

namespace ticketing::test {
namespace {

/// What the tests look at of an event that `trace --json` lists.
struct Traced {
  std::string id;
  std::optional<std::string> causation_id;
  std::string correlation_id;
  std::string cause;
  std::int64_t depth = 0;
  std::string subject;
  std::string aggregate_id;
  std::int64_t version = 0;
  static constexpr std::array kFields{
      field<&Traced::id>("id"),
      field<&Traced::causation_id>("causationId"),
      field<&Traced::correlation_id>("correlationId"),
      field<&Traced::cause>("cause"),
      field<&Traced::depth>("depth"),
      field<&Traced::subject>("subject"),
      field<&Traced::aggregate_id>("aggregateId"),
      field<&Traced::version>("version"),
  };
};
using Lines = std::vector<std::string>;

class TraceServices : public testing::TestWithParam<Layout> {
 protected:
  TraceServices() : market_(options()) {
    seller_.sign_up();
    buyer_.sign_up();
  }

  Outcome trace(const std::string& id, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"trace", id};
    const bool all = GetParam() == Layout::one;
    for (const std::string& service : all ? Lines{"auth"} : kServices) {
      words.insert(words.end(), {"--peer", market_.bus_of(service)});
    }
    words.insert(words.end(), more.begin(), more.end());
    return run_to_end({path_of_program("ticketctl"), words, {}, {}});
  }
  std::vector<Traced> traced(const std::string& id) const {
    const Outcome outcome = trace(id, {"--json"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return list_from_json<Traced>(outcome.out);
  }
  /// `order:created v0 r1`, below it what it has caused.
  Lines tree_of(const std::string& id) const {
    Lines lines;
    for (const Traced& event : traced(id)) {
      lines.push_back(std::string(static_cast<std::size_t>(2 * event.depth), ' ') + event.subject +
                      " v" + std::to_string(event.version) + ' ' + event.correlation_id);
    }
    return lines;
  }
  /// The events of all logs with that correlation, as the databases know them.
  std::int64_t stored_with(const std::string& correlation) const {
    const Databases stored{market_};
    std::int64_t count = 0;
    for (const std::string& service : kServices) {
      count += stored.number("select count(*) from " + service +
                             ".ticketing_log where json_extract(envelope, '$.correlationid') = '" +
                             correlation + "'");
    }
    return count;
  }

  OrderAnswer order(const std::string& ticket, const std::string& request) {
    return answer_of<OrderAnswer>(
        buyer_.post("/api/orders", order_for(ticket), {{"X-Request-Id", request}}), 201);
  }
  bool becomes(const std::string& id, OrderStatus status) {
    return eventually([&] {
      try {
        return buyer_.get_order(id).status == status;
      } catch (const Error&) {  // The connection has ended with the service.
        return false;
      }
    });
  }
  bool has_told(const std::string& request, std::int64_t events) const {
    return eventually([&] { return stored_with(request) >= events; });
  }

  Marketplace market_;
  Visitor seller_{market_};
  Visitor buyer_{market_};

 private:
  static MarketplaceOptions options() {
    MarketplaceOptions options;
    options.layout = GetParam();
    options.hold = "3s";
    options.adjust = [](const std::string&, Command& command) {
      std::replace(command.arguments.begin(), command.arguments.end(), std::string{"warning"},
                   std::string{"debug"});
    };
    return options;
  }
};

TEST_P(TraceServices, a_sale_is_two_requests_whose_ids_are_on_all_that_they_lead_to) {
  const std::string ordering = "ordering." + fresh_key();
  const std::string paying = "paying." + fresh_key();
  const TicketAnswer ticket = seller_.sell();
  const OrderAnswer placed = order(ticket.id, ordering);
  ASSERT_TRUE(becomes(placed.id, OrderStatus::awaiting_payment));
  ASSERT_EQ(buyer_.post("/api/payments", payment_for(placed.id), {{"X-Request-Id", paying}}).status,
            201);
  ASSERT_TRUE(becomes(placed.id, OrderStatus::complete));
  ASSERT_TRUE(has_told(ordering, 4));
  const Lines ordered{"order:created v0 " + ordering, "  ticket:updated v1 " + ordering,
                      "    order:updated v1 " + ordering, "  expiration:complete v0 " + ordering};
  const Lines paid{"payment:created v0 " + paying, "  order:updated v2 " + paying};
  Lines both = ordered;
  both.insert(both.end(), paid.begin(), paid.end());
  EXPECT_EQ(tree_of(placed.id), both);
  EXPECT_EQ(tree_of(ordering), ordered);
  EXPECT_EQ(tree_of(paying), paid);
  EXPECT_EQ(stored_with(ordering), std::ssize(ordered));
  EXPECT_EQ(stored_with(paying), std::ssize(paid));
  EXPECT_EQ(tree_of(ticket.id).size(), both.size() + 1);  // And how it came to be.
  EXPECT_EQ(trace(placed.id).out.substr(0, 8 + ordering.size()), "request " + ordering);
}

TEST_P(TraceServices, an_order_that_expires_keeps_its_requests_id_through_a_crash) {
  const std::string ordering = "ordering." + fresh_key();
  const OrderAnswer placed = order(seller_.sell().id, ordering);
  ASSERT_TRUE(has_told(ordering, 3));
  market_.kill("expiration");
  market_.start("expiration");
  market_.wait_until_ready();
  ASSERT_TRUE(becomes(placed.id, OrderStatus::cancelled));
  ASSERT_TRUE(has_told(ordering, 6));
  EXPECT_EQ(tree_of(placed.id),
            (Lines{"order:created v0 " + ordering, "  ticket:updated v1 " + ordering,
                   "    order:updated v1 " + ordering, "  expiration:complete v0 " + ordering,
                   "    order:cancelled v2 " + ordering, "      ticket:updated v2 " + ordering}));
}

TEST_P(TraceServices, a_declined_card_is_the_cause_of_what_is_undone) {
  const std::string paying = "paying." + fresh_key();
  const OrderAnswer placed = buyer_.reserve(seller_.sell().id);
  EXPECT_EQ(buyer_
                .post("/api/payments", payment_for(placed.id, "tok_chargeDeclined"),
                      {{"X-Request-Id", paying}})
                .status,
            400);
  ASSERT_TRUE(has_told(paying, 3));
  EXPECT_EQ(tree_of(paying), (Lines{"payment:failed v0 " + paying, "  order:cancelled v2 " + paying,
                                    "    ticket:updated v2 " + paying}));
}

TEST_P(TraceServices, the_line_of_a_request_in_its_services_log_carries_its_id) {
  const std::string ordering = "ordering." + fresh_key();
  order(seller_.sell().id, ordering);
  const auto is_told = [&] {
    const std::string log = market_.process_of("orders").err();
    const auto at = log.find("\"correlation_id\":\"" + ordering + '"');
    if (at == std::string::npos) return false;
    const auto start = log.rfind('\n', at) + 1;
    return log.substr(start, at - start).find(R"("message":"answered","method":"POST")") !=
           std::string::npos;
  };
  EXPECT_TRUE(eventually(is_told)) << market_.logs();
}

TEST_P(TraceServices, nothing_is_found_of_an_id_that_nobody_has) {
  const Outcome outcome = trace(fresh_key());
  EXPECT_EQ(outcome.status, 3) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST_P(TraceServices, a_publisher_that_is_down_is_named) {
  market_.kill("orders");
  const Outcome outcome = trace("anything");
  EXPECT_EQ(outcome.status, 6) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("no publisher answers at " + market_.bus_of("orders")),
            std::string::npos)
      << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(Layouts, TraceServices, testing::Values(Layout::one, Layout::five),
                         layout_name);

}  // namespace
}  // namespace ticketing::test
