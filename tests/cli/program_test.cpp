#include "program.hpp"

#include <gtest/gtest.h>

#include "fake_world.hpp"

namespace ticketing::cli {
namespace {

TEST(Program, help_names_every_verb_and_every_flag) {
  FakeWorld fake;
  EXPECT_EQ(fake.run({"--help"}), 0);
  for (const Verb& verb : verbs()) {
    EXPECT_NE(fake.out().find("  " + std::string{verb.name}), std::string::npos) << verb.name;
  }
  for (const Flag& flag : global_flags()) {
    EXPECT_NE(fake.out().find(variable_of(flag)), std::string::npos) << flag.name;
  }
  EXPECT_EQ(fake.err(), "");
}

TEST(Program, every_verb_has_help_of_its_own) {
  FakeWorld fake;
  for (const Verb& verb : verbs()) {
    std::vector<std::string> words;
    std::istringstream name{std::string{verb.name}};
    for (std::string word; name >> word;) words.push_back(word);
    std::vector<std::string> asked{"help"};
    asked.insert(asked.end(), words.begin(), words.end());
    words.push_back("--help");

    EXPECT_EQ(fake.run(words), 0);
    const std::string text = fake.out();
    EXPECT_TRUE(text.starts_with("Usage: ticketctl " + std::string{verb.name})) << text;
    EXPECT_EQ(fake.run(asked), 0);
    EXPECT_EQ(fake.out(), text);
  }
}

TEST(Program, help_fits_a_terminal_of_a_hundred_columns) {
  FakeWorld fake;
  std::vector<std::vector<std::string>> lines{{"--help"}};
  for (const Verb& verb : verbs()) {
    if (verb.name.find(' ') == std::string_view::npos)
      lines.push_back({std::string{verb.name}, "-h"});
  }
  for (const auto& words : lines) {
    fake.run(words);
    std::istringstream out{fake.out()};
    for (std::string line; std::getline(out, line);) {
      EXPECT_LE(line.size(), 100U) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
  }
}

TEST(Program, version_is_told) {
  FakeWorld fake;
  EXPECT_EQ(fake.run({"--version"}), 0);
  EXPECT_TRUE(fake.out().starts_with("ticketctl "));
}

TEST(Program, nothing_to_do_is_wrong_usage) {
  FakeWorld fake;
  EXPECT_EQ(fake.run({}), 2);
  EXPECT_EQ(fake.err(), "ticketctl: what shall be done? see ticketctl --help\n");
  EXPECT_EQ(fake.run({"sel", "x"}), 2);
  EXPECT_EQ(fake.err(), "ticketctl: there is no verb 'sel'; did you mean 'sell'?\n");
}

TEST(Program, a_server_that_is_not_there_is_unavailable) {
  FakeWorld fake;
  // Port 1 is reserved (tcpmux); nobody listens there.
  EXPECT_EQ(fake.run({"list", "--server", "http://127.0.0.1:1"}), 6);
  EXPECT_TRUE(fake.err().starts_with("ticketctl: cannot reach http://127.0.0.1:1: "));
  EXPECT_TRUE(fake.err().ends_with("start ticketd or pass --server\n")) << fake.err();
  EXPECT_EQ(fake.run({"list", "--server", "ftp://x"}), 2);
}

TEST(Program, every_code_has_its_status_and_a_next_step) {
  for (const ErrorCode code :
       {ErrorCode::unauthorized, ErrorCode::not_found, ErrorCode::refused, ErrorCode::conflict,
        ErrorCode::exhausted, ErrorCode::unavailable, ErrorCode::corrupt}) {
    const std::string message = message_of(Error{code, "What happened"}, nullptr);
    EXPECT_TRUE(message.starts_with("What happened; ")) << message;
  }
  EXPECT_EQ(policy_of(ErrorCode::not_found).exit_status, 3);
  EXPECT_EQ(policy_of(ErrorCode::unauthorized).exit_status, 4);
  EXPECT_EQ(policy_of(ErrorCode::refused).exit_status, 5);
  EXPECT_EQ(policy_of(ErrorCode::unavailable).exit_status, 6);
}

TEST(Program, colour_only_where_a_terminal_reads_and_nothing_forbids_it) {
  FakeWorld fake;
  const auto has_colour = [&](const std::vector<std::string>& words) {
    fake.run(words);
    return fake.err().find('\x1b') != std::string::npos;
  };
  const std::vector<std::string> wrong{"sell"};
  EXPECT_FALSE(has_colour(wrong));
  fake.is_terminal = true;
  EXPECT_TRUE(has_colour(wrong));
  EXPECT_FALSE(has_colour({"sell", "--no-color"}));
  fake.variables["NO_COLOR"] = "1";
  EXPECT_FALSE(has_colour(wrong));
  fake.variables["NO_COLOR"] = "";
  EXPECT_TRUE(has_colour(wrong));
  fake.variables["TICKETING_NO_COLOR"] = "1";
  EXPECT_FALSE(has_colour(wrong));
}

TEST(Program, data_that_nobody_took_is_a_failure) {
  FakeWorld fake;
  World world = fake.view();
  world.out.setstate(std::ios::badbit);
  EXPECT_EQ(run({"--version"}, world), 1);
  EXPECT_EQ(fake.err(), "ticketctl: cannot write to standard output\n");
  EXPECT_EQ(run({"--help"}, world), 1);
}

}  // namespace
}  // namespace ticketing::cli
