// Key files and the allow-list: what they say, and what is refused with which advice.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "support/error_of.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/messaging/bus_security.hpp"

namespace ticketing {
namespace {

using test::TempFolder;

const std::string kKey = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
const std::string kOther = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

void write(const std::string& path, const std::string& text, mode_t mode = 0600) {
  std::ofstream{path} << text;
  ::chmod(path.c_str(), mode);
}

std::string read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

AllowList parsed(const std::string& text) { return AllowList::parse(text, "peers.allow"); }

std::string complaint_about(const std::string& text) {
  try {
    parsed(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    return error.what();
  }
  return {};
}

TEST(AllowList, has_a_line_for_each_peer) {
  const AllowList list = parsed("# who may come\n\n  orders " + kKey + " order:*,user:created\r\n" +
                                "auth,tickets\t" + kOther + " -\n");
  ASSERT_EQ(list.peers().size(), 2U);
  const AllowedPeer* const orders = list.by_key(kKey);
  ASSERT_NE(orders, nullptr);
  EXPECT_EQ(orders->name(), "orders");
  EXPECT_EQ(orders->subjects, (std::vector<std::string>{"order:*", "user:created"}));
  EXPECT_EQ(list.by_name("tickets"), list.by_name("auth"));
  EXPECT_TRUE(list.by_name("tickets")->subjects.empty());
  EXPECT_EQ(list.by_name("payments"), nullptr);
  EXPECT_EQ(list.by_key(""), nullptr);
}

TEST(AllowList, a_key_may_hold_what_begins_a_comment) {
  const std::string key = kKey.substr(0, 1) + "#" + kKey.substr(2);
  ASSERT_EQ(complaint_about("orders " + key + " *"), "");
  EXPECT_EQ(parsed("orders " + key + " *").by_key(key)->name(), "orders");
}

TEST(AllowList, a_line_reads_back_as_it_was_written) {
  for (const std::string subjects : {"*", "-", "order:*,user:created"}) {
    const std::string line = "auth,tickets " + kKey + " " + subjects;
    EXPECT_EQ(parsed(line).peers().front().line(), line);
  }
}

TEST(AllowList, what_is_wrong_is_said_with_its_line) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"orders", "expected NAME KEY SUBJECTS"},
      {"orders " + kKey, "expected NAME KEY SUBJECTS"},
      {"orders " + kKey + " * more", "expected NAME KEY SUBJECTS"},
      {"orders short *", "not a public key"},
      {"orders " + kKey.substr(1) + "~ *", "not a public key"},
      {"orders " + kKey.substr(1) + "\" *", "not a public key"},
      {"or/ders " + kKey + " *", "not a name"},
      {"orders, " + kKey + " *", "not a name"},
      {"orders " + kKey + " order:*x", "names no subjects"},
      {"orders " + kKey + " order:*,", "names no subjects"},
      {"orders " + kKey + " ~beat", "names no subjects"},
      {"orders " + kKey + " *,-", "names no subjects"},
      {"a " + kKey + " *\nb " + kKey + " *", "write the names"},
      {"a " + kKey + " *\na " + kOther + " *", "stands above already"},
  };
  for (const auto& [text, wanted] : cases) {
    const std::string complaint = complaint_about("# first\n" + text);
    EXPECT_NE(complaint.find("peers.allow:"), std::string::npos) << text;
    EXPECT_NE(complaint.find(wanted), std::string::npos) << text << "\n" << complaint;
  }
}

TEST(AllowList, subjects_are_all_a_kind_or_one) {
  const AllowedPeer peer{{"shop"}, kKey, {"order:*", "user:created"}};
  EXPECT_FALSE(peer.reads_all());
  EXPECT_TRUE(peer.may_read("order:created"));
  EXPECT_TRUE(peer.may_read("user:created"));
  for (const char* subject : {"user:createdx", "user:create", "orders", "order", "", "*"}) {
    EXPECT_FALSE(peer.may_read(subject)) << subject;
  }
  const AllowedPeer all{{"all"}, kKey, {"user:created", "*"}};
  EXPECT_TRUE(all.reads_all());
  EXPECT_TRUE(all.may_read("anything"));
  EXPECT_FALSE((AllowedPeer{{"none"}, kKey, {}}.may_read("order:created")));
}

TEST(AllowList, a_file_that_others_may_write_to_is_refused) {
  const TempFolder folder;
  const std::string path = folder.file("peers.allow");
  EXPECT_ERROR(ErrorCode::invalid, AllowList::read(path));
  EXPECT_ERROR(ErrorCode::invalid, AllowList::read(folder.path()));
  write(path, "", 0644);
  EXPECT_TRUE(AllowList::read(path).peers().empty());
  write(path, "orders " + kKey + " *", 0644);
  EXPECT_EQ(AllowList::read(path).peers().size(), 1U);
  write(path, "orders " + kKey + " *", 0664);
  EXPECT_ERROR(ErrorCode::invalid, AllowList::read(path));
}

TEST(KeyFile, what_is_written_is_read_and_never_replaced) {
  const TempFolder folder;
  const std::string path = folder.file("orders.key");
  const KeyPair keys = make_key_pair();
  write_key_pair(path, "orders", keys);
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_TRUE(read(path).starts_with("# "));
  const KeyPair found = read_key_pair(path);
  EXPECT_EQ(found.public_key, keys.public_key);
  EXPECT_EQ(found.secret_key, keys.secret_key);
  const std::string before = read(path);
  EXPECT_ERROR(ErrorCode::invalid, write_key_pair(path, "orders", make_key_pair()));
  EXPECT_EQ(read(path), before);
  EXPECT_ERROR(ErrorCode::unavailable,
               write_key_pair(folder.file("none/orders.key"), "orders", keys));
}

TEST(KeyFile, two_key_pairs_differ) {
  EXPECT_NE(make_key_pair().secret_key, make_key_pair().secret_key);
}

TEST(KeyFile, one_that_others_can_read_is_refused_with_what_to_do) {
  const TempFolder folder;
  const std::string path = folder.file("orders.key");
  write_key_pair(path, "orders", make_key_pair());
  for (const mode_t mode : {0640U, 0604U, 0660U}) {
    ::chmod(path.c_str(), mode);
    try {
      read_key_pair(path);
      ADD_FAILURE() << mode;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid);
      EXPECT_NE(std::string{error.what()}.find("chmod 600 " + path), std::string::npos);
    }
  }
  ::chmod(path.c_str(), 0400);
  EXPECT_NO_THROW(read_key_pair(path));
}

TEST(KeyFile, what_holds_no_pair_is_refused_and_its_secret_not_told) {
  const TempFolder folder;
  const std::string path = folder.file("orders.key");
  const KeyPair one = make_key_pair();
  const KeyPair other = make_key_pair();
  for (const std::string& text :
       {std::string{}, "public " + one.public_key + "\n", "secret " + one.secret_key + "\n",
        "public " + other.public_key + "\nsecret " + one.secret_key + "\n",
        "public " + one.public_key + "\nsecret " + one.secret_key.substr(1) + "\n"}) {
    write(path, text);
    try {
      read_key_pair(path);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(std::string{error.what()}.find(one.secret_key.substr(1)), std::string::npos);
    }
  }
  EXPECT_ERROR(ErrorCode::invalid, read_key_pair(folder.path()));
  EXPECT_ERROR(ErrorCode::invalid, read_key_pair(folder.file("none")));
}

TEST(BusSecurity, key_and_allow_list_come_together_or_not_at_all) {
  const TempFolder folder;
  const std::string key = folder.file("orders.key");
  const std::string allow = folder.file("peers.allow");
  write_key_pair(key, "orders", make_key_pair());
  write(allow, "tickets " + kKey + " -\n");
  EXPECT_EQ(BusSecurity::load("", ""), nullptr);
  EXPECT_ERROR(ErrorCode::invalid, BusSecurity::load(key, ""));
  EXPECT_ERROR(ErrorCode::invalid, BusSecurity::load("", allow));
  const auto security = BusSecurity::load(key, allow);
  EXPECT_EQ(security->key_of("tickets"), kKey);
  try {
    security->key_of("payments");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    EXPECT_NE(std::string{error.what()}.find(allow + " the line: payments "), std::string::npos);
  }
}

}  // namespace
}  // namespace ticketing
