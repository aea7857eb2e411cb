#include "arguments.hpp"

#include <gtest/gtest.h>

#include <map>

#include "invocation.hpp"
#include "program.hpp"

namespace ticketing::cli {
namespace {

using Environment = std::map<std::string, std::string>;

/// Takes `words` apart as the program does.
Arguments parse(const std::vector<std::string>& words, const Environment& environment = {}) {
  const Command command = command_of(words);
  return Arguments::parse(*command.verb, command.words, [&](const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional{found->second};
  });
}

std::string complaint_about(const std::vector<std::string>& words,
                            const Environment& environment = {}) {
  try {
    parse(words, environment);
  } catch (const Error& error) {
    EXPECT_TRUE(is_usage_error(error));
    return error.what();
  }
  return "none";
}

TEST(Arguments, operands_are_taken_in_order) {
  const Arguments arguments = parse({"sell", "Concert", "20"});
  EXPECT_EQ(arguments.text("TITLE"), "Concert");
  EXPECT_EQ(arguments.text("PRICE"), "20");
}

TEST(Arguments, a_comma_does_not_split_a_title) {
  EXPECT_EQ(parse({"sell", "Dmitri, live, again", "20"}).text("TITLE"), "Dmitri, live, again");
  EXPECT_EQ(parse({"edit", "t1", "--title", "One, two"}).text("title"), "One, two");
}

TEST(Arguments, flags_may_stand_anywhere) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--server", "http://x", "sell", "A", "1"},
                                             {"sell", "--server=http://x", "A", "1"},
                                             {"sell", "A", "1", "--server", "http://x"}}) {
    EXPECT_EQ(parse_global(parse(words)).server, "http://x");
  }
}

TEST(Arguments, what_follows_two_dashes_is_no_flag) {
  EXPECT_EQ(parse({"sell", "--", "--odd title", "1"}).text("TITLE"), "--odd title");
}

TEST(Arguments, flag_beats_variable_beats_fallback) {
  const Environment environment{{"TICKETING_SERVER", "http://variable"}};
  EXPECT_EQ(parse_global(parse({"list"})).server, "http://127.0.0.1:8080");
  EXPECT_EQ(parse_global(parse({"list"}, environment)).server, "http://variable");
  EXPECT_EQ(parse_global(parse({"list", "--server", "http://flag"}, environment)).server,
            "http://flag");
}

TEST(Arguments, every_flag_has_its_variable) {
  EXPECT_EQ(parse({"list"}, {{"TICKETING_LIMIT", "7"}}).number("limit", 1), 7);
  EXPECT_TRUE(parse({"list"}, {{"TICKETING_JSON", "1"}}).is_set("json"));
  EXPECT_FALSE(parse({"list"}, {{"TICKETING_JSON", "0"}}).is_set("json"));
  EXPECT_TRUE(parse({"list"}, {{"TICKETING_NO_COLOR", "true"}}).is_set("no-color"));
  EXPECT_EQ(complaint_about({"list"}, {{"TICKETING_JSON", "perhaps"}}),
            "TICKETING_JSON must be 1 or 0");
}

TEST(Arguments, peers_repeat_on_the_line_and_split_in_the_variable) {
  const std::vector<std::string> two{"tcp://a:1", "tcp://b:2"};
  EXPECT_EQ(parse_global(parse({"demo", "--peer", two[0], "--peer", two[1]})).peers, two);
  EXPECT_EQ(parse_global(parse({"demo"}, {{"TICKETING_PEER", "tcp://a:1,tcp://b:2"}})).peers, two);
  const std::vector<std::string> named{"a=tcp://a:1", "b=tcp://b:2"};  // As the services write it.
  EXPECT_EQ(parse_global(parse({"demo"}, {{"TICKETING_PEER", "a=tcp://a:1,b=tcp://b:2"}})).peers,
            named);
  EXPECT_EQ(parse_global(parse({"demo"})).peers, std::vector<std::string>{"tcp://127.0.0.1:7100"});
}

TEST(Arguments, verbs_of_two_words_are_found) {
  EXPECT_EQ(command_of({"events", "tail"}).verb->name, "events tail");
  EXPECT_EQ(command_of({"events", "--json", "replay"}).verb->name, "events replay");
  EXPECT_EQ(command_of({"--peer", "tcp://x:1", "events", "tail"}).verb->name, "events tail");
  const Arguments arguments = parse({"events", "tail", "order:created", "order:updated"});
  EXPECT_EQ(arguments.list("SUBJECT"),
            (std::vector<std::string>{"order:created", "order:updated"}));
}

TEST(Arguments, mistakes_are_named_with_the_way_out) {
  EXPECT_EQ(complaint_about({"sell", "Concert"}),
            "missing PRICE; usage: ticketctl sell TITLE PRICE");
  EXPECT_EQ(complaint_about({"order", "t1", "t2"}),
            "unexpected argument 't2'; text with blanks needs quotes");
  EXPECT_EQ(complaint_about({"edit", "t1", "--prise", "2"}),
            "there is no flag --prise; did you mean --price?");
  EXPECT_EQ(complaint_about({"list", "--xyzzy"}), "there is no flag --xyzzy");
  EXPECT_EQ(complaint_about({"lst"}), "there is no verb 'lst'; did you mean 'list'?");
  EXPECT_EQ(complaint_about({"frobnicate"}), "there is no verb 'frobnicate'; see ticketctl --help");
  EXPECT_EQ(complaint_about({"events"}), "which one? ticketctl events tail or events replay");
  EXPECT_EQ(complaint_about({"events", "tial"}), "there is no verb 'tial'; did you mean 'tail'?");
  EXPECT_NE(complaint_about({"list", "--server"}).find("server"), std::string::npos);
}

TEST(Arguments, numbers_and_durations_are_checked) {
  EXPECT_EQ(parse({"events", "tail", "--from", "3"}).number("from", 1), 3);
  EXPECT_EQ(parse({"events", "tail", "--timeout", "2m"}).duration("timeout"),
            std::chrono::minutes{2});
  for (const char* bad : {"0", "x", "3x", "", "99999999999999999999"}) {
    EXPECT_THROW((void)parse({"events", "tail", "--from", bad}).number("from", 1), Error) << bad;
  }
  EXPECT_THROW((void)parse({"demo", "--timeout", "5"}).duration("timeout"), Error);
}

TEST(Arguments, a_password_is_no_flag) {
  EXPECT_NE(complaint_about({"signin", "a@b.c", "--password", "x"}), "none");
  EXPECT_NE(complaint_about({"signin", "a@b.c", "x"}), "none");
}

}  // namespace
}  // namespace ticketing::cli
