// What a call may ask of its context.

#include "ticketing/runtime/context.hpp"

#include "stepped_engine.hpp"
#include "support/error_of.hpp"

namespace ticketing::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Error kOtherwise{ErrorCode::not_found, "Not Found"};

class ContextTest : public testing::Test {
 protected:
  /// What `use` throws, called in a route at that attempt: "waits", "commits and waits" or a word.
  std::string outcome(const Attempt& attempt, const std::function<void(Context&)>& use) {
    return database_.read([&](Transaction& tx) {
      const Request request;
      Context context{{.tx = tx,
                       .clock = clock_,
                       .random = system_random(),
                       .logger = null_logger(),
                       .causality = {},
                       .request = &request,
                       .caller = std::nullopt,
                       .attempt = attempt,
                       .offload = offload_}};
      return outcome_of(context, use);
    });
  }

  ManualClock clock_;
  ScratchDatabase database_{{sdk_migrations()}};
  std::function<std::optional<std::string>(std::function<std::string()>)> offload_;

 private:
  static std::string outcome_of(Context& context, const std::function<void(Context&)>& use) {
    try {
      use(context);
      return "returned";
    } catch (const Suspended& suspended) {
      return suspended.commit ? "commits and waits" : "waits";
    } catch (const Error& error) {
      return error.word();
    }
  }
};

void wait(Context& ctx) { ctx.wait_or(kOtherwise, seconds{2}); }
void commit_and_wait(Context& ctx) { ctx.commit_and_wait(kOtherwise, seconds{2}); }

TEST_F(ContextTest, waits_until_patience_is_over) {
  EXPECT_EQ(outcome({0, milliseconds{0}, false}, wait), "waits");
  EXPECT_EQ(outcome({7, milliseconds{1'999}, false}, wait), "waits");
  EXPECT_EQ(outcome({8, milliseconds{2'000}, false}, wait), "not_found");
}

TEST_F(ContextTest, where_there_is_no_room_to_wait_nothing_is_said_about_the_request) {
  EXPECT_EQ(outcome({0, milliseconds{0}, true}, wait), "overloaded");
  EXPECT_EQ(outcome({0, milliseconds{0}, true}, commit_and_wait), "overloaded");
  EXPECT_EQ(outcome({8, milliseconds{2'000}, true}, wait), "not_found");
}

TEST_F(ContextTest, commits_and_waits_until_patience_is_over) {
  EXPECT_EQ(outcome({0, milliseconds{0}, false}, commit_and_wait), "commits and waits");
  EXPECT_EQ(outcome({8, milliseconds{2'000}, false}, commit_and_wait), "not_found");
}

TEST_F(ContextTest, an_offloaded_job_is_waited_for_until_its_result_is_there) {
  std::string result;
  const auto use = [&](Context& ctx) { result = ctx.offload([] { return std::string{"job"}; }); };
  offload_ = [](const std::function<std::string()>&) { return std::nullopt; };
  EXPECT_EQ(outcome({0, milliseconds{0}, false}, use), "waits");
  EXPECT_EQ(outcome({0, milliseconds{0}, true}, use), "overloaded");
  offload_ = [](const std::function<std::string()>& job) { return job(); };
  EXPECT_EQ(outcome({1, milliseconds{10}, false}, use), "returned");
  EXPECT_EQ(result, "job");
}

TEST_F(ContextTest, new_ids_are_of_the_clock_in_hand) {
  std::string id;
  outcome({}, [&](Context& ctx) { id = ctx.new_id(); });
  EXPECT_EQ(id.substr(0, 13), new_id(kStart, system_random()).substr(0, 13));
}

/// A call that is about no request.
void wait_without_request(ScratchDatabase& database, bool commit) {
  const ManualClock clock;
  database.read([&](Transaction& tx) {
    Context context{{.tx = tx,
                     .clock = clock,
                     .random = system_random(),
                     .logger = null_logger(),
                     .causality = {},
                     .request = nullptr,
                     .caller = std::nullopt,
                     .attempt = {},
                     .offload = nullptr}};
    commit ? commit_and_wait(context) : wait(context);
    return 0;
  });
}

TEST(ContextDeathTest, only_a_route_can_wait) {
  ScratchDatabase database{{sdk_migrations()}};
  EXPECT_DEATH(wait_without_request(database, false), "assertion failed");
  EXPECT_DEATH(wait_without_request(database, true), "assertion failed");
}

TEST_F(ContextTest, only_a_handler_of_an_event_can_be_called_again_after_a_pause) {
  EXPECT_DEATH(outcome({}, [](Context& ctx) { ctx.again_after(milliseconds{1}); }),
               "assertion failed");
}

}  // namespace
}  // namespace ticketing::test
