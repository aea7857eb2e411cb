#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "ticketing/core/error.hpp"
#include "ticketing/messaging/bus_security.hpp"

namespace ticketing {

namespace {

constexpr std::size_t kKeyFileMax = 4'096;
using KeyText = std::array<char, 41>;  // 40 characters and a NUL.

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::invalid, "the key file " + path + " " + why);
}

/// An open file, closed on every way out.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

void require_private(int file, const std::string& path) {
  struct stat status {};
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) refuse(path, "is no regular file");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    refuse(path, "is open to other users; run: chmod 600 " + path);
  }
}

std::string read_private(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer before it is refused.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number() < 0) {
    refuse(path, std::string{"cannot be read: "} + std::strerror(errno) +
                     "; make one with: ticketctl keys new NAME");
  }
  require_private(file.number(), path);
  std::string text(kKeyFileMax, '\0');
  const ssize_t count = ::read(file.number(), text.data(), text.size());
  if (count < 0) refuse(path, std::string{"cannot be read: "} + std::strerror(errno));
  text.resize(static_cast<std::size_t>(count));
  return text;
}

/// The key that belongs to `secret_key`; empty when that is none.
std::string public_key_of(const std::string& secret_key) {
  KeyText key{};
  if (secret_key.size() + 1 != key.size()) return {};
  return ::zmq_curve_public(key.data(), secret_key.c_str()) == 0 ? key.data() : std::string{};
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return ::fsync(file) == 0;
}

}  // namespace

KeyPair make_key_pair() {
  KeyText public_key{};
  KeyText secret_key{};
  if (::zmq_curve_keypair(public_key.data(), secret_key.data()) != 0) {
    throw Error(ErrorCode::unavailable, "this build of libzmq has no CURVE");
  }
  return {public_key.data(), secret_key.data()};
}

KeyPair read_key_pair(const std::string& path) {
  KeyPair keys;
  std::istringstream lines{read_private(path)};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words{line};
    std::string kind;
    std::string key;
    words >> kind >> key;
    if (kind == "public") keys.public_key = key;
    if (kind == "secret") keys.secret_key = key;
  }
  if (keys.public_key.empty() || keys.public_key != public_key_of(keys.secret_key)) {
    refuse(path, "does not hold a public key and the secret key that belongs to it");
  }
  return keys;
}

void write_key_pair(const std::string& path, const std::string& name, const KeyPair& keys) {
  const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  const bool exists = file.number() < 0 && errno == EEXIST;
  if (exists) refuse(path, "is there already, and is not replaced; choose another name");
  const std::string text = "# Key of " + name + " on the bus. Secret: whoever reads it is " + name +
                           ".\npublic " + keys.public_key + "\nsecret " + keys.secret_key + '\n';
  if (file.number() >= 0 && write_all(file.number(), text)) return;
  const std::string reason = std::strerror(errno);
  if (file.number() >= 0) ::unlink(path.c_str());
  throw Error(ErrorCode::unavailable, "cannot write the key file " + path + ": " + reason);
}

std::shared_ptr<const BusSecurity> BusSecurity::load(const std::string& key_file,
                                                     const std::string& allow_file) {
  if (key_file.empty() && allow_file.empty()) return nullptr;
  if (allow_file.empty()) {
    throw Error(ErrorCode::invalid, "--bus-key needs --bus-allow FILE: the keys of its peers");
  }
  if (key_file.empty()) {
    throw Error(ErrorCode::invalid,
                "--bus-allow needs --bus-key FILE; make one with: ticketctl keys new NAME");
  }
  return std::make_shared<const BusSecurity>(
      BusSecurity{read_key_pair(key_file), AllowList::read(allow_file), allow_file});
}

const std::string& BusSecurity::key_of(std::string_view name) const {
  const AllowedPeer* const peer = allowed.by_name(name);
  if (peer != nullptr) return peer->public_key;
  throw Error(ErrorCode::invalid, "the key of the publisher \"" + std::string{name} +
                                      "\" is not known; write to " + allow_file +
                                      " the line: " + std::string{name} + " ITS_PUBLIC_KEY -");
}

}  // namespace ticketing
