#include <sys/stat.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <sstream>

#include "ticketing/core/error.hpp"
#include "ticketing/messaging/bus_security.hpp"

namespace ticketing {

namespace {

constexpr std::size_t kKeyCharacters = 40;
constexpr std::size_t kNameMax = 64;
constexpr std::string_view kAll = "*";
constexpr std::string_view kNothing = "-";

[[noreturn]] void refuse(const std::string& origin, const std::string& why) {
  throw Error(ErrorCode::invalid, origin + ": " + why);
}

bool is_key(const std::string& text) {
  std::array<std::uint8_t, 32> bytes{};
  return text.size() == kKeyCharacters && ::zmq_z85_decode(bytes.data(), text.c_str()) != nullptr;
}

bool is_name(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !text.empty() && text.size() <= kNameMax &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// A star stands for the rest, and so at the end or nowhere.
bool is_pattern(std::string_view text) {
  const std::size_t star = text.find('*');
  const bool star_ends = star == std::string_view::npos || star + 1 == text.size();
  return !text.empty() && text.front() != '~' && text != kNothing && star_ends;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

AllowedPeer parse_line(const std::string& line, const std::string& origin) {
  std::istringstream words{line};
  std::string names;
  std::string key;
  std::string subjects;
  std::string more;
  if (!(words >> names >> key >> subjects) || words >> more) {
    refuse(origin, "expected NAME KEY SUBJECTS, as in: orders KEY *");
  }
  if (!is_key(key)) refuse(origin, "\"" + key + "\" is not a public key: 40 characters of Z85");
  AllowedPeer peer{split(names), key, {}};
  if (subjects != kNothing) peer.subjects = split(subjects);
  for (const std::string& name : peer.names) {
    if (!is_name(name)) refuse(origin, "\"" + name + "\" is not a name");
  }
  for (const std::string& subject : peer.subjects) {
    if (is_pattern(subject)) continue;
    refuse(origin, "\"" + subject + "\" names no subjects; write *, order:*, order:created or -");
  }
  return peer;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

void require_unwritable_by_others(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return;
  refuse(path, "others may write to it, and so let themselves in; run: chmod go-w " + path);
}

}  // namespace

bool AllowedPeer::has_name(std::string_view name) const {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool AllowedPeer::reads_all() const {
  return std::find(subjects.begin(), subjects.end(), kAll) != subjects.end();
}

bool AllowedPeer::may_read(std::string_view subject) const {
  return std::any_of(subjects.begin(), subjects.end(), [&](std::string_view pattern) {
    if (!pattern.ends_with('*')) return subject == pattern;
    return subject.starts_with(pattern.substr(0, pattern.size() - 1));
  });
}

std::string AllowedPeer::line() const {
  return joined(names) + ' ' + public_key + ' ' +
         (subjects.empty() ? std::string{kNothing} : joined(subjects));
}

AllowList AllowList::parse(std::string_view text, const std::string& origin) {
  AllowList list;
  std::istringstream lines{std::string{text}};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    // Only a line that begins with it is a comment: keys may hold a `#`.
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos || line[first] == '#') continue;
    const std::string where = origin + ":" + std::to_string(number);
    AllowedPeer peer = parse_line(line, where);
    if (list.by_key(peer.public_key) != nullptr) {
      refuse(where, "this key stands above already; write the names to one line: " +
                        list.by_key(peer.public_key)->name() + "," + peer.name());
    }
    for (const std::string& name : peer.names) {
      if (list.by_name(name) != nullptr) refuse(where, "\"" + name + "\" stands above already");
    }
    list.peers_.push_back(std::move(peer));
  }
  return list;
}

AllowList AllowList::read(const std::string& path) {
  std::ifstream file{path};
  std::string text;
  for (std::string line; std::getline(file, line);) text += line + '\n';
  if (!file.eof()) {  // Missing, not ours to read, or a folder.
    refuse(path, "cannot read the allow-list; write to it a line for each peer: NAME KEY SUBJECTS");
  }
  require_unwritable_by_others(path);
  return parse(text, path);
}

const AllowedPeer* AllowList::by_key(std::string_view public_key) const {
  const auto found = std::find_if(peers_.begin(), peers_.end(), [&](const AllowedPeer& peer) {
    return peer.public_key == public_key;
  });
  return found == peers_.end() ? nullptr : &*found;
}

const AllowedPeer* AllowList::by_name(std::string_view name) const {
  const auto found = std::find_if(peers_.begin(), peers_.end(),
                                  [&](const AllowedPeer& peer) { return peer.has_name(name); });
  return found == peers_.end() ? nullptr : &*found;
}

}  // namespace ticketing
