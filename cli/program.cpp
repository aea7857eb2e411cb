#include "program.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <utility>

#include "help.hpp"
#include "invocation.hpp"
#include "suggestion.hpp"

namespace ticketing::cli {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

/// Stands in for the verb of a command line without one, so that its flags are read all the same.
constexpr Verb kNoVerb{"", "", "", {}, nullptr};

const Verb* verb_named(std::string_view name) {
  const auto found = std::find_if(verbs().begin(), verbs().end(),
                                  [&](const Verb& verb) { return verb.name == name; });
  return found == verbs().end() ? nullptr : &*found;
}

/// The second words of the verbs whose first word is `noun`; empty when there are none.
std::vector<std::string_view> verbs_of_noun(std::string_view noun) {
  std::vector<std::string_view> seconds;
  for (const Verb& verb : verbs()) {
    if (verb.name.size() > noun.size() && verb.name.starts_with(noun) &&
        verb.name[noun.size()] == ' ') {
      seconds.push_back(verb.name.substr(noun.size() + 1));
    }
  }
  return seconds;
}

bool takes_value(std::string_view word) {
  return std::any_of(global_flags().begin(), global_flags().end(), [&](const Flag& flag) {
    return !flag.value.empty() && word.starts_with("--") && word.substr(2) == flag.name;
  });
}

/// Where the next word that is neither a flag nor a flag's value stands, from `start` on.
std::size_t next_operand(const std::vector<std::string>& words, std::size_t start) {
  for (std::size_t i = start; i < words.size(); ++i) {
    if (words[i] == "--") return words.size();
    if (!words[i].starts_with('-')) return i;
    if (takes_value(words[i])) ++i;
  }
  return words.size();
}

[[noreturn]] void unknown_verb(const std::string& word, std::span<const std::string_view> known) {
  const auto meant = nearest(word, known);
  throw usage_error("there is no verb '" + word + "'; " +
                    (meant ? "did you mean '" + *meant + "'?" : "see ticketctl --help"));
}

std::vector<std::string_view> first_words() {
  std::vector<std::string_view> names{"help"};
  for (const Verb& verb : verbs()) names.push_back(verb.name.substr(0, verb.name.find(' ')));
  return names;
}

/// The verb of the noun at `words[at]`; takes its second word out of `words`.
const Verb* verb_of_noun(std::vector<std::string>& words, std::size_t at, const std::string& noun) {
  const auto seconds = verbs_of_noun(noun);
  const std::size_t second = next_operand(words, at);
  if (second == words.size()) {
    std::string names;
    for (const std::string_view name : seconds) {
      names += (names.empty() ? "" : " or ") + noun + ' ' + std::string{name};
    }
    throw usage_error("which one? ticketctl " + names);
  }
  const Verb* verb = verb_named(noun + ' ' + words[second]);
  if (verb == nullptr) unknown_verb(words[second], seconds);
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(second));
  return verb;
}

/// For words that say more than the code does. Empty: the message says it all.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kHints{{
    {"peer_unavailable", "start ticketd or pass --peer"},
    {"admin_unavailable", "start ticketd or pass --admin"},
    {"no_dead_letter", "see them with: ticketctl dlq list"},
    {"no_profile", "see them with: ticketctl profile list"},
    {"invalid_credentials", "check the address and the password"},
    {"email_in_use", "sign in with: ticketctl signin EMAIL"},
    {"timeout", ""},
    {"profile_open", ""},
    {"bus_refused", ""},
    {"migration", ""},
    {"interrupted", ""},
}};

std::string_view hint_of(const Error& error) {
  const std::string& word = error.fields().size() == 1 ? error.fields().front().code : error.word();
  const auto special = std::find_if(kHints.begin(), kHints.end(),
                                    [&](const auto& hint) { return hint.first == word; });
  if (special != kHints.end()) return special->second;
  switch (error.code()) {
    case ErrorCode::unauthorized:
      return "sign in with: ticketctl signin EMAIL";
    case ErrorCode::not_found:
      return "check the id with: ticketctl list, ticketctl orders";
    case ErrorCode::refused:
      return "look at how it stands with: ticketctl show ID";
    case ErrorCode::conflict:
      return "it was changed meanwhile; run the command again";
    case ErrorCode::exhausted:
      return "wait a minute, then try again";
    case ErrorCode::unavailable:
      return "start ticketd or pass --server";
    case ErrorCode::corrupt:
      return "is there a ticketd of this version at --server?";
    case ErrorCode::invalid:
      break;
  }
  return {};
}

void execute(const Command& command, World& world) {
  const Verb& verb = command.verb == nullptr ? kNoVerb : *command.verb;
  const Arguments arguments = Arguments::parse(verb, command.words, world.variable);
  const bool asks = arguments.wants_version() || arguments.wants_help() || command.verb == nullptr;
  const GlobalOptions named = parse_global(arguments);
  Invocation invocation{world, asks ? named : with_profile(named, arguments, world.variable)};
  if (arguments.wants_version()) {
    invocation.output().line("ticketctl " TICKETCTL_VERSION);
  } else if (arguments.wants_help()) {
    invocation.output().text(command.verb == nullptr ? help_text() : help_text(verb));
  } else if (command.verb == nullptr) {
    throw usage_error("what shall be done? see ticketctl --help");
  } else {
    verb.run(arguments, invocation);
  }
}

/// For errors, which may be about the flags themselves; so it looks for the one that it needs.
Output error_output(const std::vector<std::string>& words, World& world) {
  GlobalOptions options;
  options.no_color = std::find(words.begin(), words.end(), "--no-color") != words.end() ||
                     !world.variable("TICKETING_NO_COLOR").value_or("").empty();
  return Output{world.out, world.err, style_of(options, world)};
}

}  // namespace

Command command_of(const std::vector<std::string>& words) {
  Command command{nullptr, words};
  std::size_t at = next_operand(words, 0);
  if (at < words.size() && words[at] == "help") {
    command.words[at] = "--help";
    at = next_operand(command.words, at);
  }
  if (at == command.words.size()) return command;
  const std::string word = command.words[at];
  command.words.erase(command.words.begin() + static_cast<std::ptrdiff_t>(at));
  command.verb = verb_named(word);
  if (command.verb == nullptr && !verbs_of_noun(word).empty()) {
    command.verb = verb_of_noun(command.words, at, word);
  }
  if (command.verb == nullptr) unknown_verb(word, first_words());
  return command;
}

std::string message_of(const Error& error, const Verb* verb) {
  std::string message;
  for (const FieldError& complaint : error.fields()) {
    if (!message.empty()) message += "; ";
    if (!complaint.field.empty()) message += complaint.field + ": ";
    message += complaint.message;
  }
  std::string hint{hint_of(error)};
  if (is_usage_error(error) && verb != nullptr) {
    hint = "see ticketctl " + std::string{verb->name} + " --help";
  }
  if (hint.empty()) return message;
  return message + (message.ends_with('?') ? " " : "; ") + hint;
}

int run(const std::vector<std::string>& words, World& world) {
  Command command;
  try {
    command = command_of(words);
    execute(command, world);
    return 0;
  } catch (const Error& error) {
    error_output(words, world).error(message_of(error, command.verb));
    return is_usage_error(error) ? kExitUsage : policy_of(error.code()).exit_status;
  } catch (const std::exception& error) {
    error_output(words, world).error(error.what());
    return kExitFailed;
  }
}

}  // namespace ticketing::cli
