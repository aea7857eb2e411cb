#include "password.hpp"

#include <fstream>
#include <istream>

namespace ticketing::cli {
namespace {

/// The first line, so that a file may end in a line break and hold notes behind it.
std::string first_line(std::istream& stream, const std::string& origin) {
  std::string line;
  if (!std::getline(stream, line)) throw usage_error("there is no password in " + origin);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

std::string from_prompt(World& world, bool is_new) {
  std::string password = world.ask_secret("Password: ");
  if (is_new && world.ask_secret("Once more: ") != password) {
    throw usage_error("the two passwords differ; try again");
  }
  return password;
}

}  // namespace

PasswordSource password_source(const Arguments& arguments) {
  PasswordSource source{arguments.text("password-file"), arguments.is_set("password-stdin")};
  if (!source.file.empty() && source.standard_input) {
    throw usage_error("--password-file and --password-stdin exclude each other");
  }
  return source;
}

std::string read_password(const PasswordSource& source, World& world, bool is_new) {
  if (!source.file.empty()) {
    std::ifstream file{source.file};
    if (!file) throw usage_error("cannot read the password file " + source.file);
    return first_line(file, source.file);
  }
  if (source.standard_input) return first_line(world.in, "standard input");
  if (auto password = world.variable("TICKETING_PASSWORD")) return std::move(*password);
  if (world.in_is_terminal) return from_prompt(world, is_new);
  throw usage_error(
      "no password; pass --password-stdin or --password-file, or set TICKETING_PASSWORD");
}

}  // namespace ticketing::cli
