#include "help.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "manual.hpp"

namespace ticketing::cli {
namespace {

using Line = std::pair<std::string, std::string>;

std::string two_columns(const std::vector<Line>& lines) {
  std::size_t width = 0;
  for (const Line& line : lines) width = std::max(width, line.first.size());
  std::string text;
  for (const auto& [left, right] : lines) {
    text += "  " + left + std::string(width - left.size() + 2, ' ') + right + '\n';
  }
  return text;
}

std::string usage_of(const Verb& verb) {
  std::string usage{verb.name};
  if (!verb.operands.empty()) usage += ' ' + std::string{verb.operands};
  return usage;
}

Line line_of(const Flag& flag) {
  std::string left = "--" + std::string{flag.name};
  if (!flag.value.empty()) left += ' ' + std::string{flag.value};
  std::string right{flag.help};
  right += " [" + variable_of(flag) + ']';
  if (!flag.fallback.empty()) right += " (default " + std::string{flag.fallback} + ')';
  return {std::move(left), std::move(right)};
}

std::string flags_text(std::string_view heading, std::span<const Flag> flags) {
  std::vector<Line> lines;
  for (const Flag& flag : flags) lines.push_back(line_of(flag));
  return '\n' + std::string{heading} + ":\n" + two_columns(lines);
}

std::string exit_statuses() {
  std::vector<Line> lines;
  for (const ExitStatus& status : kExitStatuses) lines.emplace_back(status.number, status.meaning);
  return "\nExit status:\n" + two_columns(lines);
}

}  // namespace

std::string help_text() {
  std::string text =
      "ticketctl: sell, order and pay for tickets, and watch the events that this causes\n\n"
      "Usage: ticketctl VERB [ARGUMENTS] [FLAGS]\n\nVerbs:\n";
  std::vector<Line> lines;
  for (const Verb& verb : verbs()) lines.emplace_back(usage_of(verb), verb.help);
  text += two_columns(lines);
  text += flags_text("Flags of every verb [and their variables]", global_flags());
  text += two_columns({{"--help, --version", ""}});
  text += exit_statuses();
  text += "\nMore about a verb: ticketctl VERB --help\n";
  while (text.find(" \n") != std::string::npos) text.erase(text.find(" \n"), 1);
  return text;
}

std::string help_text(const Verb& verb) {
  std::string text = "Usage: ticketctl " + usage_of(verb) + " [FLAGS]\n\n";
  text += std::string{verb.help} + '\n';
  if (const auto example = example_of(verb); !example.empty()) {
    text += "\nExample:\n  " + std::string{example} + '\n';
  }
  if (!verb.flags.empty()) text += flags_text("Flags [and their variables]", verb.flags);
  return text + flags_text("Flags of every verb", global_flags());
}

}  // namespace ticketing::cli
