#pragma once
// BusSecurity: who this process is on the bus, and whom it lets in: its key pair, and an allow-list
// of the peers' public keys with what each may read.
//
// Keys are Curve25519 keys as CurveZMQ has them, in Z85: 40 characters. The files are described in
// docs/reference/wire.md and made by `ticketctl keys new`. Immutable once loaded: any thread.
// Throws Error: invalid – a file is malformed, missing, or open to others, with what to do about
// it; unavailable – a file cannot be written.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ticketing {

struct KeyPair {
  std::string public_key;
  std::string secret_key;
};

/// A new one, from the system's randomness.
KeyPair make_key_pair();
/// Requires mode 0600 or less: whoever reads the file can speak as its owner.
KeyPair read_key_pair(const std::string& path);
/// Writes it with mode 0600 for the peer `name`. Never over a file that is there.
void write_key_pair(const std::string& path, const std::string& name, const KeyPair& keys);

/// A line of the allow-list.
struct AllowedPeer {
  /// The first is what logs call it; each may name a log or a consumer of its own.
  std::vector<std::string> names;
  std::string public_key;
  /// What it may read: `*`, a kind of subjects as `order:*`, or a subject. Empty: nothing.
  std::vector<std::string> subjects;

  const std::string& name() const { return names.front(); }
  bool has_name(std::string_view name) const;
  bool reads_all() const;
  bool may_read(std::string_view subject) const;
  /// As it stands in the file.
  std::string line() const;
};

class AllowList {
 public:
  /// `origin` is what errors call the text.
  static AllowList parse(std::string_view text, const std::string& origin);
  /// The file may be read by all, and written by its owner alone.
  static AllowList read(const std::string& path);

  /// nullptr when nobody has it. Valid as long as this.
  const AllowedPeer* by_key(std::string_view public_key) const;
  const AllowedPeer* by_name(std::string_view name) const;
  const std::vector<AllowedPeer>& peers() const { return peers_; }

 private:
  std::vector<AllowedPeer> peers_;
};

struct BusSecurity {
  KeyPair keys;
  AllowList allowed;
  std::string allow_file;  ///< For messages that say what to write where.

  /// Of `--bus-key` and `--bus-allow`. nullptr when neither is given; one needs the other.
  static std::shared_ptr<const BusSecurity> load(const std::string& key_file,
                                                 const std::string& allow_file);
  /// The public key of the publisher `name`. Throws Error(invalid) when the allow-list has none.
  const std::string& key_of(std::string_view name) const;
};

}  // namespace ticketing
