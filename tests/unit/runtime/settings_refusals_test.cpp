// What is refused: always in one line that names where the value came from and what to write.

#include "settings_case.hpp"

namespace ticketing::test {
namespace {

struct BadValue {
  std::string name;
  std::string value;
  std::string write;  ///< What the refusal says to write.
};

const std::vector<BadValue> kBadValues{
    {"hold", "15", "250ms, 5s, 15m or 12h"},
    {"hold", "1.5m", "250ms, 5s, 15m or 12h"},
    {"hold", "-5m", "250ms, 5s, 15m or 12h"},
    {"hold", "", "250ms, 5s, 15m or 12h"},
    {"attempts", "many", "a whole number, as in 3"},
    {"attempts", "-1", "a whole number, as in 3"},
    {"attempts", "1.5", "a whole number, as in 3"},
    {"attempts", "99999999999999999999", "a whole number, as in 3"},
    {"buffer", "64KB", "a size, as in 64KiB or 1MiB"},
    {"buffer", "", "a size, as in 64KiB or 1MiB"},
    {"dev", "yes", "true or false"},
    {"listen", "8080", "host:port, as in 127.0.0.1:8080"},
    {"listen", "127.0.0.1:", "host:port, as in 127.0.0.1:8080"},
    {"listen", "127.0.0.1:70000", "host:port, as in 127.0.0.1:8080"},
    {"listen", ":8080", "host:port, as in 127.0.0.1:8080"},
    {"database", "mysql://x", "sqlite:"},
};

std::string expected(const std::string& origin, const BadValue& bad) {
  return origin + ": \"" + bad.value + "\" is not a value for " + bad.name + "; write " + bad.write;
}

TEST(SettingsRefusals, a_bad_value_of_a_flag) {
  for (const BadValue& bad : kBadValues) {
    if (bad.name == "dev") continue;
    SettingsCase given;
    given.flags = {"--" + bad.name + "=" + bad.value};
    EXPECT_EQ(given.refusal(), expected("--" + bad.name, bad));
  }
}

TEST(SettingsRefusals, a_bad_value_of_a_variable) {
  for (const BadValue& bad : kBadValues) {
    SettingsCase given;
    std::string variable = "TICKETING_" + bad.name;
    for (char& c : variable) c = static_cast<char>(std::toupper(c));
    given.variables = {variable + "=" + bad.value};
    EXPECT_EQ(given.refusal(), expected(variable, bad));
  }
}

TEST(SettingsRefusals, a_bad_value_in_the_file_with_its_line) {
  for (const BadValue& bad : kBadValues) {
    SettingsCase given;
    given.file = "# a comment\n\n" + bad.name + " = " + bad.value + "\n";
    EXPECT_EQ(given.refusal(), expected(given.path() + ":3", bad));
  }
}

TEST(SettingsRefusals, a_bad_value_counts_even_when_another_source_would_beat_it) {
  SettingsCase given;
  given.variables = {"TICKETING_HOLD=soon"};
  given.flags = {"--hold=1m"};
  EXPECT_EQ(given.refusal(),
            R"(TICKETING_HOLD: "soon" is not a value for hold; write 250ms, 5s, 15m or 12h)");
}

TEST(SettingsRefusals, an_unknown_flag) {
  for (const std::string flag : {"--hodl=1m", "--hodl", "-x", "--HOLD=1m"}) {
    SettingsCase given;
    given.flags = {flag};
    EXPECT_NE(given.refusal().find("does not exist; see --help"), std::string::npos)
        << given.refusal();
  }
}

TEST(SettingsRefusals, a_flag_without_its_value) {
  SettingsCase given;
  given.flags = {"--hold"};
  EXPECT_NE(given.refusal().find("hold"), std::string::npos) << given.refusal();
  EXPECT_TRUE(given.refusal().ends_with("; see --help"));
}

TEST(SettingsRefusals, a_switch_with_a_value_that_is_none) {
  SettingsCase given;
  given.flags = {"--dev=maybe"};
  EXPECT_TRUE(given.refusal().ends_with("; see --help")) << given.refusal();
}

TEST(SettingsRefusals, a_word_that_belongs_to_no_flag) {
  SettingsCase given;
  given.flags = {"serve"};
  EXPECT_EQ(given.refusal(), "unexpected argument \"serve\"; see --help");
}

TEST(SettingsRefusals, an_unknown_option_in_the_file_with_its_line) {
  SettingsCase given;
  given.file = "hold = 1m\nhodl = 1m\n";
  EXPECT_EQ(given.refusal(), given.path() + ":2: there is no option \"hodl\"; see --help");
}

TEST(SettingsRefusals, a_line_of_another_form_with_its_number) {
  SettingsCase given;
  given.file = "hold = 1m\n\nattempts 3\n";
  EXPECT_EQ(given.refusal(), given.path() + ":3: expected name = value");
}

TEST(SettingsRefusals, a_file_that_cannot_be_read) {
  SettingsCase given;
  for (const std::string& path : {given.folder.file("missing.conf"), given.folder.path()}) {
    given.flags = {"--config=" + path};
    EXPECT_EQ(given.refusal(), "cannot read the configuration file " + path);
  }
}

TEST(SettingsRefusals, a_secret_on_the_command_line_is_refused_and_not_repeated) {
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"--card-key=sk_live_1"}, {"--card-key", "sk_live_1"}}) {
    SettingsCase given;
    given.flags = flags;
    EXPECT_EQ(given.refusal(),
              "--card-key is a secret, and a command line is not; write it to the variable "
              "TICKETING_CARD_KEY or the configuration file");
  }
}

TEST(SettingsRefusals, an_unknown_name_in_a_test) {
  const SettingsCase given;
  EXPECT_ERROR(ErrorCode::invalid, Settings::from(given.options, {{"hodl", "1m"}}));
  EXPECT_EQ(Settings::from(given.options, {{"hold", "1m"}}).duration("hold"),
            std::chrono::minutes{1});
}

}  // namespace
}  // namespace ticketing::test
