// Keys: new.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "invocation.hpp"
#include "ticketing/messaging/bus_security.hpp"
#include "verbs.hpp"

namespace ticketing::cli {
namespace {

namespace fs = std::filesystem;

struct NewKeysOptions {
  std::string name;
  fs::path folder;
};

NewKeysOptions parse_new_keys(const Arguments& arguments) {
  return {arguments.text("NAME"), arguments.text("out")};
}

/// What is written of the new keys; the secret one stays in its file.
struct NewKeys {
  std::string name;
  std::string public_key;
  std::string key_file;
  std::string public_file;
  std::string line;
  static constexpr std::array kFields{
      field<&NewKeys::name>("name"), field<&NewKeys::public_key>("publicKey"),
      field<&NewKeys::key_file>("keyFile"), field<&NewKeys::public_file>("publicFile"),
      field<&NewKeys::line>("line")};
};

/// The line of an allow-list that lets the owner read everything. Throws for what is no name.
std::string line_of(const std::string& name, const KeyPair& keys) {
  try {
    const AllowList list = AllowList::parse(name + ' ' + keys.public_key + " *", "NAME");
    // A list may give one key several names; a file has one.
    if (list.by_name(name) != nullptr) return list.peers().front().line();
  } catch (const Error&) {
    // A name that no list may have is refused below.
  }
  throw usage_error("\"" + name + "\" is not a name for a key; write letters, digits, '-', '_' " +
                    "or '.'");
}

/// Never over a file that is there.
void write_public(const fs::path& path, const std::string& line) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  const std::string text = line + '\n';
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int reason = errno;
  if (file >= 0) ::close(file);
  if (written) return;
  throw usage_error("cannot write " + path.string() + ": " + std::strerror(reason));
}

void make_keys(const NewKeysOptions& options, Invocation& invocation) {
  const KeyPair keys = make_key_pair();
  const std::string line = line_of(options.name, keys);
  const fs::path key_file = options.folder / (options.name + ".key");
  const fs::path public_file = options.folder / (options.name + ".pub");
  if (fs::exists(public_file)) {
    throw usage_error(public_file.string() + " is there already, and is not replaced");
  }
  try {
    write_key_pair(key_file, options.name, keys);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid) throw;
    throw usage_error(error.what());
  }
  write_public(public_file, line);
  Output& output = invocation.output();
  if (output.json()) {
    return output.record(
        NewKeys{options.name, keys.public_key, key_file.string(), public_file.string(), line});
  }
  output.line(line);
  output.note("wrote " + key_file.string() + ", which is secret, and " + public_file.string() +
              "; the line above goes to the --bus-allow of its peers, with what it may read: " +
              "*, order:*, order:created or - for nothing");
}

}  // namespace

void new_keys(const Arguments& arguments, Invocation& invocation) {
  run_verb<&parse_new_keys, &make_keys>(arguments, invocation);
}

}  // namespace ticketing::cli
