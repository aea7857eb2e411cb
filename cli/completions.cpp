// Completions: what a shell offers at the cursor, from the table of verbs. In bash and zsh one
// function finds the verb among the words and offers its flags, its second word, or the values
// that are known; fish takes a line for each.

#include <algorithm>

#include "arguments.hpp"
#include "manual.hpp"

namespace ticketing::cli {
namespace {

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : " ") + std::string{word};
  return text;
}

std::string first_word(const Verb& verb) {
  return std::string{verb.name.substr(0, verb.name.find(' '))};
}

std::string second_word(const Verb& verb) {
  const auto blank = verb.name.find(' ');
  return blank == std::string_view::npos ? "" : std::string{verb.name.substr(blank + 1)};
}

void add_once(std::vector<std::string>& words, const std::string& word) {
  if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
}

/// The words that can come first.
std::vector<std::string> first_words() {
  std::vector<std::string> words{"help"};
  for (const Verb& verb : verbs()) add_once(words, first_word(verb));
  return words;
}

std::vector<std::string_view> second_words(std::string_view noun) {
  std::vector<std::string_view> words;
  for (const Verb& verb : verbs()) {
    if (first_word(verb) == noun && !second_word(verb).empty()) {
      words.push_back(verb.name.substr(noun.size() + 1));
    }
  }
  return words;
}

std::string flags_text(std::span<const Flag> flags) {
  std::string text;
  for (const Flag& flag : flags) text += " --" + std::string{flag.name};
  return text;
}

/// What a verb's operands can be, one after the other being alike.
std::vector<std::string_view> operand_choices(const Verb& verb) {
  std::vector<std::string_view> all;
  for (const Operand& operand : operands_of(verb)) {
    for (const std::string_view choice : choices_of(operand.name)) {
      if (std::find(all.begin(), all.end(), choice) == all.end()) all.push_back(choice);
    }
  }
  return all;
}

/// Lines of a `case` on `--flag`: what the value can be, or that it is a path.
void add_values(std::span<const Flag> flags, std::vector<std::string>& lines) {
  for (const Flag& flag : flags) {
    if (flag.value.empty()) continue;
    const bool is_file = flag.value == kFileValue;
    const std::string text = is_file ? "files=1" : "known='" + joined(choices_of(flag.value)) + "'";
    add_once(lines, "    --" + std::string{flag.name} + ") " + text + " ;;\n");
  }
}

std::string values_table() {
  std::vector<std::string> lines;
  add_values(global_flags(), lines);
  for (const Verb& verb : verbs()) add_values(verb.flags, lines);
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

/// Lines of a `case` on the verb: its flags, and what its operands can be.
std::string verbs_table() {
  std::string text;
  for (const Verb& verb : verbs()) {
    text += "    '" + std::string{verb.name} + "') flags='" + flags_text(verb.flags) + "' known='" +
            joined(operand_choices(verb)) + "' ;;\n";
  }
  return text;
}

std::string nouns_table() {
  std::string text;
  for (const std::string& word : first_words()) {
    const auto seconds = second_words(word);
    if (!seconds.empty()) text += "    " + word + ") known='" + joined(seconds) + "' ;;\n";
  }
  return text;
}

/// The part that bash and zsh share: from `words`, which end with that at the cursor, to `known`
/// and `files`. `$index` counts from the word behind the program's name.
std::string shared_script(const std::string& loop) {
  std::string text = "  local verb='' noun='' known='' flags='' files='' pending='' word\n" + loop;
  text += "  if [[ -n $pending ]]; then\n    case $pending in\n" + values_table() +
          "    *) ;;\n    esac\n  else\n    case \"$noun\" in\n    '') known='";
  std::string firsts;
  for (const std::string& word : first_words()) firsts += (firsts.empty() ? "" : " ") + word;
  text += firsts + "' ;;\n" + nouns_table() + "    esac\n    case \"$verb\" in\n" + verbs_table() +
          "    *) ;;\n    esac\n    if [[ $cur == -* ]]; then\n      known=\"$flags" +
          flags_text(global_flags()) + " --help --version\"\n    fi\n  fi\n";
  return text;
}

/// Tells the verb from flags and their values.
std::string reading_of_words() {
  std::string nouns;
  std::string valued;
  for (const std::string& word : first_words()) {
    if (!second_words(word).empty()) nouns += (nouns.empty() ? "" : "|") + word;
  }
  std::vector<std::string> flags;
  for (const auto& flag : global_flags()) {
    if (!flag.value.empty()) add_once(flags, "--" + std::string{flag.name});
  }
  for (const Verb& verb : verbs()) {
    for (const Flag& flag : verb.flags) {
      if (!flag.value.empty()) add_once(flags, "--" + std::string{flag.name});
    }
  }
  for (const std::string& flag : flags) valued += (valued.empty() ? "" : "|") + flag;
  return "    if [[ -n $pending ]]; then pending=''; continue; fi\n"
         "    case $word in\n"
         "    " +
         valued +
         ") pending=$word ;;\n"
         "    -*|help) ;;\n"
         "    *)\n"
         "      if [[ -z $noun ]]; then\n"
         "        noun=$word\n"
         "        case $word in " +
         nouns +
         ") ;; *) verb=$word ;; esac\n"
         "      elif [[ -z $verb ]]; then\n"
         "        verb=\"$noun $word\"\n"
         "      fi ;;\n"
         "    esac\n";
}

std::string bash_script() {
  // bash cuts words at colons, which subjects and statuses hold: so the line is read anew, and what
  // stands before the last colon is taken off again.
  return "# bash completion for ticketctl, made by `ticketctl completions bash`.\n"
         "_ticketctl() {\n"
         "  local line=${COMP_LINE:0:COMP_POINT} cur='' words\n"
         "  read -ra words <<< \"$line\"\n"
         "  if [[ $line != *' ' ]]; then\n"
         "    cur=${words[${#words[@]}-1]}\n"
         "    unset \"words[${#words[@]}-1]\"\n"
         "  fi\n" +
         shared_script("  for word in \"${words[@]:1}\"; do\n" + reading_of_words() + "  done\n") +
         "  if [[ -n $files ]]; then\n"
         "    compopt -o filenames 2>/dev/null || :\n"
         "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
         "    return\n"
         "  fi\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$known\" -- \"$cur\")\n"
         "  if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then\n"
         "    COMPREPLY=(\"${COMPREPLY[@]#\"${cur%\"${cur##*:}\"}\"}\")\n"
         "  fi\n"
         "}\n"
         "complete -F _ticketctl ticketctl\n";
}

std::string zsh_script() {
  return "#compdef ticketctl\n"
         "# zsh completion for ticketctl, made by `ticketctl completions zsh`.\n"
         "_ticketctl() {\n"
         "  local cur=${words[CURRENT]}\n" +
         shared_script("  for word in \"${(@)words[2,CURRENT-1]}\"; do\n" + reading_of_words() +
                       "  done\n") +
         "  if [[ -n $files ]]; then\n"
         "    _files\n"
         "  else\n"
         "    compadd -- ${=known}\n"
         "  fi\n"
         "}\n"
         "if [[ ${(%):-%N} == _ticketctl ]]; then\n"
         "  _ticketctl \"$@\"\n"
         "else\n"
         "  compdef _ticketctl ticketctl\n"
         "fi\n";
}

/// A text between single quotes, for fish.
std::string quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + '\'';
}

std::string fish_flag(const std::string& condition, const Flag& flag) {
  std::string line = "complete -c ticketctl" + condition + " -l " + std::string{flag.name};
  const auto choices = choices_of(flag.value);
  if (flag.value == kFileValue) {
    line += " -r -F";
  } else if (!flag.value.empty()) {
    line += choices.empty() ? " -x" : " -x -a " + quoted(joined(choices));
  }
  return line + " -d " + quoted(flag.help) + '\n';
}

std::string fish_words(const std::string& condition, std::string_view words,
                       std::string_view help) {
  std::string line = "complete -c ticketctl" + condition + " -a " + quoted(words);
  if (!help.empty()) line += " -d " + quoted(help);
  return line + '\n';
}

std::string fish_condition(const Verb& verb) {
  std::string condition = "__fish_seen_subcommand_from " + first_word(verb);
  if (!second_word(verb).empty()) {
    condition += "; and __fish_seen_subcommand_from " + second_word(verb);
  }
  return " -n " + quoted(condition);
}

std::string fish_verb(const Verb& verb) {
  const std::string noun = first_word(verb);
  const std::string second = second_word(verb);
  std::string text;
  if (second.empty()) {
    text += fish_words(" -n __fish_use_subcommand", noun, verb.help);
  } else {
    const std::string seconds = joined(second_words(noun));
    const std::string condition =
        "__fish_seen_subcommand_from " + noun + "; and not __fish_seen_subcommand_from " + seconds;
    text += fish_words(" -n __fish_use_subcommand", noun, seconds);
    text += fish_words(" -n " + quoted(condition), second, verb.help);
  }
  const auto choices = operand_choices(verb);
  if (!choices.empty()) text += fish_words(fish_condition(verb), joined(choices), "");
  for (const Flag& flag : verb.flags) text += fish_flag(fish_condition(verb), flag);
  return text;
}

std::string fish_script() {
  std::string text =
      "# fish completion for ticketctl, made by `ticketctl completions fish`.\n"
      "complete -c ticketctl -f\n";
  for (const Flag& flag : global_flags()) text += fish_flag("", flag);
  for (const Verb& verb : verbs()) text += fish_verb(verb);
  return text;
}

}  // namespace

std::string completions_for(Shell shell) {
  switch (shell) {
    case Shell::bash:
      return bash_script();
    case Shell::zsh:
      return zsh_script();
    case Shell::fish:
      return fish_script();
  }
  return {};
}

}  // namespace ticketing::cli
