// A data folder that is read-only, full, in use, damaged or another version's: told in one line,
// and nothing that is stored is lost by it.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/databases.hpp"
#include "support/eventually.hpp"
#include "support/marketplace.hpp"
#include "support/process.hpp"
#include "support/visitor.hpp"

namespace ticketing::test {
namespace {

namespace fs = std::filesystem;

constexpr int kFailed = 1;
constexpr int kUnavailable = 6;
constexpr uid_t kNobody = 65'534;

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

/// A marketplace with something stored in it, that is stopped, tried in vain, and started again.
class DataFolder : public testing::Test {
 protected:
  DataFolder() {
    seller_.sign_up();
    buyer_.sign_up();
    order_ = buyer_.reserve(seller_.sell().id);
    buyer_.pay(order_.id);
    EXPECT_TRUE(
        eventually([&] { return buyer_.get_order(order_.id).status == OrderStatus::complete; }));
    EXPECT_TRUE(eventually([&] { return market_.at_rest(); }));
  }

  void stop() {
    for (const auto& [program, status] : market_.stop()) EXPECT_EQ(status, 0);
  }
  /// Another ticketd on a data folder, which must end by itself with one line.
  Outcome try_on(const std::string& data_dir, std::optional<uid_t> user = std::nullopt) const {
    return run_to_end({path_of_program("ticketd"),
                       {"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--bus-bind",
                        "tcp://127.0.0.1:0", "--data-dir", data_dir},
                       {},
                       user});
  }
  static void expect_one_line(const Outcome& outcome, int status, const std::string& says) {
    EXPECT_EQ(outcome.status, status) << outcome.err;
    EXPECT_NE(outcome.err.find(says), std::string::npos) << outcome.err;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
  void start_and_expect_all_there() {
    market_.start("auth");
    market_.wait_until_ready();
    EXPECT_EQ(buyer_.get_order(order_.id).status, OrderStatus::complete);
    EXPECT_EQ(buyer_.ticket(order_.ticket.id).order_id, order_.id);
    EXPECT_EQ(buyer_.post("/api/users/signin", credentials(buyer_.email)).status, 200);
    buyer_.pay(buyer_.reserve(seller_.sell().id).id);
  }

  Marketplace market_;
  Visitor seller_{market_};
  Visitor buyer_{market_};
  OrderAnswer order_;
};

TEST_F(DataFolder, that_is_in_use_is_refused_and_its_user_goes_on) {
  expect_one_line(try_on(market_.data_dir()), kUnavailable,
                  "another process serves this data folder; stop it, or choose another with "
                  "--data-dir");
  EXPECT_EQ(buyer_.get_order(order_.id).status, OrderStatus::complete);
  stop();
  start_and_expect_all_there();
}

TEST_F(DataFolder, that_another_version_has_written_is_refused_and_left_alone) {
  stop();
  const std::string path = market_.database_of("orders");
  const auto set_version = [&](const std::string& change) {
    const std::string sql = "update ticketing_schema set version = version " + change;
    execute(path, sql);
  };
  set_version("+ 1");
  const std::string before = content_of(path);
  expect_one_line(try_on(market_.data_dir()), kFailed,
                  path + ": the database was written by a newer version");
  EXPECT_EQ(content_of(path), before);
  set_version("- 1");
  start_and_expect_all_there();
}

TEST_F(DataFolder, with_a_file_that_is_no_database_is_refused_and_left_alone) {
  stop();
  const std::string path = market_.database_of("tickets");
  fs::rename(path, path + ".kept");
  const std::string letter = "This is a letter, and no database." + std::string(5'000, '.');
  std::ofstream{path} << letter;
  expect_one_line(try_on(market_.data_dir()), kFailed, path);
  EXPECT_EQ(content_of(path), letter);
  fs::rename(path + ".kept", path);
  start_and_expect_all_there();
}

TEST_F(DataFolder, with_a_damaged_key_is_refused_and_left_alone) {
  stop();
  const std::string path = market_.data_dir() + "/auth.key";
  const std::string key = content_of(path);
  std::ofstream{path} << "nonsense";
  expect_one_line(try_on(market_.data_dir()), kFailed, "auth.key does not hold 64 hex digits");
  EXPECT_EQ(content_of(path), "nonsense");
  std::ofstream{path} << key;
  start_and_expect_all_there();
}

TEST_F(DataFolder, that_cannot_be_made_is_told) {
  const std::string file = market_.data_dir() + "/file";
  std::ofstream{file} << "in the way";
  for (const std::string& path : {file, file + "/below", std::string{"/proc/nothing"}}) {
    expect_one_line(try_on(path), kUnavailable, "cannot make the data folder " + path);
  }
}

/// Everything in the data folder belongs to `user`, where the test may say so.
void give_to(const std::string& folder, uid_t user) {
  if (::geteuid() != 0) return;
  EXPECT_EQ(::chown(folder.c_str(), user, static_cast<gid_t>(-1)), 0);
  for (const auto& entry : fs::directory_iterator{folder}) {
    EXPECT_EQ(::chown(entry.path().c_str(), user, static_cast<gid_t>(-1)), 0);
  }
}

TEST_F(DataFolder, that_is_read_only_is_refused_and_stays_so) {
  stop();
  const std::string& folder = market_.data_dir();
  give_to(folder, kNobody);
  // SQLite makes its log beside the database, and the lock's file may not be made anew either.
  for (const auto& entry : fs::directory_iterator{folder}) {
    if (entry.path().extension() == ".lock") fs::remove(entry.path());
  }
  fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec);
  expect_one_line(try_on(folder, kNobody), kUnavailable, "cannot write " + folder);
  EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_read | fs::perms::owner_exec);
  fs::permissions(folder, fs::perms::owner_all);
  give_to(folder, ::geteuid());
  start_and_expect_all_there();
}

TEST_F(DataFolder, with_a_database_that_is_read_only_is_refused) {
  stop();
  const std::string path = market_.database_of("payments");
  give_to(market_.data_dir(), kNobody);
  fs::permissions(path, fs::perms::owner_read);
  expect_one_line(try_on(market_.data_dir(), kNobody), kUnavailable,
                  "cannot open the database " + path + ": it may not be written");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  give_to(market_.data_dir(), ::geteuid());
  start_and_expect_all_there();
}

// ---- a full disk ----

/// ticketd on a small disk of its own, of which some is taken until it is needed.
class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    const Outcome allowed = run_to_end(
        {"/usr/bin/env",
         {"unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"},
         {},
         {}});
    if (allowed.status != 0) GTEST_SKIP() << "may not mount a small disk here: " << allowed.err;
  }

  /// `taken_kib` of the disk's 8 MiB are taken by a file of no use.
  Process start(int taken_kib) {
    const std::string disk = folder_.path();
    const std::string script = "mount -t tmpfs -o size=8M,mode=0700 tmpfs " + disk +
                               " && head -c " + std::to_string(taken_kib) + "K /dev/zero > " +
                               disk + "/ballast && exec \"$@\"";
    return Process{
        {"/usr/bin/env",
         {"unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh",
          path_of_program("ticketd"), "--listen", address(api_), "--admin", address(admin_),
          "--bus-bind", "tcp://127.0.0.1:0", "--data-dir", disk + "/data", "--log-level", "error"},
         {},
         {}}};
  }
  static std::string address(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }
  bool is_ready() const {
    try {
      return HttpClient{"http://" + address(admin_)}.send("GET", "/readyz").status == 200;
    } catch (const Error&) {
      return false;
    }
  }
  /// Sees the process's own disk.
  void make_room(const Process& process) const {
    const std::string root = "/proc/" + std::to_string(process.pid()) + "/root";
    ASSERT_EQ(::unlink((root + folder_.file("ballast")).c_str()), 0);
  }

  TempFolder folder_;
  const std::uint16_t api_ = free_port();
  const std::uint16_t admin_ = free_port();
};

TEST_F(FullDisk, refuses_writes_serves_reads_and_goes_on_when_there_is_room) {
  Process process = start(5'000);
  ASSERT_TRUE(eventually([&] { return is_ready(); })) << process.err();
  HttpClient client{"http://" + address(api_)};
  const Response user = client.send("POST", "/api/users/signup", {}, credentials(fresh_email()));
  ASSERT_EQ(user.status, 201) << user.body;
  const std::string cookie = header(user, "Set-Cookie");
  const Headers session{{"Authorization", "Bearer " + cookie.substr(8, cookie.find(';') - 8)}};
  std::vector<std::string> sold;
  const auto sell = [&] {
    return client.send("POST", "/api/tickets", session, offer(std::string(200, 'x')));
  };
  Response answer = sell();
  for (; answer.status == 201 && sold.size() < 10'000; answer = sell()) {
    sold.push_back(from_json<TicketAnswer>(answer.body).id);
  }
  EXPECT_EQ(answer.status, 503) << answer.body;
  EXPECT_NE(header(answer, "Retry-After"), "");
  EXPECT_TRUE(eventually([&] { return !is_ready(); }));
  EXPECT_TRUE(process.running());
  make_room(process);
  EXPECT_TRUE(eventually([&] { return is_ready(); }));
  EXPECT_EQ(sell().status, 201);
  for (const std::string& ticket : sold) {
    ASSERT_EQ(client.send("GET", "/api/tickets/" + ticket).status, 200);
  }
  EXPECT_EQ(process.terminate(kDeadline), 0) << process.err();
}

TEST_F(FullDisk, from_the_start_is_told_in_one_line) {
  Process process = start(8'188);
  EXPECT_EQ(process.wait(kDeadline), kUnavailable) << process.err();
  const std::string said = process.err();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  EXPECT_NE(said.find("ticketd: "), std::string::npos) << said;
}

}  // namespace
}  // namespace ticketing::test
