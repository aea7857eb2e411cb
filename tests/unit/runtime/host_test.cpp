// A whole program in this process: threads, sockets, ticks.

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "running_host.hpp"
#include "support/process.hpp"

namespace ticketing::test {
namespace {

constexpr std::array<std::string_view, 1> kTables{
    "CREATE TABLE note (number INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE work (request TEXT PRIMARY KEY, done INTEGER)"};
const Error kNotFound{ErrorCode::not_found, "Not Found"};
const Replica<UserFact> kUsers{"user"};

void note(Context& ctx, std::string_view name) {
  ctx.tx().execute("INSERT INTO note (name) VALUES (:name)", name);
}

Response list_notes(Context& ctx) {
  std::string all;
  ctx.tx().for_each<std::string>("SELECT name FROM note ORDER BY number",
                                 [&](const std::string& name) { all += name + ' '; });
  return Response::json(200, all);
}

Response work(Context& ctx) {
  const std::string& id = ctx.request().id;
  const auto row = ctx.tx().first<bool>("SELECT done FROM work WHERE request = :id", id);
  if (row && std::get<0>(*row)) return Response::json(201, "{}");
  if (row) ctx.wait_or(kNotFound, std::chrono::seconds{10});
  ctx.tx().execute("INSERT INTO work (request, done) VALUES (:id, 0)", id);
  ctx.schedule("work", id, ctx.now());
  ctx.commit_and_wait(kNotFound, std::chrono::seconds{10});
}

Service::TaskResult finish_work(const std::string& id) {
  return
      [id](Context& ctx) { ctx.tx().execute("UPDATE work SET done = 1 WHERE request = :id", id); };
}

/// Signs tokens, so that it needs nobody else.
void define_auth(Service& service) {
  service.migrate(kTables);
  service.provide_jwks(SigningKey{SigningKey::Seed{}}.jwks());
  service.get("/notes", Access::open, &list_notes);
  service.post("/notes", Access::open, [](Context& ctx) {
    note(ctx, ctx.request().body);
    return Response::json(201, "{}");
  });
  service.post("/users/:id", Access::open, [](Context& ctx) {
    ctx.publish(UserCreated{{ctx.param("id"), 0, "a@example.com", {}}});
    return Response::json(201, "{}");
  });
  service.post("/slow", Access::open, [](Context& ctx) {
    return Response::json(200, ctx.offload([] { return std::string{"\"slow\""}; }));
  });
  service.post("/timers", Access::open, [](Context& ctx) {
    ctx.schedule("note", "timer", ctx.now() + milliseconds{50});
    return Response::json(201, "{}");
  });
  service.on_timer("note", [](const std::string& id, Context& ctx) { note(ctx, id); });
  service.post("/work", Access::open, &work);
  service.on_task("work", &finish_work);
  service.post("/full", Access::open, [](Context& ctx) {
    ctx.tx().first<std::int64_t>("PRAGMA max_page_count = 1");  // Not a page more than there is.
    return Response::json(200, "{}");
  });
}

/// Knows users by their events alone.
void define_shop(Service& service) {
  service.replicate<UserCreated, UserUpdated>(kUsers);
  service.post("/greetings/:id", Access::open, [](Context& ctx) {
    const auto user = kUsers.find(ctx.tx(), ctx.param("id"));
    if (!user) ctx.wait_or(kNotFound);
    return Response::json(200, '"' + user->email + '"');
  });
}

Program auth_alone() { return {"auth", "for tests", {{"auth", &define_auth}}}; }
Program both() { return {"both", "for tests", {{"auth", &define_auth}, {"shop", &define_shop}}}; }

TEST(HostTest, a_program_starts_serves_stops_and_keeps_its_data) {
  RunningHost host{auth_alone()};
  ASSERT_TRUE(host.gets_ready());
  EXPECT_NE(host->port(), 0);
  EXPECT_EQ(host.admin("/livez").status, 200);
  EXPECT_EQ(host.admin("/readyz").status, 200);
  EXPECT_EQ(host.send("POST", "/notes", "\"one\"").status, 201);
  EXPECT_EQ(host.send("GET", "/nothing").status, 404);
  host.restart();
  ASSERT_TRUE(host.gets_ready());
  EXPECT_EQ(host.send("GET", "/notes").body, "\"one\" ");
  host->stop();
  EXPECT_FALSE(host->ready());
  EXPECT_THROW(host.send("GET", "/notes"), Error);
}

TEST(HostTest, stopping_twice_or_without_a_start_is_harmless) {
  const Program program = auth_alone();
  const TempFolder folder;
  const Settings settings = RunningHost::settings_for(program, folder.path(), {});
  { const Host never_started{program, settings, null_logger()}; }
  Host host{program, settings, null_logger()};
  host.start();
  host.stop();
  host.stop();
}

TEST(HostTest, its_data_is_for_nobody_else_to_read) {
  const RunningHost host{auth_alone()};
  for (const auto& entry : std::filesystem::recursive_directory_iterator{host.folder.path()}) {
    if (!entry.path().string().ends_with(".secret")) continue;
    const auto rights = entry.status().permissions();
    EXPECT_EQ(rights & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
              std::filesystem::perms::none)
        << entry.path();
  }
}

TEST(HostTest, timers_tasks_and_slow_jobs_run_on_threads_of_their_own) {
  RunningHost host{auth_alone()};
  ASSERT_TRUE(host.gets_ready());
  EXPECT_EQ(host.send("POST", "/slow").body, "\"slow\"");
  EXPECT_EQ(host.send("POST", "/work").status, 201);
  EXPECT_EQ(host.send("POST", "/timers").status, 201);
  EXPECT_TRUE(eventually([&] { return host.send("GET", "/notes").body == "timer "; }));
}

TEST(HostTest, a_timer_that_was_due_while_the_program_was_down_fires_after_the_start) {
  RunningHost host{auth_alone()};
  ASSERT_TRUE(host.gets_ready());
  EXPECT_EQ(host.send("POST", "/timers").status, 201);
  host.restart();
  ASSERT_TRUE(host.gets_ready());
  EXPECT_TRUE(eventually([&] { return host.send("GET", "/notes").body == "timer "; }));
}

TEST(HostTest, services_in_one_program_hear_each_other_and_a_request_waits_for_an_event) {
  RunningHost host{both()};
  ASSERT_TRUE(host.gets_ready());
  for (int i = 0; i < 20; ++i) {
    const std::string id = "user-" + std::to_string(i);
    ASSERT_EQ(host.send("POST", "/users/" + id).status, 201);
    EXPECT_EQ(host.send("POST", "/greetings/" + id).status, 200);
  }
  EXPECT_NE(host.admin("/readyz").body.find(R"("service":"shop","log":"auth","caughtUp":true)"),
            std::string::npos)
      << host.admin("/readyz").body;
  EXPECT_NE(host.admin("/metrics").body.find(R"(ticketing_log_head{service="auth"} 20)"),
            std::string::npos);
}

TEST(HostTest, a_service_of_another_process_catches_up_late) {
  RunningHost auth{both(), {{"services", "auth"}}};
  ASSERT_TRUE(auth.gets_ready());
  EXPECT_EQ(auth.send("POST", "/greetings/ann").status, 404);  // Not one of its services.
  EXPECT_EQ(auth.send("POST", "/users/ann").status, 201);
  std::ofstream{auth.folder.file("jwks.json")} << SigningKey{SigningKey::Seed{}}.jwks();
  RunningHost shop{both(),
                   {{"services", "shop"},
                    {"peer", "auth=" + auth->bus_endpoint()},
                    {"jwks", auth.folder.file("jwks.json")}}};
  ASSERT_TRUE(shop.gets_ready());
  EXPECT_EQ(shop.send("POST", "/greetings/ann").status, 200);
  EXPECT_EQ(auth.send("POST", "/users/ben").status, 201);
  EXPECT_EQ(shop.send("POST", "/greetings/ben").status, 200);
}

TEST(HostTest, a_log_that_nothing_is_heard_of_is_told_of_with_its_endpoint) {
  const std::string nobody = "tcp://127.0.0.1:" + std::to_string(free_port());
  TempFolder folder;
  std::ofstream{folder.file("jwks.json")} << SigningKey{SigningKey::Seed{}}.jwks();
  RunningHost shop{
      both(),
      {{"services", "shop"}, {"peer", "auth=" + nobody}, {"jwks", folder.file("jwks.json")}}};
  EXPECT_TRUE(eventually([&] { return shop.logger.has("nothing is heard of a log"); }));
  EXPECT_TRUE(shop.logger.has(nobody));
  EXPECT_NE(shop.admin("/readyz").body.find(R"("joined":false)"), std::string::npos);
}

TEST(HostTest, what_is_not_ready_answers_503_until_it_is) {
  const TempFolder keys;
  RunningHost auth{both(), {{"services", "auth"}}};
  RunningHost shop{both(),
                   {{"services", "shop"},
                    {"peer", "auth=" + auth->bus_endpoint()},
                    {"jwks", keys.file("jwks.json")}}};
  EXPECT_TRUE(eventually([&] { return shop.logger.has("no keys to verify tokens with yet"); }));
  EXPECT_EQ(shop.send("POST", "/greetings/ann").status, 503);
  EXPECT_EQ(shop.admin("/readyz").status, 503);
  EXPECT_EQ(shop.admin("/livez").status, 200);
  std::ofstream{keys.file("draft")} << SigningKey{SigningKey::Seed{}}.jwks();
  std::filesystem::rename(keys.file("draft"), keys.file("jwks.json"));
  ASSERT_TRUE(shop.gets_ready());
  EXPECT_EQ(shop.admin("/readyz").status, 200);
}

TEST(HostTest, a_full_disk_makes_it_not_ready_and_room_makes_it_ready_again) {
  RunningHost host{auth_alone()};
  ASSERT_TRUE(host.gets_ready());
  ASSERT_EQ(host.send("POST", "/full").status, 200);
  const std::string large = '"' + std::string(200'000, 'x') + '"';
  EXPECT_EQ(host.send("POST", "/notes", large).status, 503);
  // What needs no further page still fits: the probe finds that out by itself.
  EXPECT_TRUE(eventually([&] { return host.logger.has("not ready"); }));
  ASSERT_TRUE(host.gets_ready());
  EXPECT_EQ(host.send("POST", "/notes", "\"small\"").status, 201);
  EXPECT_EQ(host.send("GET", "/notes").body, "\"small\" ");
}

}  // namespace
}  // namespace ticketing::test
