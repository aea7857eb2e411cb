#pragma once
// Options of every kind, and settings parsed from words and a file in memory.

#include <string>
#include <vector>

#include "fuzz/target.hpp"
#include "ticketing/runtime/settings.hpp"

namespace ticketing::fuzz {

inline const std::vector<Option> kOptions{
    {"listen", OptionKind::address, "127.0.0.1:8080", ""},
    {"data-dir", OptionKind::text, "./data", ""},
    {"hold", OptionKind::duration, "15m", ""},
    {"attempts", OptionKind::number, "1", ""},
    {"buffer", OptionKind::size, "64KiB", ""},
    {"peer", OptionKind::list, "", ""},
    {"dev", OptionKind::flag, "false", ""},
    {"database", OptionKind::database_url, "sqlite:", ""},
    {"bus-bind", OptionKind::endpoint, "", ""},
    {"card-key", OptionKind::text, "", "", true},
};

inline Settings parse(const std::vector<std::string>& words,
                      const std::vector<std::string>& variables = {}) {
  std::vector<const char*> argv{"program"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  std::vector<const char*> environment;
  for (const std::string& entry : variables) environment.push_back(entry.c_str());
  environment.push_back(nullptr);
  return Settings::parse(kOptions, static_cast<int>(argv.size()), argv.data(), environment.data());
}

/// Every value is of its kind: the readers assert that.
inline void read_all(const Settings& settings) {
  TICKETING_ASSERT(settings.duration("hold").count() >= 0);
  TICKETING_ASSERT(settings.number("attempts") >= 0);
  settings.size("buffer");
  settings.flag("dev");
  TICKETING_ASSERT(settings.text("database") == "sqlite:");
  for (const std::string& peer : settings.list("peer")) TICKETING_ASSERT(!peer.empty());
}

/// One line that says what is wrong.
inline void check_refusal(const Error& error) {
  TICKETING_ASSERT(error.code() == ErrorCode::invalid);
  const std::string_view text = error.what();
  TICKETING_ASSERT(!text.empty() && text.find('\n') == text.npos);
}

}  // namespace ticketing::fuzz
