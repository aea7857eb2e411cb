// migrate: what its command line may say, and what is refused before any server is asked.

#include <gtest/gtest.h>

#include <memory>

#include "fake_world.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing::cli {
namespace {

using test::TempFolder;

/// Nobody listens there.
const std::string kNowhere = "postgresql://127.0.0.1:1/tickets";

/// Served while it is held.
std::unique_ptr<Database> open_file(const TempFolder& folder) {
  DatabaseOptions options;
  options.url = "sqlite:" + folder.file("tickets.db");
  return Database::open(options, {});
}

TEST(Migrate, where_to_must_be_said) {
  FakeWorld fake;
  EXPECT_EQ(fake.run({"migrate"}), 2);
  EXPECT_NE(fake.err().find("postgresql://USER@HOST:5432/DATABASE"), std::string::npos);
  EXPECT_EQ(fake.run({"migrate", "--database", "sqlite:"}), 2);
  EXPECT_EQ(fake.run({"migrate", "--database", "postgresql://host:port/x", "--data-dir", "."}), 3);
}

TEST(Migrate, a_password_is_refused_on_the_command_line_and_never_told) {
  const TempFolder folder;
  open_file(folder);
  FakeWorld fake;
  const std::string url = "postgresql://ann:hunter2@127.0.0.1:1/tickets";
  EXPECT_EQ(fake.run({"migrate", "--data-dir", folder.path(), "--database", url}), 2);
  EXPECT_NE(fake.err().find("TICKETING_DATABASE"), std::string::npos) << fake.err();
  EXPECT_EQ(fake.err().find("hunter2"), std::string::npos);
  fake.variables["TICKETING_DATABASE"] = url;
  EXPECT_EQ(fake.run({"migrate", "--data-dir", folder.path()}), 6);
  EXPECT_EQ(fake.err().find("hunter2"), std::string::npos);
  EXPECT_NE(fake.err().find("127.0.0.1:1"), std::string::npos) << fake.err();
}

TEST(Migrate, a_url_that_cannot_be_read_is_wrong_usage) {
  const TempFolder folder;
  open_file(folder);
  FakeWorld fake;
  EXPECT_EQ(
      fake.run({"migrate", "--data-dir", folder.path(), "--database", "postgresql://host:port/x"}),
      2);
  EXPECT_NE(fake.err().find("cannot be read"), std::string::npos) << fake.err();
}

TEST(Migrate, a_folder_without_files_and_a_service_without_one_are_not_found) {
  const TempFolder folder;
  FakeWorld fake;
  EXPECT_EQ(fake.run({"migrate", "--data-dir", folder.path(), "--database", kNowhere}), 3);
  EXPECT_NE(fake.err().find("--data-dir"), std::string::npos) << fake.err();
  EXPECT_EQ(fake.run({"migrate", "--data-dir", folder.path(), "--database", kNowhere, "--service",
                      "tickets"}),
            3);
  EXPECT_NE(fake.err().find("tickets.db"), std::string::npos) << fake.err();
  EXPECT_EQ(fake.run({"migrate", "--database", kNowhere, "--service", "../tickets"}), 2);
}

TEST(Migrate, a_running_service_is_to_be_stopped_first) {
  const TempFolder folder;
  const auto database = open_file(folder);
  FakeWorld fake;
  EXPECT_EQ(fake.run({"migrate", "--data-dir", folder.path(), "--database", kNowhere}), 6);
  EXPECT_NE(fake.err().find("another process serves this data folder; stop it"), std::string::npos)
      << fake.err();
  EXPECT_EQ(lines_in(fake.err()), 1U);
}

}  // namespace
}  // namespace ticketing::cli
