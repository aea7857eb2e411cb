#pragma once
// Where passwords come from: a file, standard input, the environment or a prompt without echo;
// never argv, which every user of the machine can read.

#include <string>

#include "arguments.hpp"
#include "world.hpp"

namespace ticketing::cli {

struct PasswordSource {
  std::string file;             ///< `--password-file`; its first line.
  bool standard_input = false;  ///< `--password-stdin`; its first line.
};

PasswordSource password_source(const Arguments& arguments);

/// The password; a prompt asks twice when `is_new`. Throws Error(invalid) that names the ways to
/// give one when there is none, and when a file cannot be read.
std::string read_password(const PasswordSource& source, World& world, bool is_new);

}  // namespace ticketing::cli
