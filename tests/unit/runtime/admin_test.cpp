// The second listener: health, metrics, version.

#include "runtime/admin.hpp"

#include <gtest/gtest.h>

#include "runtime/metrics.hpp"

namespace ticketing::test {
namespace {

using runtime::admin_handler;

class Admin : public testing::Test {
 protected:
  Response get(const std::string& path, const std::string& method = "GET") {
    Request request;
    request.method = method;
    request.path = path;
    return handler_(request, {}).response.value();
  }

  bool ready_ = true;
  std::vector<SubscriptionStatus> statuses_;
  HttpHandler handler_ = admin_handler({.ready = [this] { return ready_; },
                                        .statuses = [this] { return statuses_; },
                                        .metrics = [] { return std::string{"a_metric 1\n"}; }});
};

TEST_F(Admin, a_process_that_answers_lives) {
  ready_ = false;
  EXPECT_EQ(get("/livez").status, 200);
  EXPECT_EQ(get("/livez").body, R"({"live":true})");
}

TEST_F(Admin, readiness_is_a_status_with_the_state_of_each_subscription) {
  statuses_ = {{"orders", "tickets", true, 0, 7, {}, true}};
  EXPECT_EQ(get("/readyz").status, 200);
  EXPECT_EQ(get("/readyz").body,
            R"({"ready":true,"subscriptions":[{"service":"orders","log":"tickets",)"
            R"("caughtUp":true,"lag":0,"applied":7,"joined":true}]})");
}

TEST_F(Admin, what_is_not_ready_answers_503_and_says_what_is_refused) {
  ready_ = false;
  statuses_ = {{"orders", "tickets", false, 3, 7, "it came back shorter"}};
  const Response page = get("/readyz");
  EXPECT_EQ(page.status, 503);
  EXPECT_NE(page.body.find(R"("ready":false)"), std::string::npos);
  EXPECT_NE(page.body.find(R"("lag":3)"), std::string::npos);
  EXPECT_NE(page.body.find(R"("refusal":"it came back shorter")"), std::string::npos);
}

TEST_F(Admin, metrics_are_plain_text_and_the_version_is_json) {
  EXPECT_EQ(get("/metrics").body, "a_metric 1\n");
  EXPECT_TRUE(get("/metrics").content_type.starts_with("text/plain"));
  EXPECT_EQ(get("/version").body, R"({"version":")" + std::string{runtime::version()} + R"("})");
}

TEST_F(Admin, only_reading_is_possible) {
  EXPECT_EQ(get("/livez", "HEAD").status, 200);
  EXPECT_EQ(get("/livez", "POST").status, 404);
  EXPECT_EQ(get("/").status, 404);
  EXPECT_EQ(get("/livez/x").status, 404);
}

TEST(MetricsPage, requests_are_counted_by_route_and_gauges_are_as_they_are_now) {
  runtime::Metrics metrics;
  metrics.count_request("GET", "/api/tickets/:id", 200, std::chrono::milliseconds{3});
  metrics.count_request("GET", "/api/tickets/:id", 200, std::chrono::milliseconds{4});
  runtime::ServiceGauges gauges;
  gauges.service = "tickets";
  gauges.log.head = 41;
  metrics.page({gauges}, {}, {});
  gauges.log.head = 42;
  gauges.healthy = false;
  const std::string page = metrics.page({gauges}, {{"orders", "tickets", false, 5, 37, {}}}, {});
  for (const std::string line : {R"(ticketing_http_request_seconds_count{method="GET",)"
                                 R"(route="/api/tickets/:id",status="200"} 2)",
                                 R"(ticketing_log_head{service="tickets"} 42)",
                                 R"(ticketing_database_healthy{service="tickets"} 0)",
                                 R"(ticketing_consumer_lag{log="tickets",service="orders"} 5)"}) {
    EXPECT_NE(page.find(line), std::string::npos) << line << " is not in\n" << page;
  }
}

TEST(MetricsPage, tells_how_large_a_log_is_and_for_whom_it_is_kept) {
  runtime::Metrics metrics;
  runtime::ServiceGauges gauges;
  gauges.service = "tickets";
  gauges.log = {.head = 42,
                .horizon = 30,
                .events = 15,
                .oldest_seconds = 7,
                .consumers = {{"orders", 40, 3}, {"gone", 30, 9}},
                .consumers_forgotten = 1};
  gauges.size = {4096, 512};
  EXPECT_NE(metrics.page({gauges}, {}, {}).find(R"(consumer="gone")"), std::string::npos);
  gauges.log.consumers.pop_back();
  const std::string page = metrics.page({gauges}, {}, {});
  for (const std::string line :
       {R"(ticketing_log_horizon{service="tickets"} 30)",
        R"(ticketing_log_events{service="tickets"} 15)",
        R"(ticketing_log_oldest_seconds{service="tickets"} 7)",
        R"(ticketing_log_consumers_forgotten{service="tickets"} 1)",
        R"(ticketing_log_consumer_cursor{consumer="orders",service="tickets"} 40)",
        R"(ticketing_log_consumer_lag{consumer="orders",service="tickets"} 2)",
        R"(ticketing_log_consumer_silent_seconds{consumer="orders",service="tickets"} 3)",
        R"(ticketing_database_bytes{service="tickets"} 4096)",
        R"(ticketing_database_free_bytes{service="tickets"} 512)"}) {
    EXPECT_NE(page.find(line), std::string::npos) << line << " is not in\n" << page;
  }
  EXPECT_EQ(page.find(R"(consumer="gone")"), std::string::npos) << "who is forgotten is gone";
}

}  // namespace
}  // namespace ticketing::test
