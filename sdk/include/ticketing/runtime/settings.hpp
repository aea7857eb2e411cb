#pragma once
// Settings: a program's configuration after flag, environment variable and file have been merged
// (flag beats variable beats file). Every option exists in all three places under one name.
//
// Immutable after parsing: any thread may read it. Parsing throws Error(invalid) with one line that
// says what to write instead.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/core/time.hpp"

namespace ticketing {

enum class OptionKind {
  text,
  number,
  duration,
  size,
  flag,
  list,
  address,
  endpoint,
  database_url,
  bus_url
};

/// One option: `--data-dir`, `TICKETING_DATA_DIR`, `data-dir = …`.
struct Option {
  std::string name;
  OptionKind kind = OptionKind::text;
  std::string fallback;
  std::string help;
  bool secret = false;  ///< Only from the environment or a file, never from argv.
};

class Settings {
 public:
  /// Reads command line, environment and the file named by `--config`. `environment` is as environ.
  static Settings parse(std::span<const Option> options, int argc, const char* const* argv,
                        const char* const* environment);
  /// For tests: fallbacks, overridden by `values`.
  static Settings from(std::span<const Option> options,
                       const std::map<std::string, std::string>& values);

  const std::string& text(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  milliseconds duration(std::string_view name) const;
  std::uint64_t size(std::string_view name) const;
  bool flag(std::string_view name) const;
  /// Repeatable options; in a variable or file, separated by commas.
  std::vector<std::string> list(std::string_view name) const;
  /// True when someone set it, rather than the fallback.
  bool given(std::string_view name) const;

  bool wants_help() const { return wants_help_; }
  bool wants_version() const { return wants_version_; }

 private:
  void assign(std::span<const Option> options, std::string_view name, std::string value,
              std::string_view origin);
  std::map<std::string, std::string, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> origins_;
  bool wants_help_ = false;
  bool wants_version_ = false;
};

/// The text of `--help`: one line an option, with its variable and its default.
std::string help_text(std::string_view program, std::string_view summary,
                      std::span<const Option> options);

}  // namespace ticketing
