#include "auth/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "auth/sodium.hpp"
#include "ticketing/core/error.hpp"

namespace ticketing::auth {
namespace {

constexpr std::size_t kHexDigits = 2 * SigningKey::kSeedBytes;
/// Room for a line end, for one byte too many, and for the NUL that libsodium writes.
using Text = std::array<char, kHexDigits + 2>;

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

/// Characters that are secret, cleared on every way out.
struct SecretText {
  Text text{};
  SecretText() = default;
  ~SecretText() { ::sodium_memzero(text.data(), text.size()); }
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
};

[[noreturn]] void throw_corrupt(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::corrupt, "key file " + path + " " + why);
}

[[noreturn]] void throw_unwritable(const std::string& path) {
  throw Error(ErrorCode::unavailable,
              "cannot write key file " + path + ": " + std::strerror(errno));
}

/// Whoever can read or replace the key can sign in as anyone.
void require_private(int file, const std::string& path) {
  struct stat status {};
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    throw_corrupt(path, "is not a regular file");
  }
  const bool ours = status.st_uid == ::geteuid() || status.st_uid == 0;
  if (!ours) throw_corrupt(path, "belongs to another user");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    throw_corrupt(path, "is open to other users; run chmod 600 on it");
  }
}

std::size_t read_all(int file, Text& text, const std::string& path) {
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file, text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_corrupt(path, std::string("cannot be read: ") + std::strerror(errno));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return size;
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// Makes the new name in `path`'s folder survive a power cut.
bool sync_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const Descriptor file(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return file.number() >= 0 && ::fsync(file.number()) == 0;
}

/// Writes `text` beside its final place under a name of its own, and yields that name.
std::string write_draft(const std::string& path, std::string_view text) {
  std::string draft = path + ".XXXXXX";
  const Descriptor file(::mkostemp(draft.data(), O_CLOEXEC));  // Made with mode 0600.
  if (file.number() < 0) throw_unwritable(path);
  if (!write_all(file.number(), text) || ::fsync(file.number()) != 0) {
    const int reason = errno;
    ::unlink(draft.c_str());
    errno = reason;
    throw_unwritable(path);
  }
  return draft;
}

}  // namespace

bool read_key_file(const std::string& path, SigningKey::Seed& seed) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer before it is refused.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) {
    if (errno == ENOENT) return false;
    throw_corrupt(path, std::string("cannot be read: ") + std::strerror(errno));
  }
  require_private(file.number(), path);
  SecretText secret;
  std::size_t size = read_all(file.number(), secret.text, path);
  if (size == kHexDigits + 1 && secret.text[kHexDigits] == '\n') --size;
  std::size_t seed_size = 0;
  const int result = ::sodium_hex2bin(reinterpret_cast<unsigned char*>(seed.data()), seed.size(),
                                      secret.text.data(), size, nullptr, &seed_size, nullptr);
  if (size != kHexDigits || result != 0 || seed_size != seed.size()) {
    throw_corrupt(path, "does not hold 64 hex digits");
  }
  return true;
}

void create_key_file(const std::string& path, const SigningKey::Seed& seed) {
  SecretText secret;
  ::sodium_bin2hex(secret.text.data(), secret.text.size(),
                   reinterpret_cast<const unsigned char*>(seed.data()), seed.size());
  secret.text[kHexDigits] = '\n';
  const std::string draft = write_draft(path, {secret.text.data(), kHexDigits + 1});
  // A link, and not a rename: of two processes that start at once, the first keeps its key.
  const bool placed = ::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const int reason = errno;
  ::unlink(draft.c_str());
  errno = reason;
  if (!placed || !sync_folder_of(path)) throw_unwritable(path);
}

}  // namespace ticketing::auth
