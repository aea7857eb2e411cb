#include "password.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "fake_world.hpp"

namespace ticketing::cli {
namespace {

std::string read(FakeWorld& fake, const PasswordSource& source, bool is_new = false) {
  World world = fake.view();
  return read_password(source, world, is_new);
}

TEST(Password, a_file_gives_its_first_line) {
  FakeWorld fake;
  std::filesystem::create_directories(fake.home());
  const std::string path = fake.home() / "password";
  std::ofstream{path} << "s3cret with blank \r\nnotes\n";
  EXPECT_EQ(read(fake, {path, false}), "s3cret with blank ");
  EXPECT_THROW(read(fake, {path + ".missing", false}), Error);
  std::ofstream{path}.flush();
  EXPECT_THROW(read(fake, {path, false}), Error);
}

TEST(Password, standard_input_gives_its_first_line) {
  FakeWorld fake;
  fake.in.str("s3cret\nmore\n");
  EXPECT_EQ(read(fake, {"", true}), "s3cret");
}

TEST(Password, the_environment_comes_before_the_prompt) {
  FakeWorld fake;
  fake.is_terminal = true;
  fake.variables["TICKETING_PASSWORD"] = "from-variable";
  EXPECT_EQ(read(fake, {}), "from-variable");
  EXPECT_TRUE(fake.prompts.empty());
}

TEST(Password, a_flag_comes_before_the_environment) {
  FakeWorld fake;
  fake.variables["TICKETING_PASSWORD"] = "from-variable";
  fake.in.str("from-input");
  EXPECT_EQ(read(fake, {"", true}), "from-input");
}

TEST(Password, a_new_one_is_asked_for_twice) {
  FakeWorld fake;
  fake.is_terminal = true;
  fake.typed = {"s3cret", "s3cret"};
  EXPECT_EQ(read(fake, {}, true), "s3cret");
  EXPECT_EQ(fake.prompts.size(), 2U);
  fake.typed = {"s3cret", "secret"};
  EXPECT_THROW(read(fake, {}, true), Error);
  fake.typed = {"s3cret"};
  EXPECT_EQ(read(fake, {}, false), "s3cret");
}

TEST(Password, without_a_source_the_ways_are_named) {
  FakeWorld fake;
  EXPECT_EQ(fake.run({"signin", "a@b.c"}), 2);
  EXPECT_EQ(fake.err(),
            "ticketctl: no password; pass --password-stdin or --password-file, or set "
            "TICKETING_PASSWORD; see ticketctl signin --help\n");
}

TEST(Password, two_sources_exclude_each_other) {
  FakeWorld fake;
  EXPECT_EQ(fake.run({"signin", "a@b.c", "--password-stdin", "--password-file", "x"}), 2);
}

}  // namespace
}  // namespace ticketing::cli
