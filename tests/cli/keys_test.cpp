// keys new, and the flags that verbs take where the bus is encrypted.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "fake_world.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/messaging/bus_security.hpp"

namespace ticketing::cli {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

TEST(Keys, new_ones_are_two_files_and_a_line_and_the_secret_is_in_one_file_alone) {
  const TempFolder folder;
  FakeWorld fake;
  ASSERT_EQ(fake.run({"keys", "new", "orders", "--out", folder.path()}), 0) << fake.err();
  const std::string key_file = folder.file("orders.key");
  const KeyPair keys = read_key_pair(key_file);
  EXPECT_EQ(fs::status(key_file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fake.out(), "orders " + keys.public_key + " *\n");
  EXPECT_EQ(read(folder.file("orders.pub")), fake.out());
  EXPECT_NE(fake.err().find(key_file), std::string::npos);
  EXPECT_EQ((fake.out() + fake.err()).find(keys.secret_key), std::string::npos);
  EXPECT_EQ(AllowList::read(folder.file("orders.pub")).peers().size(), 1U);
}

TEST(Keys, json_says_where_they_are) {
  const TempFolder folder;
  FakeWorld fake;
  ASSERT_EQ(fake.run({"keys", "new", "orders", "--json", "--out", folder.path()}), 0);
  const KeyPair keys = read_key_pair(folder.file("orders.key"));
  EXPECT_NE(fake.out().find("\"keyFile\":\"" + folder.file("orders.key")), std::string::npos);
  EXPECT_EQ(fake.out().find(keys.secret_key), std::string::npos);
}

TEST(Keys, files_that_are_there_stay) {
  for (const char* present : {"orders.key", "orders.pub"}) {
    const TempFolder folder;
    std::ofstream{folder.file(present)} << "mine";
    FakeWorld fake;
    EXPECT_EQ(fake.run({"keys", "new", "orders", "--out", folder.path()}), 2);
    EXPECT_NE(fake.err().find("is there already"), std::string::npos) << fake.err();
    EXPECT_EQ(read(folder.file(present)), "mine");
    EXPECT_EQ(std::distance(fs::directory_iterator{folder.path()}, {}), 1) << present;
  }
}

TEST(Keys, a_name_is_no_path_and_a_folder_must_be_there) {
  const TempFolder folder;
  for (const char* name : {"../orders", "or ders", "a,b", "#"}) {
    FakeWorld fake;
    EXPECT_EQ(fake.run({"keys", "new", name, "--out", folder.path()}), 2) << name;
  }
  FakeWorld fake;
  EXPECT_EQ(fake.run({"keys", "new", "orders", "--out", folder.file("none")}), 6);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Keys, verbs_that_follow_events_take_them) {
  const TempFolder folder;
  const std::string key = folder.file("desk.key");
  const std::string allow = folder.file("peers.allow");
  write_key_pair(key, "desk", make_key_pair());
  std::ofstream{allow} << "tickets " << make_key_pair().public_key << " -\n";
  const std::vector<std::string> words{"events",    "replay", "--peer",      "tickets=tcp://x:1",
                                       "--bus-key", key,      "--bus-allow", allow};
  FakeWorld fake;
  EXPECT_EQ(fake.run(words), 0) << fake.err();
  ASSERT_NE(fake.followed.security, nullptr);
  EXPECT_NE(fake.followed.security->allowed.by_name("tickets"), nullptr);
  EXPECT_EQ(fake.followed.endpoints, std::vector<std::string>{"tickets=tcp://x:1"});
}

TEST(Keys, half_of_what_is_needed_is_a_usage_error) {
  FakeWorld fake;
  EXPECT_EQ(fake.run({"events", "replay", "--bus-key", "nowhere.key"}), 2);
  EXPECT_NE(fake.err().find("--bus-allow"), std::string::npos);
  FakeWorld other;
  EXPECT_EQ(other.run({"events", "replay", "--bus-key", "nowhere.key", "--bus-allow", "x"}), 2);
  EXPECT_NE(other.err().find("ticketctl keys new"), std::string::npos);
}

TEST(Keys, who_is_kept_out_is_told_why_and_not_to_sign_in) {
  FakeWorld fake;
  World world = fake.view();
  world.follow = [](const TailOptions&) -> std::unique_ptr<EventSource> {
    throw Error{ErrorCode::unauthorized, "the publisher at x does not let this process in",
                "bus_refused"};
  };
  EXPECT_EQ(run({"events", "tail"}, world), 4);
  EXPECT_EQ(fake.err(), "ticketctl: the publisher at x does not let this process in\n");
}

}  // namespace
}  // namespace ticketing::cli
