#pragma once
// A command line, an environment and a configuration file to parse settings from.

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "support/error_of.hpp"
#include "support/temp_folder.hpp"
#include "ticketing/runtime/settings.hpp"

namespace ticketing::test {

struct SettingsCase {
  std::vector<Option> options{
      {"listen", OptionKind::address, "127.0.0.1:8080", "address of the HTTP API"},
      {"data-dir", OptionKind::text, "./data", "folder of the databases"},
      {"hold", OptionKind::duration, "15m", "how long an order holds its ticket"},
      {"attempts", OptionKind::number, "1", "cards that may be declined"},
      {"buffer", OptionKind::size, "64KiB", "bytes held for a consumer"},
      {"peer", OptionKind::list, "", "where other logs are; repeatable"},
      {"dev", OptionKind::flag, "false", "development"},
      {"database", OptionKind::database_url, "sqlite:", "database engine"},
      {"card-key", OptionKind::text, "", "key of the payment provider", true},
  };
  std::vector<std::string> flags;
  std::vector<std::string> variables;
  std::optional<std::string> file;  ///< Contents.

  Settings parse() {
    std::vector<std::string> words{"program"};
    words.insert(words.end(), flags.begin(), flags.end());
    if (file) {
      std::ofstream{path()} << *file;
      words.push_back("--config=" + path());
    }
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    std::vector<const char*> environment;
    for (const std::string& entry : variables) environment.push_back(entry.c_str());
    environment.push_back(nullptr);
    return Settings::parse(options, static_cast<int>(argv.size()), argv.data(), environment.data());
  }
  /// What the refusal says: always an Error(invalid), and one line.
  std::string refusal() {
    const auto error = error_of([this] { parse(); });
    if (!error) return "not refused";
    EXPECT_EQ(error->code(), ErrorCode::invalid);
    const std::string text = error->what();
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    return text;
  }
  std::string path() const { return folder.file("ticketing.conf"); }

  TempFolder folder;
};

}  // namespace ticketing::test
