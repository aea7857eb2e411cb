#include "manual.hpp"

#include <algorithm>

#include "invocation.hpp"
#include "suggestion.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

/// `text` as roff shows it: no escapes, no requests at a line's start, hyphens that can be copied.
std::string roff(std::string_view text) {
  std::string result;
  if (text.starts_with('.') || text.starts_with('\'')) result = "\\&";
  for (const char c : text) {
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else {
      result += c;
    }
  }
  return result;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

std::string section(std::string_view name) { return ".SH " + std::string{name} + '\n'; }

std::string item(const std::string& left, const std::string& text) {
  return ".TP\n" + left + '\n' + text + '\n';
}

std::string flag_item(const Flag& flag) {
  std::string left = bold("--" + std::string{flag.name});
  if (!flag.value.empty()) left += ' ' + italic(flag.value);
  std::string text = roff(flag.help) + " (" + variable_of(flag) + ')';
  if (!flag.fallback.empty()) text += ". Default: " + roff(flag.fallback);
  return item(left, text + '.');
}

std::string verb_text(const Verb& verb) {
  std::string text = ".SS " + roff(verb.name);
  if (!verb.operands.empty()) text += ' ' + roff(verb.operands);
  text += '\n' + roff(verb.help) + ".\n";
  for (const Flag& flag : verb.flags) text += flag_item(flag);
  if (const auto example = example_of(verb); !example.empty()) {
    text += ".PP\n.EX\n" + roff(example) + "\n.EE\n";
  }
  return text;
}

std::string exit_statuses() {
  std::string text = section("EXIT STATUS");
  for (const ExitStatus& status : kExitStatuses) {
    text += item(bold(status.number), roff(status.meaning));
  }
  return text;
}

std::string files() {
  return section("FILES") +
         item(italic("$XDG_STATE_HOME/ticketing/PROFILE.token"),
              "The session of a profile; by default below " + italic("~/.local/state") + '.') +
         item(italic("$XDG_CONFIG_HOME/ticketing/PROFILE.profile"),
              "The addresses of a profile; by default below " + italic("~/.config") + '.') +
         item(italic("$XDG_CONFIG_HOME/ticketing/profile"), "The name of the profile in use.") +
         ".PP\nAll have mode 0600 and are refused when others can read or change them.\n";
}

Shell parse_shell(const Arguments& arguments) {
  const std::string name = arguments.text("SHELL");
  if (const auto shell = value_named<Shell>(name)) return *shell;
  const auto meant = nearest(name, kShellNames);
  throw usage_error("there are completions for bash, zsh and fish, not for '" + name + "'" +
                    (meant ? "; did you mean '" + *meant + "'?" : ""));
}

void print_completions(const Shell& shell, Invocation& invocation) {
  invocation.output().text(completions_for(shell));
}

}  // namespace

std::string manual_page(std::string_view version) {
  std::string text =
      ".TH TICKETCTL 1 \"\" \"libticketing " + std::string{version} + "\"\n" + section("NAME") +
      "ticketctl \\- sell, order and pay for tickets, and watch the events\n" +
      section("SYNOPSIS") + bold("ticketctl") + ' ' + italic("VERB") + " [" + italic("ARGUMENTS") +
      "] [" + italic("FLAGS") + "]\n" + section("DESCRIPTION") +
      "The command\\-line client of the ticket marketplace. Data goes to standard "
      "output, messages go to\nstandard error.\n";
  text += section("VERBS");
  for (const Verb& verb : verbs()) text += verb_text(verb);
  text += section("FLAGS OF EVERY VERB") +
          "A flag beats the variable that stands behind it, which beats the profile.\n";
  for (const Flag& flag : global_flags()) text += flag_item(flag);
  text += item(bold("--help"), "What the verb does and takes.") +
          item(bold("--version"), "The version.");
  return text + exit_statuses() + files();
}

void print_shell_completions(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_shell, &print_completions>(arguments, invocation);
}

void print_manual(const Arguments&, Invocation& invocation) {
  invocation.output().text(manual_page(TICKETCTL_VERSION));
}

}  // namespace ticketing::cli
