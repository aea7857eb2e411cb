// Opening: migrations, and every database that must be refused.

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "sample_schema.hpp"
#include "support/error_of.hpp"
#include "support/scratch_database.hpp"

namespace ticketing {
namespace {

using namespace test;

constexpr std::array<std::string_view, 1> kOneStep{"CREATE TABLE a (id INTEGER)"};
constexpr std::array<std::string_view, 2> kTwoSteps{
    "CREATE TABLE a (id INTEGER)", "CREATE TABLE b (id INTEGER); INSERT INTO b VALUES (1)"};
constexpr std::array<std::string_view, 2> kBrokenSteps{"CREATE TABLE a (id INTEGER)",
                                                       "CREATE TABLE b (id INTEGER); NONSENSE"};

/// Root may write everywhere: be nobody for a moment.
class Nobody {
 public:
  Nobody() {
    if (root_ && ::seteuid(65'534) != 0) throw std::runtime_error("cannot be nobody");
  }
  ~Nobody() {
    if (root_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  const bool root_ = ::geteuid() == 0;
};

class OpeningTest : public ::testing::Test {
 protected:
  std::unique_ptr<Database> open(std::span<const std::string_view> steps,
                                 std::string_view component = "a") const {
    const std::array<Migrations, 2> all{Migrations{"other", kOneMore},
                                        Migrations{component, steps}};
    return Database::open({.url = "sqlite:" + path_, .vfs = {}}, all);
  }
  std::int64_t count(Database& database, std::string_view sql) const {
    std::int64_t found = -1;
    database.read([&](Transaction& tx) { found = std::get<0>(*tx.first<std::int64_t>(sql)); });
    return found;
  }
  /// The tables of the file, seen without the library.
  std::string tables() const {
    sqlite3* handle = nullptr;
    sqlite3_open(path_.c_str(), &handle);
    std::string names;
    sqlite3_exec(
        handle, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
        [](void* all, int, char** columns, char**) {
          *static_cast<std::string*>(all) += std::string{columns[0]} + ' ';
          return 0;
        },
        &names, nullptr);
    sqlite3_close(handle);
    return names;
  }

  static constexpr std::array<std::string_view, 1> kOneMore{"CREATE TABLE other (id INTEGER)"};
  TempFolder folder_;
  std::string path_ = folder_.file("a b'c.db");
};

TEST_F(OpeningTest, a_new_database_gets_every_step) {
  const auto database = open(kTwoSteps);
  EXPECT_EQ(count(*database, "SELECT count(*) FROM b"), 1);
  EXPECT_EQ(count(*database, "SELECT version FROM ticketing_schema WHERE component = 'a'"), 2);
}

TEST_F(OpeningTest, an_older_database_gets_the_missing_steps_only) {
  open(kOneStep);
  EXPECT_EQ(count(*open(kTwoSteps), "SELECT count(*) FROM b"), 1);
  EXPECT_EQ(count(*open(kTwoSteps), "SELECT count(*) FROM b"), 1);
}

TEST_F(OpeningTest, a_component_that_comes_later_gets_its_tables) {
  open(kOneStep);
  const auto database = open(kSampleSteps, "sample");
  EXPECT_EQ(count(*database, kCountItems), 0);
  EXPECT_EQ(count(*database, "SELECT count(*) FROM ticketing_schema"), 3);
}

TEST_F(OpeningTest, a_newer_database_is_refused_and_left_alone) {
  open(kTwoSteps);
  const auto before = tables();
  const std::array<Migrations, 2> older{Migrations{"sample", kSampleSteps},
                                        Migrations{"a", kOneStep}};
  EXPECT_ERROR(ErrorCode::corrupt, Database::open({.url = "sqlite:" + path_, .vfs = {}}, older));
  EXPECT_EQ(tables(), before);
  EXPECT_NO_THROW(open(kTwoSteps));
}

TEST_F(OpeningTest, a_step_that_fails_leaves_nothing_behind) {
  EXPECT_ERROR(ErrorCode::corrupt, open(kBrokenSteps));
  EXPECT_EQ(tables(), "");
  EXPECT_NO_THROW(open(kTwoSteps));
}

TEST_F(OpeningTest, a_file_that_is_no_database_is_corrupt_and_left_alone) {
  const std::string text = "This is a letter, not a database." + std::string(5'000, '.');
  std::ofstream{path_} << text;
  EXPECT_ERROR(ErrorCode::corrupt, open(kOneStep));
  std::ifstream file{path_};
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>{file}, {}}), text);
}

TEST_F(OpeningTest, a_second_handle_on_the_file_is_refused) {
  const auto first = open(kOneStep);
  EXPECT_ERROR(ErrorCode::unavailable, open(kOneStep));
}

TEST_F(OpeningTest, a_second_process_on_the_file_is_refused) {
  const auto first = open(kOneStep);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto refused = error_of([&] { open(kOneStep); });
    ::_exit(refused && refused->code() == ErrorCode::unavailable ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(OpeningTest, a_closed_database_can_be_opened_again_with_its_data) {
  ScratchDatabase db{{sample_migrations()}};
  db.write([](Transaction& tx) { add_item(tx, "kept"); });
  db.reopen();
  EXPECT_EQ(db.count(kCountItems), 1);
}

TEST_F(OpeningTest, a_folder_that_does_not_exist_is_unavailable) {
  path_ = folder_.file("no/such/folder.db");
  EXPECT_ERROR(ErrorCode::unavailable, open(kOneStep));
}

TEST_F(OpeningTest, a_read_only_folder_is_unavailable) {
  ::chmod(folder_.path().c_str(), 0555);
  const auto refused = error_of([&] {
    const Nobody nobody;
    open(kOneStep);
  });
  ::chmod(folder_.path().c_str(), 0755);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code(), ErrorCode::unavailable);
}

TEST_F(OpeningTest, a_read_only_file_is_unavailable) {
  open(kOneStep);
  ::chmod(path_.c_str(), 0444);
  ::chmod(folder_.path().c_str(), 0777);
  ::chmod((path_ + ".lock").c_str(), 0666);
  const auto refused = error_of([&] {
    const Nobody nobody;
    open(kTwoSteps);
  });
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code(), ErrorCode::unavailable) << refused->what();
}

TEST_F(OpeningTest, a_url_of_another_kind_is_invalid) {
  for (const char* url : {"", "sqlite:", "mysql://x", "/path.db"}) {
    EXPECT_ERROR(ErrorCode::invalid, Database::open({.url = url, .vfs = {}}, {}));
  }
}

}  // namespace
}  // namespace ticketing
