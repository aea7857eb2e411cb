// Why a program does not start, and what it says then.

#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

#include <array>
#include <fstream>

#include "running_host.hpp"
#include "support/error_of.hpp"

namespace ticketing::test {
namespace {

void define_auth(Service& service) { service.provide_jwks(SigningKey{SigningKey::Seed{}}.jwks()); }
void define_shop(Service& service) {
  service.on<UserCreated>([](const UserCreated&, Context&) {});
}

Program program() {
  return {"both", "for tests", {{"auth", &define_auth}, {"shop", &define_shop}}};
}

/// What starting the program with these settings says.
std::string refusal(ErrorCode code, const std::string& data_dir, const Values& values) {
  const Program both = program();
  const Settings settings = RunningHost::settings_for(both, data_dir, values);
  Host host{both, settings, null_logger()};
  const auto error = error_of([&] { host.start(); });
  if (!error) return "it started";
  EXPECT_EQ(error->code(), code) << error->what();
  return error->what();
}
std::string refusal(ErrorCode code, const Values& values) {
  const TempFolder folder;
  return refusal(code, folder.path(), values);
}

void expect_in(const std::string& part, const std::string& text) {
  EXPECT_NE(text.find(part), std::string::npos) << part << " is not in: " << text;
}

/// Root may write everywhere: for this long, this thread may not.
class AsNobody {
 public:
  AsNobody() { ::setfsuid(kNobody); }
  ~AsNobody() { ::setfsuid(::geteuid()); }

 private:
  static constexpr uid_t kNobody = 65'534;
};

TEST(HostRefusals, a_port_in_use) {
  RunningHost first{program()};
  const std::string taken = "127.0.0.1:" + std::to_string(first->port());
  for (const std::string flag : {"listen", "admin"}) {
    const std::string text = refusal(ErrorCode::unavailable, {{flag, taken}});
    expect_in("cannot listen on " + taken, text);
    expect_in("--" + flag, text);
  }
}

TEST(HostRefusals, an_endpoint_of_the_bus_in_use) {
  RunningHost first{program()};
  expect_in(first->bus_endpoint(),
            refusal(ErrorCode::unavailable, {{"bus-bind", first->bus_endpoint()}}));
}

TEST(HostRefusals, a_bus_off_this_host_without_keys) {
  for (const std::string flag : {"bus-bind", "bus-fetch-bind"}) {
    expect_in("give --bus-key and --bus-allow",
              refusal(ErrorCode::invalid, {{flag, "tcp://0.0.0.0:0"}}));
  }
  expect_in("--bus-limited-bind is for peers that the allow-list limits",
            refusal(ErrorCode::invalid, {{"bus-limited-bind", "tcp://127.0.0.1:0"}}));
  expect_in("--bus-key needs --bus-allow", refusal(ErrorCode::invalid, {{"bus-key", "x"}}));
}

TEST(HostRefusals, a_data_folder_that_another_program_uses) {
  RunningHost first{program()};
  expect_in(first.folder.path(), refusal(ErrorCode::unavailable, first.folder.path(), {}));
}

TEST(HostRefusals, a_data_folder_that_cannot_be_made) {
  const TempFolder folder;
  std::ofstream{folder.file("file")} << "not a folder";
  const std::string text = refusal(ErrorCode::unavailable, folder.file("file") + "/data", {});
  expect_in("cannot make the data folder " + folder.file("file"), text);
  expect_in("--data-dir", text);
}

TEST(HostRefusals, a_data_folder_that_cannot_be_written) {
  const TempFolder folder;
  ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
  std::string text;
  {
    const AsNobody nobody;
    text = refusal(ErrorCode::unavailable, folder.path(), {});
  }
  expect_in("cannot write", text);
  expect_in(folder.path(), text);
  ::chmod(folder.path().c_str(), 0700);
}

TEST(HostRefusals, a_service_that_the_program_does_not_have) {
  const std::string text = refusal(ErrorCode::invalid, {{"services", "auth,nonsense"}});
  expect_in("there is no service \"nonsense\"", text);
  expect_in("auth,shop", text);
  expect_in("auth,shop", refusal(ErrorCode::invalid, {{"services", ""}}));
}

TEST(HostRefusals, a_log_that_is_followed_and_nobody_said_where) {
  expect_in("--peer auth=", refusal(ErrorCode::invalid, {{"services", "shop"}}));
}

TEST(HostRefusals, a_peer_of_another_form) {
  for (const std::string peer : {"auth", "=tcp://127.0.0.1:1", "auth=127.0.0.1:1"}) {
    expect_in("does not say NAME=tcp://HOST:PORT",
              refusal(ErrorCode::invalid, {{"services", "shop"}, {"peer", peer}, {"jwks", "x"}}));
  }
}

TEST(HostRefusals, keys_that_nobody_said_where_to_find) {
  expect_in("--jwks", refusal(ErrorCode::invalid,
                              {{"services", "shop"}, {"peer", "auth=tcp://127.0.0.1:1"}}));
}

/// Runs the program to its end, in a process of its own.
[[noreturn]] void run_and_exit(std::vector<std::string> flags) {
  std::vector<const char*> argv{"both"};
  for (const std::string& flag : flags) argv.push_back(flag.c_str());
  std::exit(run(static_cast<int>(argv.size()), argv.data(), program()));
}

TEST(RunDeathTest, exits_tell_usage_from_trouble) {
  const auto exits = [](int status) { return testing::ExitedWithCode(status); };
  EXPECT_EXIT(run_and_exit({"--hodl"}), exits(2), "both: .*hodl.*see --help");
  EXPECT_EXIT(run_and_exit({"--http-workers=some"}), exits(2), "write a whole number");
  EXPECT_EXIT(run_and_exit({"--dev", "--listen=0.0.0.0:0"}), exits(2), "only listens on loopback");
  const TempFolder folder;
  std::ofstream{folder.file("file")} << "not a folder";
  EXPECT_EXIT(run_and_exit({"--data-dir", folder.file("file")}), exits(6), "both: .*--data-dir");
  EXPECT_EXIT(run_and_exit({"--help"}), exits(0), "");
  EXPECT_EXIT(run_and_exit({"--version"}), exits(0), "");
}

TEST(RunDeathTest, services_share_the_options_that_they_have_in_common) {
  Program both = program();
  for (ServiceDefinition& service : both.services) {
    service.options = {{"hold", OptionKind::duration, "15m", "how long"}};
  }
  const auto options = options_of(both);
  EXPECT_EQ(std::count_if(options.begin(), options.end(),
                          [](const Option& one) { return one.name == "hold"; }),
            1);
}

}  // namespace
}  // namespace ticketing::test
