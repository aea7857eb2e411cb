// Command lines, a word a line, behind one that names a verb of ticketctl, or says `service`.
// What is understood is of its kind and comes out alike from variables; a secret is never taken.

#include "arguments.hpp"
#include "fuzz/options.hpp"

namespace ticketing::fuzz {
namespace {

bool names_a_file(const std::string& word) { return word.find("--config") != word.npos; }

std::vector<std::string> as_variables(const Settings& settings) {
  std::vector<std::string> variables;
  for (const Option& option : kOptions) {
    if (!settings.given(option.name)) continue;
    std::string name = "TICKETING_" + option.name;
    for (char& c : name) {
      c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    variables.push_back(name + '=' + settings.text(option.name));
  }
  return variables;
}

void check_program(const std::vector<std::string>& words) {
  // Which files there are is another machine's business.
  if (std::any_of(words.begin(), words.end(), names_a_file)) return;
  std::optional<Settings> settings;
  if (const auto error = error_of([&] { settings = parse(words); })) return check_refusal(*error);
  read_all(*settings);
  TICKETING_ASSERT(!settings->given("card-key"));
  const Settings again = parse({}, as_variables(*settings));
  for (const Option& option : kOptions) {
    TICKETING_ASSERT(again.text(option.name) == settings->text(option.name));
  }
}

void check_values(const cli::Verb& verb, const cli::Arguments& arguments) {
  for (const auto flags : {verb.flags, cli::global_flags()}) {
    for (const cli::Flag& flag : flags) {
      TICKETING_ASSERT(flag.repeatable || arguments.list(flag.name).size() <= 1);
    }
  }
  if (arguments.wants_help() || arguments.wants_version()) return;
  for (const cli::Operand& operand : cli::operands_of(verb)) {
    TICKETING_ASSERT(operand.optional || !arguments.list(operand.name).empty());
    TICKETING_ASSERT(operand.repeatable || arguments.list(operand.name).size() <= 1);
  }
}

void check_verb(const cli::Verb& verb, const std::vector<std::string>& words) {
  const cli::Variables none = [](const std::string&) { return std::nullopt; };
  const auto error =
      error_of([&] { check_values(verb, cli::Arguments::parse(verb, words, none)); });
  if (!error) return;
  TICKETING_ASSERT(cli::is_usage_error(*error));
  check_refusal(*error);
}

}  // namespace

void check(std::string_view input) {
  const std::string_view name = take_until(input, '\n');
  // What ends a word of a real command line.
  const std::vector<std::string> words = split(input.substr(0, input.find('\0')), '\n');
  if (name == "service") return check_program(words);
  for (const cli::Verb& verb : cli::verbs()) {
    if (verb.name == name) check_verb(verb, words);
  }
}

}  // namespace ticketing::fuzz
