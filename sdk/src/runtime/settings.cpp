#include "ticketing/runtime/settings.hpp"

#include <algorithm>
#include <charconv>
#include <cxxopts.hpp>
#include <fstream>

#include "ticketing/core/error.hpp"
#include "ticketing/messaging/bus.hpp"
#include "ticketing/storage/database.hpp"

namespace ticketing {

namespace {

constexpr std::string_view kPrefix = "TICKETING_";

std::string variable_of(std::string_view name) {
  std::string variable{kPrefix};
  for (const char c : name) {
    variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return variable;
}

[[noreturn]] void refuse(std::string_view origin, std::string_view name, std::string_view value,
                         std::string_view write) {
  throw Error(ErrorCode::invalid, std::string{origin} + ": \"" + std::string{value} +
                                      "\" is not a value for " + std::string{name} + "; write " +
                                      std::string{write});
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

bool is_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = whole_number(text.substr(colon + 1));
  return port && *port <= 65'535;
}

/// Files of SQLite are in the data folder, by the names of the services.
void check_database(std::string_view value, std::string_view origin) {
  const bool is_file = value.starts_with("sqlite:");
  if (is_file ? value != "sqlite:" : !knows_database(value)) {
    refuse(origin, "database", holds_password(value) ? "…" : value,
           knows_database("postgresql:") ? "sqlite: or postgresql://USER@HOST:5432/DATABASE"
                                         : "sqlite:");
  }
  if (origin.starts_with("--") && holds_password(value)) {
    throw Error(ErrorCode::invalid,
                std::string{origin} +
                    " holds a password, and a command line is not secret; write "
                    "the URL to the variable TICKETING_DATABASE or the "
                    "configuration file, or the password to ~/.pgpass");
  }
}

/// Also a user alone is a secret: to NATS it is a token.
void check_bus(std::string_view value, std::string_view origin) {
  const bool holds_secret = value.find('@') != std::string_view::npos;
  if (!knows_bus(value)) refuse(origin, "bus", holds_secret ? "…" : value, bus_examples());
  if (!origin.starts_with("--") || !holds_secret) return;
  throw Error(ErrorCode::invalid,
              std::string{origin} +
                  " holds a password or a token, and a command line is not secret; write the URL "
                  "to the variable TICKETING_BUS or the configuration file");
}

/// Checks the form of a value at once, so that a slip stops the start and not a request later on.
void check(const Option& option, std::string_view value, std::string_view origin) {
  switch (option.kind) {
    case OptionKind::number:
      if (!whole_number(value)) refuse(origin, option.name, value, "a whole number, as in 3");
      return;
    case OptionKind::duration:
      if (!parse_duration(value)) refuse(origin, option.name, value, "250ms, 5s, 15m or 12h");
      return;
    case OptionKind::size:
      if (!parse_size(value)) refuse(origin, option.name, value, "a size, as in 64KiB or 1MiB");
      return;
    case OptionKind::flag:
      if (value != "true" && value != "false") refuse(origin, option.name, value, "true or false");
      return;
    case OptionKind::address:
      if (!is_address(value)) refuse(origin, option.name, value, "host:port, as in 127.0.0.1:8080");
      return;
    case OptionKind::database_url:
      check_database(value, origin);
      return;
    case OptionKind::bus_url:
      check_bus(value, origin);
      return;
    case OptionKind::text:
    case OptionKind::list:
    case OptionKind::endpoint:
      return;
  }
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return std::string{text.substr(first, text.find_last_not_of(" \t\r") - first + 1)};
}

const Option* find(std::span<const Option> options, std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const Option& option) { return option.name == name; });
  return found == options.end() ? nullptr : &*found;
}

/// A command line is for everyone on this machine to read.
void refuse_secrets(std::span<const Option> options, int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word{argv[i]};
    const std::string_view flag = word.substr(0, word.find('='));
    for (const Option& option : options) {
      if (!option.secret || flag != "--" + option.name) continue;
      throw Error(ErrorCode::invalid,
                  std::string{flag} + " is a secret, and a command line is not; write it to the " +
                      "variable " + variable_of(option.name) + " or the configuration file");
    }
  }
}

cxxopts::ParseResult parse_flags(cxxopts::Options& parser, std::span<const Option> options,
                                 int argc, const char* const* argv) {
  auto add = parser.add_options();
  add("h,help", "");
  add("version", "");
  add("config", "", cxxopts::value<std::string>());
  for (const Option& option : options) {
    if (option.secret) continue;
    if (option.kind == OptionKind::flag) {
      add(option.name, "", cxxopts::value<bool>());
    } else if (option.kind == OptionKind::list) {
      add(option.name, "", cxxopts::value<std::vector<std::string>>());
    } else {
      add(option.name, "", cxxopts::value<std::string>());
    }
  }
  refuse_secrets(options, argc, argv);
  try {
    return parser.parse(argc, argv);
  } catch (const cxxopts::exceptions::exception& error) {
    throw Error(ErrorCode::invalid, std::string{error.what()} + "; see --help");
  }
}

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ",") + value;
  return text;
}

std::string flag_value(const cxxopts::ParseResult& flags, const Option& option) {
  if (option.kind == OptionKind::flag) return flags[option.name].as<bool>() ? "true" : "false";
  if (option.kind == OptionKind::list) {
    return joined(flags[option.name].as<std::vector<std::string>>());
  }
  return flags[option.name].as<std::string>();
}

/// A line of the configuration file.
struct Entry {
  std::string name;
  std::string value;
  std::string origin;  ///< `path:line`
};

/// `#` starts a comment at the start of a line or behind a blank: a value may hold one.
std::string without_comment(const std::string& line) {
  for (std::size_t at = line.find('#'); at != std::string::npos; at = line.find('#', at + 1)) {
    if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return trimmed(line.substr(0, at));
  }
  return trimmed(line);
}

/// `name = value` lines.
std::vector<Entry> read_file(const std::string& path) {
  std::ifstream file{path};
  std::vector<Entry> entries;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    line = without_comment(line);
    if (line.empty()) continue;
    const std::string origin = path + ":" + std::to_string(number);
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) {
      throw Error(ErrorCode::invalid, origin + ": expected name = value");
    }
    entries.push_back({trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)), origin});
  }
  // Missing, not ours to read, or a folder.
  if (!file.eof()) throw Error(ErrorCode::invalid, "cannot read the configuration file " + path);
  return entries;
}

}  // namespace

Settings Settings::parse(std::span<const Option> options, int argc, const char* const* argv,
                         const char* const* environment) {
  Settings settings = from(options, {});
  cxxopts::Options parser{argc > 0 ? argv[0] : "ticketing"};
  const cxxopts::ParseResult flags = parse_flags(parser, options, argc, argv);
  settings.wants_help_ = flags.count("help") > 0;
  settings.wants_version_ = flags.count("version") > 0;
  if (!flags.unmatched().empty()) {
    throw Error(ErrorCode::invalid,
                "unexpected argument \"" + flags.unmatched().front() + "\"; see --help");
  }
  std::map<std::string, std::string> variables;
  for (const char* const* entry = environment; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || text.rfind(kPrefix, 0) != 0) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  std::string file = variables["TICKETING_CONFIG"];
  if (flags.count("config") > 0) file = flags["config"].as<std::string>();
  if (!file.empty()) {
    for (const auto& [name, value, origin] : read_file(file)) {
      settings.assign(options, name, value, origin);
    }
  }
  for (const Option& option : options) {
    const auto variable = variables.find(variable_of(option.name));
    if (variable == variables.end()) continue;
    settings.assign(options, option.name, variable->second, variable->first);
  }
  for (const Option& option : options) {
    if (option.secret || flags.count(option.name) == 0) continue;
    settings.assign(options, option.name, flag_value(flags, option), "--" + option.name);
  }
  return settings;
}

Settings Settings::from(std::span<const Option> options,
                        const std::map<std::string, std::string>& values) {
  Settings settings;
  for (const Option& option : options) settings.values_[option.name] = option.fallback;
  for (const auto& [name, value] : values) settings.assign(options, name, value, "test");
  return settings;
}

void Settings::assign(std::span<const Option> options, std::string_view name, std::string value,
                      std::string_view origin) {
  const Option* option = find(options, name);
  if (option == nullptr) {
    throw Error(ErrorCode::invalid, std::string{origin} + ": there is no option \"" +
                                        std::string{name} + "\"; see --help");
  }
  check(*option, value, origin);
  values_[option->name] = std::move(value);
  origins_[option->name] = origin;
}

const std::string& Settings::text(std::string_view name) const {
  const auto found = values_.find(name);
  TICKETING_ASSERT(found != values_.end());
  return found->second;
}

std::int64_t Settings::number(std::string_view name) const {
  const auto value = whole_number(text(name));
  TICKETING_ASSERT(value.has_value());
  return *value;
}

milliseconds Settings::duration(std::string_view name) const {
  const auto value = parse_duration(text(name));
  TICKETING_ASSERT(value.has_value());
  return *value;
}

std::uint64_t Settings::size(std::string_view name) const {
  const auto value = parse_size(text(name));
  TICKETING_ASSERT(value.has_value());
  return *value;
}

bool Settings::flag(std::string_view name) const { return text(name) == "true"; }

std::vector<std::string> Settings::list(std::string_view name) const {
  std::vector<std::string> items;
  std::string_view rest = text(name);
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    if (std::string item = trimmed(rest.substr(0, comma)); !item.empty()) {
      items.push_back(std::move(item));
    }
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return items;
}

bool Settings::given(std::string_view name) const { return origins_.contains(name); }

std::string help_text(std::string_view program, std::string_view summary,
                      std::span<const Option> options) {
  std::string text = std::string{program} + ": " + std::string{summary} +
                     "\n\nUsage: " + std::string{program} + " [options]\n\n";
  for (const Option& option : options) {
    std::string flag = "  --" + option.name;
    if (option.secret) flag = "  (no flag)";
    if (!option.secret && option.kind != OptionKind::flag) flag += " VALUE";
    flag.resize(std::max<std::size_t>(flag.size() + 2, 30), ' ');
    text += flag + option.help;
    if (!option.fallback.empty() && option.fallback != "false") {
      text += " (default " + option.fallback + ")";
    }
    text += "\n" + std::string(30, ' ') + "variable " + variable_of(option.name) + "\n";
  }
  return text +
         "  --config FILE               lines of name = value; flag beats variable beats file\n" +
         "  --help, --version\n";
}

}  // namespace ticketing
