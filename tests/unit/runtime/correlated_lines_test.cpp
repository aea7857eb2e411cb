// Log lines: whatever a request leads to, in whichever service, is told with the request's id.

#include "stepped_engine.hpp"

namespace ticketing::test {
namespace {

class CorrelatedLines : public testing::Test {
 protected:
  Request send(const std::string& path) {
    Request sent = request("POST", path, "{}");
    engine_.send(sent);
    return sent;
  }
  void expect_line(const std::string& message, const std::string& correlation) {
    const std::string text = engine_.logger.text();
    const auto start = text.find(message);
    ASSERT_NE(start, std::string::npos) << text;
    const std::string line = text.substr(start, text.find('\n', start) - start);
    EXPECT_NE(line.find(" correlation_id=" + correlation), std::string::npos) << line;
  }

  std::function<void()> task_ = [] {};
  SteppedEngine engine_{[this](Service& service) { define(service); }};

 private:
  void define(Service& service) {
    service.post("/told", Access::open, [](Context& ctx) {
      ctx.logger().info("a route tells", {{"own", "field"}});
      return Response::json(201, "{}");
    });
    service.post("/fails", Access::open,
                 [](Context&) -> Response { throw std::runtime_error("it failed"); });
    service.post("/timers/:kind", Access::open, [](Context& ctx) {
      ctx.schedule(ctx.param("kind"), "a", ctx.now());
      return Response::json(201, "{}");
    });
    service.on<OrderCreated>(
        [](const OrderCreated&, Context& ctx) { ctx.logger().info("a handler tells"); });
    service.on_timer("tells",
                     [](const std::string&, Context& ctx) { ctx.logger().info("a timer tells"); });
    service.on_timer("fails",
                     [](const std::string&, Context&) { throw std::runtime_error("it failed"); });
    service.on_task("task", [this](const std::string&) -> Service::TaskResult {
      task_();
      return [](Context& ctx) { ctx.logger().info("a task tells"); };
    });
  }
};

TEST_F(CorrelatedLines, those_of_a_route_carry_its_requests_id_beside_their_own_fields) {
  const Request sent = send("/told");
  expect_line("a route tells own=field", sent.id);
}

TEST_F(CorrelatedLines, a_request_that_fails_is_told_with_its_id) {
  const Request sent = send("/fails");
  expect_line("a request failed", sent.id);
}

TEST_F(CorrelatedLines, those_of_a_handler_carry_its_events_correlation) {
  OrderCreated order;
  order.id = "o1";
  engine_.apply(batch_of("orders", {received(order, 1)}));
  expect_line("a handler tells", "buyer-1");
}

TEST_F(CorrelatedLines, timers_tell_with_the_id_of_the_request_that_set_them) {
  const Request telling = send("/timers/tells");
  engine_.run_due();
  expect_line("a timer tells", telling.id);
  const Request failing = send("/timers/fails");
  engine_.run_due();
  expect_line("a timer failed", failing.id);
}

TEST_F(CorrelatedLines, tasks_tell_with_the_id_of_the_request_that_set_them) {
  const Request sent = send("/timers/task");
  task_ = [] { throw std::runtime_error("the provider is down"); };
  engine_.run_due();
  ASSERT_EQ(engine_.tasks.size(), 1U);
  engine_.tasks.front()();
  engine_.step();
  expect_line("a task failed", sent.id);
  task_ = [] {};
  engine_.clock.time = engine_->next_due().value();
  engine_.run_due();
  ASSERT_EQ(engine_.tasks.size(), 2U);
  engine_.tasks.back()();
  engine_.step();
  expect_line("a task tells", sent.id);
}

/// Takes no debug lines.
class QuietLogger final : public Logger {
 public:
  void write(LogLevel, std::string_view, std::span<const LogField>) noexcept override { ++lines; }
  bool wants(LogLevel level) const noexcept override { return level != LogLevel::debug; }
  int lines = 0;
};

TEST(FieldLogger, passes_on_what_is_wanted_and_no_more) {
  QuietLogger quiet;
  FieldLogger logger{quiet, kCorrelationField, "c"};
  EXPECT_FALSE(logger.wants(LogLevel::debug));
  logger.debug("nobody reads this");
  EXPECT_EQ(quiet.lines, 0);
  logger.info("somebody reads this");
  EXPECT_EQ(quiet.lines, 1);
}

}  // namespace
}  // namespace ticketing::test
