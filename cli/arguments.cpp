#include "arguments.hpp"

#include <charconv>
#include <cxxopts.hpp>
#include <sstream>

#include "suggestion.hpp"

namespace ticketing::cli {
namespace {

constexpr std::string_view kUsage = "usage";

cxxopts::Options options_of(const Verb& verb) {
  cxxopts::Options options{"ticketctl"};
  auto add = options.add_options();
  add("h,help", "");
  add("version", "");
  for (const auto flags : {verb.flags, global_flags()}) {
    for (const Flag& flag : flags) {
      const std::string name{flag.name};
      if (flag.value.empty()) {
        add(name, "", cxxopts::value<bool>());
      } else if (flag.repeatable) {
        add(name, "", cxxopts::value<std::vector<std::string>>());
      } else {
        add(name, "", cxxopts::value<std::string>());
      }
    }
  }
  std::vector<std::string> names;
  for (const Operand& operand : operands_of(verb)) {
    // A list would be split at commas, which titles may hold; so only repeatable ones are lists.
    if (operand.repeatable) {
      add(operand.name, "", cxxopts::value<std::vector<std::string>>());
    } else {
      add(operand.name, "", cxxopts::value<std::string>());
    }
    names.push_back(operand.name);
  }
  options.parse_positional(names);
  return options;
}

/// cxxopts' complaint in our words, with the flag that was probably meant.
Error complaint_of(const cxxopts::exceptions::exception& error, const Verb& verb) {
  std::string text = error.what();
  for (const std::string& quote : {cxxopts::LQUOTE, cxxopts::RQUOTE}) {
    for (auto at = text.find(quote); at != std::string::npos; at = text.find(quote, at)) {
      text.replace(at, quote.size(), "'");
    }
  }
  if (dynamic_cast<const cxxopts::exceptions::no_such_option*>(&error) != nullptr) {
    const auto open = text.find('\'');
    const std::string name = text.substr(open + 1, text.rfind('\'') - open - 1);
    std::vector<std::string_view> known{"help", "version"};
    for (const auto flags : {verb.flags, global_flags()}) {
      for (const Flag& flag : flags) known.push_back(flag.name);
    }
    text = "there is no flag --" + name;
    if (const auto meant = nearest(name, known)) text += "; did you mean --" + *meant + "?";
  }
  return usage_error(text);
}

cxxopts::ParseResult parse_words(const Verb& verb, const std::vector<std::string>& words) {
  std::vector<const char*> pointers{"ticketctl"};
  for (const std::string& word : words) pointers.push_back(word.c_str());
  cxxopts::Options options = options_of(verb);
  try {
    return options.parse(static_cast<int>(pointers.size()), pointers.data());
  } catch (const cxxopts::exceptions::exception& error) {
    throw complaint_of(error, verb);
  }
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream{text};
  for (std::string part; std::getline(stream, part, separator);) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

bool truth_of(const Flag& flag, const std::string& text) {
  if (text == "1" || text == "true" || text == "yes") return true;
  if (text.empty() || text == "0" || text == "false" || text == "no") return false;
  throw usage_error(variable_of(flag) + " must be 1 or 0");
}

bool is_flag_given(const Flag& flag, const cxxopts::ParseResult& result,
                   const Variables& variable) {
  return result.count(std::string{flag.name}) > 0 || variable(variable_of(flag));
}

/// The flag's values: from the command line, else the environment, else its fallback.
std::vector<std::string> values_of(const Flag& flag, const cxxopts::ParseResult& result,
                                   const Variables& variable) {
  const std::string name{flag.name};
  const bool given = result.count(name) > 0;
  const auto inherited = given ? std::nullopt : variable(variable_of(flag));
  if (flag.value.empty()) {
    const bool on = given ? result[name].as<bool>() : inherited && truth_of(flag, *inherited);
    return on ? std::vector<std::string>{"1"} : std::vector<std::string>{};
  }
  if (given && flag.repeatable) return result[name].as<std::vector<std::string>>();
  if (given) return {result[name].as<std::string>()};
  const std::string value = inherited.value_or(std::string{flag.fallback});
  if (flag.repeatable) return split(value, ',');
  return !inherited && value.empty() ? std::vector<std::string>{} : std::vector{value};
}

std::vector<std::string> values_of(const Operand& operand, const Verb& verb,
                                   const cxxopts::ParseResult& result) {
  if (result.count(operand.name) == 0) {
    if (operand.optional) return {};
    throw usage_error("missing " + operand.name + "; usage: ticketctl " + std::string{verb.name} +
                      ' ' + std::string{verb.operands});
  }
  if (operand.repeatable) return result[operand.name].as<std::vector<std::string>>();
  return {result[operand.name].as<std::string>()};
}

}  // namespace

Error usage_error(const std::string& message) {
  return Error{ErrorCode::invalid, message, std::string{kUsage}};
}

bool is_usage_error(const Error& error) { return error.word() == kUsage; }

std::string variable_of(const Flag& flag) {
  std::string name = "TICKETING_";
  for (const char c : flag.name) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::vector<Operand> operands_of(const Verb& verb) {
  std::vector<Operand> operands;
  for (std::string word : split(std::string{verb.operands}, ' ')) {
    Operand operand;
    if (word.front() == '[') {
      operand.optional = true;
      word = word.substr(1, word.size() - 2);
    }
    if (word.ends_with("...")) {
      operand.repeatable = true;
      word.resize(word.size() - 3);
    }
    operand.name = word;
    operands.push_back(std::move(operand));
  }
  return operands;
}

Arguments Arguments::parse(const Verb& verb, const std::vector<std::string>& words,
                           const Variables& variable) {
  const cxxopts::ParseResult result = parse_words(verb, words);
  Arguments arguments;
  arguments.wants_help_ = result.count("help") > 0;
  arguments.wants_version_ = result.count("version") > 0;
  for (const auto flags : {verb.flags, global_flags()}) {
    for (const Flag& flag : flags) {
      arguments.values_.emplace(flag.name, values_of(flag, result, variable));
      if (is_flag_given(flag, result, variable)) arguments.given_.emplace(flag.name);
      if (result.count(std::string{flag.name}) > 0) arguments.written_.emplace(flag.name);
    }
  }
  // Whoever asks for help does not know the operands yet.
  if (arguments.wants_help_ || arguments.wants_version_) return arguments;
  for (const Operand& operand : operands_of(verb)) {
    arguments.values_.emplace(operand.name, values_of(operand, verb, result));
  }
  if (!result.unmatched().empty()) {
    throw usage_error("unexpected argument '" + result.unmatched().front() +
                      "'; text with blanks needs quotes");
  }
  return arguments;
}

std::string Arguments::text(std::string_view name) const {
  return optional_text(name).value_or(std::string{});
}

std::optional<std::string> Arguments::optional_text(std::string_view name) const {
  const auto found = values_.find(name);
  TICKETING_ASSERT(found != values_.end());
  if (found->second.empty()) return std::nullopt;
  return found->second.front();
}

std::vector<std::string> Arguments::list(std::string_view name) const {
  const auto found = values_.find(name);
  TICKETING_ASSERT(found != values_.end());
  return found->second;
}

bool Arguments::is_set(std::string_view name) const { return optional_text(name).has_value(); }

std::optional<std::int64_t> Arguments::number(std::string_view name, std::int64_t min) const {
  const auto text = optional_text(name);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc{} || stop != end || value < min) {
    throw usage_error("--" + std::string{name} + " must be a whole number from " +
                      std::to_string(min) + " up");
  }
  return value;
}

std::optional<milliseconds> Arguments::duration(std::string_view name) const {
  const auto text = optional_text(name);
  if (!text) return std::nullopt;
  const auto value = parse_duration(*text);
  if (!value) {
    throw usage_error("--" + std::string{name} + " must be a duration such as 500ms, 10s or 2m");
  }
  return value;
}

}  // namespace ticketing::cli
