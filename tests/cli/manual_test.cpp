// What is generated from the table of verbs: examples, completions, the manual page. Completions
// are tried in the shells that they are for, where those are installed.

#include "manual.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "arguments.hpp"
#include "fake_world.hpp"

namespace ticketing::cli {
namespace {

using Words = std::vector<std::string>;

/// The words of a command line as a shell would read it: blanks part them, double quotes hold them.
Words words_of(std::string_view line) {
  Words words;
  std::string word;
  bool quoted = false;
  for (const char c : std::string{line} + ' ') {
    if (c == '"') {
      quoted = !quoted;
    } else if (c != ' ' || quoted) {
      word += c;
    } else {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  return words;
}

TEST(Examples, every_verb_has_one_that_it_understands) {
  const Variables none = [](const std::string&) { return std::nullopt; };
  for (const Verb& verb : verbs()) {
    Words words = words_of(example_of(verb));
    ASSERT_EQ(words.at(0), "ticketctl") << verb.name;
    words.erase(words.begin());
    const Command command = command_of(words);
    EXPECT_EQ(command.verb, &verb);
    EXPECT_NO_THROW(Arguments::parse(verb, command.words, none)) << verb.name;
  }
}

TEST(Examples, stand_in_the_help_and_in_the_manual) {
  FakeWorld fake;
  EXPECT_EQ(fake.run({"order", "--help"}), 0);
  EXPECT_NE(fake.out().find("Example:\n  ticketctl order TICKET --watch\n"), std::string::npos);
  EXPECT_EQ(fake.run({"man"}), 0);
  EXPECT_NE(fake.out().find("ticketctl order TICKET \\-\\-watch\n"), std::string::npos);
}

TEST(Completions, a_shell_that_is_none_is_wrong_usage) {
  FakeWorld fake;
  EXPECT_EQ(fake.run({"completions", "bsh"}), 2);
  EXPECT_EQ(fake.err(),
            "ticketctl: there are completions for bash, zsh and fish, not for 'bsh'; did you mean "
            "'bash'? see ticketctl completions --help\n");
}

/// What `shell` prints when it runs `script`, with `files` in its folder; skips without the shell.
class Tried : public testing::Test {
 protected:
  void need(const std::string& program) {
    if (std::system(("command -v " + program + " >/dev/null").c_str()) != 0) {
      GTEST_SKIP() << program << " is not installed";
    }
  }
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(fake.home());
    std::ofstream{fake.home() / name} << text;
  }
  /// The status, and what was printed.
  std::pair<int, std::string> run(const std::string& command) {
    const std::string line = "cd '" + fake.home().string() + "' && " + command + " 2>&1";
    FILE* pipe = ::popen(line.c_str(), "r");
    EXPECT_NE(pipe, nullptr);
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    return {::pclose(pipe), text};
  }

  FakeWorld fake;
};

class CompletionsInBash : public Tried {
 protected:
  void SetUp() override {
    need("bash");
    write("completions", completions_for(Shell::bash));
  }
  /// What is offered at the end of `line`.
  Words offered(const std::string& line) {
    write("try", ". ./completions\nCOMP_LINE='" + line +
                     "'; COMP_POINT=${#COMP_LINE}; _ticketctl\n"
                     "printf '%s\\n' \"${COMPREPLY[@]}\"\n");
    const auto [status, text] = run("bash --norc -eu try");
    EXPECT_EQ(status, 0) << text;
    Words words;
    std::istringstream lines{text};
    for (std::string word; std::getline(lines, word);) {
      if (!word.empty()) words.push_back(word);
    }
    std::sort(words.begin(), words.end());
    return words;
  }
};

TEST_F(CompletionsInBash, every_first_word_is_offered) {
  const Words words = offered("ticketctl ");
  for (const Verb& verb : verbs()) {
    const std::string first{verb.name.substr(0, verb.name.find(' '))};
    EXPECT_EQ(std::count(words.begin(), words.end(), first), 1) << first;
  }
  EXPECT_EQ(offered("ticketctl ord"), (Words{"order", "orders"}));
}

TEST_F(CompletionsInBash, a_noun_leads_to_its_verbs) {
  EXPECT_EQ(offered("ticketctl events "), (Words{"replay", "tail"}));
  EXPECT_EQ(offered("ticketctl --json profile r"), Words{"remove"});
  EXPECT_EQ(offered("ticketctl --server http://x:1 events r"), Words{"replay"});
}

TEST_F(CompletionsInBash, flags_are_those_of_the_verb_and_of_every_verb) {
  EXPECT_EQ(offered("ticketctl pay ORDER --t"), (Words{"--timeout", "--token"}));
  EXPECT_EQ(offered("ticketctl whoami --t"), Words{});
  EXPECT_EQ(offered("ticketctl whoami --js"), Words{"--json"});
  EXPECT_EQ(offered("ticketctl events replay --t"), (Words{"--timeout", "--to"}));
}

TEST_F(CompletionsInBash, values_are_offered_where_they_are_known) {
  EXPECT_EQ(offered("ticketctl events tail --output "), (Words{"cloudevents", "lines"}));
  EXPECT_EQ(offered("ticketctl completions "), (Words{"bash", "fish", "zsh"}));
  EXPECT_EQ(offered("ticketctl events tail --publisher pay"), Words{"payments"});
  EXPECT_EQ(offered("ticketctl pay --token "), Words{});
}

TEST_F(CompletionsInBash, a_colon_does_not_cut_a_word) {
  EXPECT_EQ(offered("ticketctl events tail ticket"), (Words{"ticket:created", "ticket:updated"}));
  EXPECT_EQ(offered("ticketctl events tail ticket:c"), Words{"created"});  // bash has the rest.
  EXPECT_EQ(offered("ticketctl orders --status awaiting:"), Words{"payment"});
}

TEST_F(CompletionsInBash, files_are_offered_where_a_path_stands) {
  write("secret.txt", "");
  EXPECT_EQ(offered("ticketctl signin a@b.c --password-file sec"), Words{"secret.txt"});
}

class CompletionsInZsh : public Tried {};

TEST_F(CompletionsInZsh, what_is_offered_is_what_the_table_says) {
  need("zsh");
  if (IsSkipped()) return;
  write("_ticketctl", completions_for(Shell::zsh));
  // compadd is where a completion hands over what it offers.
  write("try",
        "compdef() { : }\ncompadd() { shift; print -l -- $@ }\n. ./_ticketctl\n"
        "words=(ticketctl --json events ''); CURRENT=4; _ticketctl\n"
        "words=(ticketctl events tail --output ''); CURRENT=5; _ticketctl\n"
        "words=(ticketctl pay o1 --tok); CURRENT=4; _ticketctl | grep -x -- --token\n");
  const auto [status, text] = run("zsh -f try");
  EXPECT_EQ(status, 0) << text;
  EXPECT_EQ(text, "tail\nreplay\nlines\ncloudevents\n--token\n");
}

class CompletionsInFish : public Tried {};

TEST_F(CompletionsInFish, what_is_offered_is_what_the_table_says) {
  need("fish");
  if (IsSkipped()) return;
  write("ticketctl.fish", completions_for(Shell::fish));
  write("try",
        "source ticketctl.fish\n"
        "complete -C 'ticketctl events ' | string split -f1 \\t\n"
        "complete -C 'ticketctl events tail --output ' | string split -f1 \\t\n"
        "complete -C 'ticketctl pay o1 --tok' | string split -f1 \\t\n");
  const auto [status, text] = run("HOME=. XDG_CONFIG_HOME=. fish --no-config try");
  EXPECT_EQ(status, 0) << text;
  EXPECT_EQ(text, "replay\ntail\ncloudevents\nlines\n--token\n");
}

class Manual : public Tried {};

TEST_F(Manual, names_every_verb_and_every_flag) {
  const std::string page = manual_page("1.2.3");
  EXPECT_TRUE(page.starts_with(".TH TICKETCTL 1 \"\" \"libticketing 1.2.3\"\n.SH NAME\n"));
  for (const Verb& verb : verbs()) {
    EXPECT_NE(page.find(".SS " + std::string{verb.name}), std::string::npos) << verb.name;
    for (const Flag& flag : verb.flags) {
      EXPECT_NE(page.find(variable_of(flag)), std::string::npos) << flag.name;
    }
  }
}

TEST_F(Manual, is_set_without_a_warning) {
  need("man");
  if (IsSkipped()) return;
  write("ticketctl.1", manual_page("1.2.3"));
  const auto [status, text] =
      run("LC_ALL=C.UTF-8 MANROFFSEQ= MANWIDTH=100 man --warnings -l -Tutf8 ./ticketctl.1 "
          "2>&1 >/dev/null");
  EXPECT_EQ(status, 0) << text;
  EXPECT_EQ(text, "");
}

TEST_F(Manual, has_nothing_that_mandoc_complains_of) {
  need("mandoc");
  if (IsSkipped()) return;
  write("ticketctl.1", manual_page("1.2.3"));
  // A date would make every build differ from the next.
  const auto [status, text] =
      run("mandoc -T lint -W warning ./ticketctl.1 | grep -v 'missing date'");
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace ticketing::cli
