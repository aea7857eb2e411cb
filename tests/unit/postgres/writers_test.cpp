// Many writers of one log on PostgreSQL: offsets are given out in the order of the commits, and
// have no gap, so whoever polls by offset sees each event once.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "support/eventually.hpp"
#include "support/postgres_server.hpp"
#include "support/scratch_database.hpp"
#include "ticketing/events/envelope.hpp"
#include "ticketing/messaging/event_log.hpp"
#include "ticketing/postgres/postgres.hpp"

namespace ticketing {
namespace {

using namespace test;

TEST(PostgresWriters, a_reader_sees_each_event_once_and_in_the_order_of_commits) {
  use_postgres();
  constexpr int kWriters = 8;
  const char* wanted = std::getenv("TICKETING_TEST_EVENTS");
  const std::int64_t each = (wanted == nullptr ? 8'000 : std::atoll(wanted)) / kWriters;
  DatabaseOptions options;
  options.url = postgres_server().create_database();
  options.schema = "orders";
  options.exclusive = false;
  const std::array<Migrations, 1> migrations{sdk_migrations()};
  std::vector<std::unique_ptr<Database>> instances;
  for (int i = 0; i <= kWriters; ++i) instances.push_back(Database::open(options, migrations));
  std::optional<EventLog> log;
  instances[0]->write_and_step(
      [&](Transaction& tx) { log.emplace("orders", tx, system_random(), system_clock().now()); });

  std::atomic<int> at_work{kWriters};
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      Database& database = *instances[static_cast<std::size_t>(i)];
      for (std::int64_t version = 0; version < each;) {
        for (int k = 0; k < 10 && version < each; ++k, ++version) {
          database.submit(
              [&, version](Transaction& tx) {
                const std::array<StagedEvent, 1> event{
                    StagedEvent{"order:created", std::to_string(i), version, "{}"}};
                log->append(tx, event, {"c", {}, {}}, system_clock().now());
              },
              [](std::exception_ptr failure) { EXPECT_FALSE(failure); });
        }
        database.step();
      }
      --at_work;
    });
  }
  std::int64_t seen = 0;
  std::array<std::int64_t, kWriters> versions{};
  const Database& reader = *instances.back();
  for (bool last = false; !last;) {
    last = at_work == 0;  // Looked at before the last read, so that nothing comes after it.
    for (bool more = true; more;) {
      reader.read([&](Transaction& tx) {
        const LogPage page = EventLog::read(tx, {.after = seen, .count_max = 1'000});
        more = !page.entries.empty();
        for (const LogEntry& entry : page.entries) {
          EXPECT_EQ(entry.offset, ++seen);
          const Envelope envelope = decode_envelope(entry.envelope);
          std::int64_t& next = versions[std::stoul(envelope.aggregate_id)];
          EXPECT_EQ(envelope.version, next++) << "of writer " << envelope.aggregate_id;
        }
      });
    }
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(seen, kWriters * each);
}

/// Under load two instances are to share the server's syncs, not to double them.
TEST(PostgresWriters, what_comes_while_another_instance_has_its_turn_shares_one_commit) {
  use_postgres();
  DatabaseOptions options;
  options.url = postgres_server().create_database();
  options.schema = "orders";
  options.exclusive = false;
  const auto one = Database::open(options, {});
  const auto other = Database::open(options, {});
  const std::string name = PostgresServer::database_of(options.url);
  const auto waits = [&] {
    return postgres_server().query("SELECT count(*) FROM pg_stat_activity WHERE datname = '" +
                                   name + "' AND wait_event = 'advisory'") == "1";
  };
  std::atomic<bool> has_begun{false};
  std::atomic<bool> may_end{false};
  std::thread first{[&] {
    one->write_and_step([&](Transaction&) {
      has_begun = true;
      EXPECT_TRUE(eventually([&] { return may_end.load(); }));
    });
  }};
  EXPECT_TRUE(eventually([&] { return has_begun.load(); }));
  const std::uint64_t commits_before = other->commits();
  int done = 0;
  const auto submit = [&] {
    other->submit([](Transaction&) {}, [&](std::exception_ptr failure) { done += !failure; });
  };
  submit();
  std::thread second{[&] { EXPECT_EQ(other->step(), 10u); }};
  EXPECT_TRUE(eventually(waits));
  for (int i = 0; i < 9; ++i) submit();
  may_end = true;
  first.join();
  second.join();
  EXPECT_EQ(done, 10);
  EXPECT_EQ(other->commits(), commits_before + 1);
}

}  // namespace
}  // namespace ticketing
