// Where a setting comes from: flag beats variable beats file beats default.

#include "settings_case.hpp"

namespace ticketing::test {
namespace {

using Names = std::vector<std::string>;

TEST(Settings, a_setting_that_nobody_gives_has_its_default) {
  SettingsCase given;
  const Settings settings = given.parse();
  EXPECT_EQ(settings.text("listen"), "127.0.0.1:8080");
  EXPECT_EQ(settings.duration("hold"), std::chrono::minutes{15});
  EXPECT_EQ(settings.number("attempts"), 1);
  EXPECT_EQ(settings.size("buffer"), 65'536U);
  EXPECT_FALSE(settings.flag("dev"));
  EXPECT_TRUE(settings.list("peer").empty());
  EXPECT_FALSE(settings.given("hold"));
  EXPECT_FALSE(settings.wants_help());
  EXPECT_FALSE(settings.wants_version());
}

TEST(Settings, flag_beats_variable_beats_file) {
  SettingsCase given;
  given.file = "hold = 1m\nattempts = 2\ndata-dir = /from/file\n";
  given.variables = {"TICKETING_HOLD=2m", "TICKETING_ATTEMPTS=3"};
  given.flags = {"--hold", "3m"};
  const Settings settings = given.parse();
  EXPECT_EQ(settings.duration("hold"), std::chrono::minutes{3});
  EXPECT_EQ(settings.number("attempts"), 3);
  EXPECT_EQ(settings.text("data-dir"), "/from/file");
  EXPECT_TRUE(settings.given("data-dir"));
}

TEST(Settings, a_dash_in_a_name_is_an_underscore_in_its_variable) {
  SettingsCase given;
  given.variables = {"TICKETING_DATA_DIR=/from/variable", "OTHER=1", "no equals sign"};
  EXPECT_EQ(given.parse().text("data-dir"), "/from/variable");
}

TEST(Settings, a_flag_takes_its_value_behind_a_blank_or_an_equals_sign) {
  SettingsCase given;
  given.flags = {"--hold=1m", "--attempts", "4"};
  const Settings settings = given.parse();
  EXPECT_EQ(settings.duration("hold"), std::chrono::minutes{1});
  EXPECT_EQ(settings.number("attempts"), 4);
}

TEST(Settings, a_switch_is_on_by_its_name_alone_and_off_by_false) {
  SettingsCase given;
  given.flags = {"--dev"};
  EXPECT_TRUE(given.parse().flag("dev"));
  given.variables = {"TICKETING_DEV=true"};
  given.flags = {"--dev=false"};
  EXPECT_FALSE(given.parse().flag("dev"));
  given.flags = {};
  EXPECT_TRUE(given.parse().flag("dev"));
}

TEST(Settings, a_list_is_repeated_as_a_flag_and_separated_by_commas_elsewhere) {
  SettingsCase given;
  given.flags = {"--peer", "auth=tcp://a:1", "--peer=orders=tcp://b:2"};
  EXPECT_EQ(given.parse().list("peer"), (Names{"auth=tcp://a:1", "orders=tcp://b:2"}));
  given.flags = {};
  given.variables = {"TICKETING_PEER=a, b ,,c"};
  EXPECT_EQ(given.parse().list("peer"), (Names{"a", "b", "c"}));
  given.variables = {};
  given.file = "peer = x,y";
  EXPECT_EQ(given.parse().list("peer"), (Names{"x", "y"}));
}

TEST(Settings, a_secret_comes_from_a_variable_or_a_file) {
  SettingsCase given;
  given.variables = {"TICKETING_CARD_KEY=one"};
  EXPECT_EQ(given.parse().text("card-key"), "one");
  given.variables = {};
  given.file = "card-key = two";
  EXPECT_EQ(given.parse().text("card-key"), "two");
}

TEST(Settings, a_file_has_comments_blank_lines_and_values_with_hashes) {
  SettingsCase given;
  given.file = "# all of it\n\n  hold=1m   # shorter\r\n\tcard-key = a#b=c\ndata-dir =\n";
  const Settings settings = given.parse();
  EXPECT_EQ(settings.duration("hold"), std::chrono::minutes{1});
  EXPECT_EQ(settings.text("card-key"), "a#b=c");
  EXPECT_EQ(settings.text("data-dir"), "");
  EXPECT_TRUE(settings.given("data-dir"));
}

TEST(Settings, a_variable_can_name_the_file_and_a_flag_beats_it) {
  SettingsCase given;
  std::ofstream{given.folder.file("other.conf")} << "hold = 2m";
  given.variables = {"TICKETING_CONFIG=" + given.folder.file("other.conf")};
  EXPECT_EQ(given.parse().duration("hold"), std::chrono::minutes{2});
  given.file = "hold = 3m";
  EXPECT_EQ(given.parse().duration("hold"), std::chrono::minutes{3});
}

TEST(Settings, help_and_version_can_be_asked_for) {
  SettingsCase given;
  given.flags = {"--help"};
  EXPECT_TRUE(given.parse().wants_help());
  given.flags = {"-h"};
  EXPECT_TRUE(given.parse().wants_help());
  given.flags = {"--version"};
  EXPECT_TRUE(given.parse().wants_version());
}

TEST(Settings, help_shows_each_option_with_its_variable_and_default) {
  const SettingsCase given;
  const std::string help = help_text("ticketd", "sells tickets", given.options);
  for (const std::string line :
       {"ticketd: sells tickets\n", "Usage: ticketd [options]\n",
        "  --hold VALUE                how long an order holds its ticket (default 15m)\n",
        "                              variable TICKETING_HOLD\n",
        "  --dev                       development\n",
        "  (no flag)                   key of the payment provider\n",
        "                              variable TICKETING_CARD_KEY\n", "  --config FILE ",
        "  --help, --version\n"}) {
    EXPECT_NE(help.find(line), std::string::npos) << line << "is not in\n" << help;
  }
  EXPECT_EQ(help.find("--card-key"), std::string::npos);
}

}  // namespace
}  // namespace ticketing::test
